"""Looking whether a change that waits until it fits does: time brings it, or it is held back for a period. (S6)"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from billing.subscriptions import as_of
from billing.waiting import held_back, let_go, to_look_at
from models.stores.subscription_rows import columns_held_back
from resolvers.keeping import keep
from resolvers.over_limit import Moments, above_limits

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts
    from models.views import SubscriptionView
    from models.work import Work


async def looked_at(work: Work, view: SubscriptionView) -> Facts:
    """The facts of which time says what happens now, once it was seen whether what waits until it fits does."""
    facts, at = view.facts, work.at
    due = to_look_at(facts, at)
    if not due:
        return facts
    free = let_go(facts, due)
    above = await above_limits(work, view, as_of(free, at), Moments(at, at), as_of(facts, at))
    if not above:
        return free
    after = held_back(facts, due, at)
    again = {each.id: each.applies_at for each in after.scheduled}
    for change in (each for each in view.changes if each.id in {one.id for one in due}):
        moved = replace(change, applies_at=again[change.id], held_back_at=at, blocked_by=above)
        await work.subscriptions.hold_back(change.id, columns_held_back(moved, facts.zone))
    told: list[Json] = [_told(asdict(each)) for each in above]
    beside: dict[str, Json] = {"above": told}
    await keep(work, view.customer_id, "subscription.change_held_back", facts, after, beside=beside, proration=None)
    return after


def _told(above: dict[str, str]) -> Json:
    """A feature as an event tells it."""
    return {
        "featureKey": above["feature_key"],
        "used": above["used"],
        "limit": above["limit"],
        "overBy": above["over_by"],
    }
