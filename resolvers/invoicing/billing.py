"""Billing what changed: every change of a subscription's facts passes here, once. (C6, C17, C18)

What is due is compared with what was billed; the difference becomes lines that wait. Where a period began, the
subscription ended, or the change says so, an invoice takes what waits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import InvoiceReason
from billing.invoicing.values import BillingMode
from billing.lifecycle import Status
from resolvers.invoicing.asked import LATER
from resolvers.invoicing.discounted import speaking
from resolvers.invoicing.drafting import Occasion, invoice
from resolvers.invoicing.lines import charged, credited
from resolvers.invoicing.measuring import measured
from resolvers.invoicing.reckoning import OWING, metered, reckon

if TYPE_CHECKING:
    from billing.invoicing.policy import TaxRule
    from billing.invoicing.values import Reckoned, Waived
    from billing.subscriptions import Facts
    from models.work import Work
    from resolvers.invoicing.asked import Proration
    from resolvers.invoicing.reckoning import Reckoning

ELSEWHERE = "elsewhere"
"""Stands for the invoices of whoever billed before us."""


async def bill(work: Work, customer_id: str, before: Facts | None, after: Facts, asked: Proration = LATER) -> None:
    """Bill a change of facts that happens now; `before` None is a subscription that was just made."""
    if not _priced(after) and (before is None or not _priced(before)):
        return
    policy = await work.environments.billing(work.environment_id)
    customer = await work.customers.by_id(customer_id)
    tax = policy.tax_for(customer.country if customer else None)
    since = asked.since or work.at
    off = await speaking(work, customer_id, after.id, since)
    reckoning = await reckon(work, after, since, policy, BillingMode.FLEXIBLE, prorate=asked.prorate, off=off)
    await _keep(work, customer_id, after, reckoning, asked, tax)
    began = _began(before, after)
    ended = before is not None and before.live and not after.live
    await _measure(work, customer_id, before, after, tax, closing=began or ended)
    if began or ended or asked.invoice_now:
        await invoice(work, customer_id, _occasion(before, after, began=began, ended=ended), policy)


async def begin_billed(work: Work, customer_id: str, facts: Facts) -> None:
    """Take over a subscription that was billed elsewhere to the end of its present period.

    That time is on lines as if we had billed it, so that a change gives it back; usage is ours from the period's start.
    """
    policy = await work.environments.billing(work.environment_id)
    start = facts.period.start
    reckoning = await reckon(work, facts, start, policy, BillingMode.FLEXIBLE, prorate=True)
    charges = [charged(work, customer_id, facts.id, charge, None) for charge in reckoning.reckoned.charges]
    await work.invoices.add_lines([replace(line, invoice_id=ELSEWHERE) for line in charges])
    prices = await work.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""}))
    counting = metered(facts.items, prices) if facts.status in OWING else []
    await work.invoices.set_cursors(facts.id, {item.price_id: start for item in counting})


def _priced(facts: Facts) -> bool:
    return any(item.price_id for item in facts.items)


def _began(before: Facts | None, after: Facts) -> bool:
    """Whether a period that is paid for begins with this change."""
    if after.status not in OWING:
        return False
    return before is None or before.status not in OWING or before.period.start != after.period.start


def _occasion(before: Facts | None, after: Facts, *, began: bool, ended: bool) -> Occasion:
    if ended:
        return Occasion(after.id, after.currency, InvoiceReason.CANCELLATION, after.period)
    if not began:
        return Occasion(after.id, after.currency, InvoiceReason.CHANGE, after.period)
    first = before is None or before.status in (Status.NOT_STARTED, Status.TRIALING, Status.INCOMPLETE)
    reason = InvoiceReason.SUBSCRIPTION_START if first else InvoiceReason.RENEWAL
    return Occasion(after.id, after.currency, reason, after.period)


async def _keep(
    work: Work, customer_id: str, facts: Facts, reckoning: Reckoning, asked: Proration, tax: TaxRule | None
) -> None:
    reckoned: Reckoned = reckoning.reckoned
    await work.invoices.remove_lines(reckoned.recalled)
    lines = [credited(work, credit, reckoning.billed) for credit in reckoned.credits]
    for charge in reckoned.charges:
        before = reckoning.billed[charge.replaces] if charge.undoes else None
        lines.append(charged(work, customer_id, facts.id, charge, tax, before))
    await work.invoices.add_lines(lines)
    await work.invoices.add_waivers([_let_go(work, customer_id, facts, each, asked) for each in reckoned.waived])


def _let_go(work: Work, customer_id: str, facts: Facts, waived: Waived, asked: Proration) -> dict[str, object]:
    return {
        "id": work.ids.new("wai"),
        "customer_id": customer_id,
        "subscription_id": facts.id,
        "stands_on": waived.stands_on,
        "plan_id": waived.slot.plan_id if waived.slot else "",
        "price_id": waived.slot.price_id if waived.slot else "",
        "add_on": waived.slot is not None and waived.slot.add_on,
        "quantity": waived.quantity,
        "period_start": waived.period.start,
        "period_end": waived.period.end,
        "cause": "CHANGE" if facts.live else "CANCELLATION",
        "change_id": asked.change_id,
        "created_at": work.at,
    }


async def _measure(
    work: Work, customer_id: str, before: Facts | None, after: Facts, tax: TaxRule | None, *, closing: bool
) -> None:
    """Bill the usage of what leaves, and of everything where a period ends; what stays is counted on from here."""
    held = {} if before is None else {item.price_id: item for item in before.items if item.price_id}
    staying = {item.price_id for item in after.items} if after.live else set[str]()
    prices = await work.catalog.prices_by_id(sorted((held.keys() | staying) - {""}))
    if not metered((*held.values(), *after.items), prices):
        return
    cursors = await work.invoices.cursors(after.id)
    ending = [item for price_id, item in held.items() if closing or price_id not in staying]
    if before is not None and before.status in OWING:
        await work.invoices.add_lines(await measured(work, customer_id, before, ending, cursors, tax))
    counting = [item.price_id for item in metered(after.items, prices)] if after.status in OWING else []
    moved = {price_id: work.at if closing else cursors.get(price_id, work.at) for price_id in counting}
    await work.invoices.set_cursors(after.id, moved)
