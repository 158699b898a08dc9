"""A subscription as it is answered: where it stands, how it ends, what a change would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.schema.test_asking import subscribed

if TYPE_CHECKING:
    from tests.schema.asking import World


async def test_a_subscription_tells_where_it_stands_and_what_is_around_it(asked: World) -> None:
    subscription = await subscribed(asked)

    answer = await asked.ask(
        """query ($id: ID!) { subscription(id: $id) {
          status state quantity resourceId currency interval { unit count } currentPeriod { start end } trialEnd
          naturalPeriodEnd renewsAt cancelAt endedAt collection billedBy metadata cancellation { reason }
          customer { externalId subscriptions(first: 1) { edges { node { id } } pageInfo { hasNextPage } } }
          product { key } items { quantity addOn plan { key } price { key } } addOns { quantity }
          entitlements { featureKey hasAccess limit } availableActions(as: CUSTOMER) { kind enabled reasonCode }
        } }""",
        id=subscription,
    )

    found = answer["subscription"]
    actions = {action["kind"]: (action["enabled"], action["reasonCode"]) for action in found.pop("availableActions")}
    assert {kind: actions[kind] for kind in ("MANAGE", "CANCEL_AT_PERIOD_END", "CANCEL_NOW", "PAUSE")} == {
        "MANAGE": (True, None),
        "CANCEL_AT_PERIOD_END": (True, None),
        "CANCEL_NOW": (False, "POLICY_FORBIDS"),
        "PAUSE": (False, "NOT_AVAILABLE"),
    }
    assert found == {
        "status": "ACTIVE",
        "state": "ACTIVE",
        "quantity": 1,
        "resourceId": None,
        "currency": "EUR",
        "interval": {"unit": "MONTH", "count": 1},
        "currentPeriod": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"},
        "trialEnd": None,
        "naturalPeriodEnd": "2026-02-01T00:00:00Z",
        "renewsAt": "2026-02-01T00:00:00Z",
        "cancelAt": None,
        "endedAt": None,
        "collection": "ON",
        "billedBy": "BUILT_IN",
        "metadata": {},
        "cancellation": None,
        "customer": {
            "externalId": "acme",
            "subscriptions": {"edges": [{"node": {"id": subscription}}], "pageInfo": {"hasNextPage": False}},
        },
        "product": {"key": "app"},
        "items": [{"quantity": 1, "addOn": False, "plan": {"key": "team"}, "price": {"key": "monthly"}}],
        "addOns": [],
        "entitlements": [
            {"featureKey": "calls", "hasAccess": True, "limit": "100"},
            {"featureKey": "export", "hasAccess": True, "limit": None},
        ],
    }


async def test_what_will_not_renew_says_so(asked: World) -> None:
    subscription = await subscribed(asked)

    answer = await asked.ask(
        """mutation ($input: SubscriptionCancelInput!) { subscriptionCancel(input: $input) {
          ... on SubscriptionCanceled {
            effectiveAt
            subscription { status state renewsAt cancelAt cancellation { timing reason comment channel effectiveAt } }
          }
        } }""",
        input={"subscriptionId": subscription, "timing": "END_OF_PERIOD", "reason": "UNUSED", "comment": "Too quiet."},
    )

    assert answer["subscriptionCancel"] == {
        "effectiveAt": "2026-02-01T00:00:00Z",
        "subscription": {
            "status": "ACTIVE",
            "state": "PENDING_CANCELLATION",
            "renewsAt": None,
            "cancelAt": "2026-02-01T00:00:00Z",
            "cancellation": {
                "timing": "END_OF_PERIOD",
                "reason": "UNUSED",
                "comment": "Too quiet.",
                "channel": "API",
                "effectiveAt": "2026-02-01T00:00:00Z",
            },
        },
    }


async def test_a_preview_says_what_is_lost_and_writes_nothing(asked: World) -> None:
    subscription = await subscribed(asked)
    preview = """query ($change: SubscriptionChangePreviewInput!, $end: SubscriptionCancellationPreviewInput!) {
      subscriptionChangePreview(input: $change) {
        ... on SubscriptionChangePreview {
          direction timing appliesAt plan { key } undoesCancellation replacedChanges { id }
          entitlements { feature { key } kind before { limit granted } after { limit granted } used overBy }
        }
      }
      subscriptionCancellationPreview(input: $end) {
        ... on SubscriptionCancellationPreview { timing effectiveAt accessEndsAt droppedChanges { id } }
      }
    }"""

    answer = await asked.ask(
        preview,
        change={"subscriptionId": subscription, "planId": "basic"},
        end={"subscriptionId": subscription, "timing": "IMMEDIATE"},
    )

    change = answer["subscriptionChangePreview"]
    kinds = {one["feature"]["key"]: one["kind"] for one in change.pop("entitlements")}
    assert kinds == {"calls": "LOWERED", "export": "LOST"}
    assert answer == {
        "subscriptionChangePreview": {
            "direction": "DOWN",
            "timing": "END_OF_PERIOD",
            "appliesAt": "2026-02-01T00:00:00Z",
            "plan": {"key": "basic"},
            "undoesCancellation": False,
            "replacedChanges": [],
        },
        "subscriptionCancellationPreview": {
            "timing": "IMMEDIATE",
            "effectiveAt": "2026-01-01T00:00:00Z",
            "accessEndsAt": "2026-01-01T00:00:00Z",
            "droppedChanges": [],
        },
    }
    held = await asked.ask("query ($id: ID!) { subscription(id: $id) { scheduledChanges { id } } }", id=subscription)
    assert held == {"subscription": {"scheduledChanges": []}}
