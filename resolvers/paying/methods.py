"""What it does to subscriptions that a customer has a payment method, or has none any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.lifecycle import Status
from billing.trials import resumed, waits_for_method
from resolvers.keeping import keep
from resolvers.phasing import begin_present_phase

if TYPE_CHECKING:
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
            after = resumed(facts, work.at)
            await begin_present_phase(work, customer_id, after)
            await keep(work, customer_id, "subscription.resumed", facts, after)
        else:
            noted = replace(facts, method_missing=missing)
            await work.subscriptions.save(facts, noted, work.ids)
            await work.subscriptions.remember(customer_id, noted, number, work.at)
