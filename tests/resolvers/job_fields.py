"""The acts on many things at once, for the table of root fields."""

from __future__ import annotations

from tests.resolvers.root_field import act

MIGRATION = {"to": {"planId": "enterprise"}, "when": "AT_RENEWAL", "prices": "NEW"}

JOB_ACTS = (
    act(
        "planMigrationStart",
        "PlanMigrationStarted",
        "job { id state } replayed",
        lambda h: {**MIGRATION, "from": {"planId": h.plan}},
        scope="jobs:write",
    ),
    act(
        "planMigrationUndo",
        "PlanMigrationUndoStarted",
        "job { id state } replayed",
        lambda h: {"id": h.job},
        scope="jobs:write",
    ),
    act(
        "subscriptionsCancel",
        "SubscriptionsCancelStarted",
        "job { id state } replayed",
        lambda h: {"subscriptions": {"filter": {"customers": [h.ref]}}, "timing": "END_OF_PERIOD"},
        scope="jobs:write",
        also="subscriptions:write",
    ),
    act(
        "subscriptionsCancelUndo",
        "SubscriptionsCancelUndoStarted",
        "job { id state } replayed",
        lambda h: {"id": h.ending},
        scope="jobs:write",
        also="subscriptions:write",
    ),
    act("jobCancel", "JobCanceled", "job { id state } replayed", lambda h: {"id": h.job}, scope="jobs:write"),
)
