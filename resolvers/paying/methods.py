"""What it does to subscriptions that a customer has a payment method, or has none any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.lifecycle import Status
from billing.trials import resumed, waits_for_method
from billing.waiting import tried_at_its_end
from models.stores.subscription_rows import columns_held_back
from resolvers.keeping import keep
from resolvers.phasing import begin_present_phase

if TYPE_CHECKING:
    from billing.subscriptions import Facts
    from models.views import SubscriptionView
    from models.work import Work


async def tell_of_methods(work: Work, customer_id: str, number: int) -> None:
    """Note with each subscription that waits for a payment method whether one is there; the event says when it changed.

    What was paused for want of one begins now, and is invoiced and charged at once.
    """
    missing = await work.payments.default_of(customer_id) is None
    for view in await work.subscriptions.of_customer(customer_id):
        facts = view.facts
        if not waits_for_method(facts) or facts.method_missing is missing:
            continue
        if facts.status is Status.PAUSED:
            after = tried_at_its_end(resumed(facts, work.at))
            await begin_present_phase(work, customer_id, after)
            await _move_waiting(work, view, after)
            await keep(work, customer_id, "subscription.resumed", facts, after)
        else:
            noted = replace(facts, method_missing=missing)
            await work.subscriptions.save(facts, noted, work.ids)
            await work.subscriptions.remember(customer_id, noted, number, work.at)


async def _move_waiting(work: Work, view: SubscriptionView, after: Facts) -> None:
    """Write down when what waits until it fits is tried, where the end of the pause moved that."""
    tried = {each.id: each.applies_at for each in after.scheduled}
    for change in view.changes:
        at = tried.get(change.id, change.applies_at)
        if at != change.applies_at:
            moved = columns_held_back(replace(change, applies_at=at), after.zone)
            await work.subscriptions.hold_back(change.id, moved)
