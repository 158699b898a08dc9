"""What a change of facts leaves to be invoiced: lines that wait, and time that was let go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.invoicing.metering import closes, usage_due_at
from billing.lifecycle import ChangeKind
from billing.periods import cut
from models.invoice_views import Cursor
from resolvers.invoicing.discounted import speaking
from resolvers.invoicing.lines import charged, credited
from resolvers.invoicing.measuring import measured
from resolvers.invoicing.reckoning import COUNTING, OWING, metered, reckon
from resolvers.invoicing.telling_late import told_late

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.invoicing.policy import BillingPolicy, TaxRule
    from billing.invoicing.values import Waived
    from billing.subscriptions import Facts
    from models.invoice_views import LineView
    from models.views import PriceView
    from models.work import Work
    from resolvers.invoicing.asked import Proration

ELSEWHERE = "elsewhere"
"""Stands for the invoices of whoever billed before us."""


async def undo_end(
    work: Work, customer_id: str, before: Facts, after: Facts, asked: Proration, policy: BillingPolicy
) -> Facts:
    """Settle the time of an end that is taken back or moved as if nobody had set it; answers the facts without it.

    What was given back for it is taken back just so, whatever is asked about the change that comes in its place.
    """
    gone = [each for each in before.scheduled if each.kind is ChangeKind.CANCEL and each not in after.scheduled]
    if not gone:
        return before
    whole = cut(replace(before, scheduled=tuple(each for each in before.scheduled if each not in gone)))
    for each in gone:
        await work.invoices.remove_waivers(each.id)
    await settle_time(work, customer_id, whole, replace(asked, prorate=True, change_id=""), policy)
    return whole


async def settle_time(
    work: Work,
    customer_id: str,
    facts: Facts,
    asked: Proration,
    policy: BillingPolicy,
    *,
    settled: datetime | None = None,
) -> list[LineView]:
    """Keep what the licensed time that is due differs in from what was billed, as waivers and as lines that wait.

    `settled` is where time that was billed ends, where a period begins with the change: what is not prorated is let go
    up to there, and what comes after it is billed. (C18) Answers the lines.
    """
    if asked.undoes:
        await work.invoices.remove_waivers(asked.undoes)
    since = asked.since or work.at
    if asked.free_from is not None:
        return await _settle_free(work, customer_id, facts, asked, policy, asked.free_from)
    if asked.prorate or settled is None:
        return await _settle(work, customer_id, facts, asked, policy, since)
    until = min(max(settled, since), facts.period.end)
    if until > since:
        short = replace(facts, period=Period(facts.period.start, until))
        await _settle(work, customer_id, short, asked, policy, since)
    return await _settle(work, customer_id, facts, replace(asked, prorate=True), policy, until)


async def _settle_free(
    work: Work, customer_id: str, facts: Facts, asked: Proration, policy: BillingPolicy, free_from: datetime
) -> list[LineView]:
    """Settle the time up to an instant, then let go what comes after it, which no line has billed."""
    since = asked.since or work.at
    short = replace(facts, period=Period(facts.period.start, free_from))
    lines = await _settle(work, customer_id, short, asked, policy, since)
    await _settle(work, customer_id, facts, replace(asked, prorate=False), policy, since)
    return lines


async def _settle(
    work: Work, customer_id: str, facts: Facts, asked: Proration, policy: BillingPolicy, since: datetime
) -> list[LineView]:
    tax = await _tax(work, customer_id, policy)
    off = await speaking(work, customer_id, facts.id, asked.since or work.at)
    reckoning = await reckon(work, facts, since, policy, prorate=asked.prorate, off=off)
    reckoned = reckoning.reckoned
    await work.invoices.remove_lines(reckoned.recalled)
    lines = [credited(work, credit, reckoning.billed) for credit in reckoned.credits]
    for charge in reckoned.charges:
        before = reckoning.billed[charge.replaces] if charge.undoes else None
        lines.append(charged(work, customer_id, facts.id, charge, tax, before))
    await work.invoices.add_lines(lines)
    await work.invoices.add_waivers([_let_go(work, customer_id, facts, each, asked) for each in reckoned.waived])
    return lines


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
        "cause": "CANCELLATION" if asked.change_id or not facts.live else "CHANGE",
        "change_id": asked.change_id,
        "created_at": work.at,
    }


async def measure(
    work: Work,
    customer_id: str,
    before: Facts | None,
    after: Facts,
    asked: Proration,
    policy: BillingPolicy,
    *,
    closing: bool,
    by_itself: bool = False,
) -> list[LineView]:
    """Bill the usage of what leaves, and of all whose period ends here; what stays is counted on from here.

    `closing` says that the subscription's own period ends, `by_itself` that one of a price that recurs sooner does: a
    change at that very instant leaves it to that. Answers the lines of what was measured.
    """
    here = asked.since or work.at
    held = {} if before is None else {item.price_id: item for item in before.items if item.price_id}
    staying = {item.price_id for item in after.items} if after.live else set[str]()
    prices = await work.catalog.prices_by_id(sorted((held.keys() | staying) - {""}))
    if not metered((*held.values(), *after.items), prices):
        return []
    cursors = await work.invoices.cursors(after.id)
    over = after.status not in COUNTING
    ending = [
        item
        for price_id, item in held.items()
        if over
        or price_id not in staying
        or (closing and closes(prices[price_id].interval, after, here))
        or (by_itself and due_by(cursors.get(price_id), here))
    ]
    closed = {item.price_id for item in ending}
    made: list[LineView] = []
    if before is not None and before.status in COUNTING:
        tax = await _tax(work, customer_id, policy)
        since = {price_id: cursor.billed_until for price_id, cursor in cursors.items()}
        made = await measured(work, customer_id, before, ending, since, here, tax)
        made = [line for line in made if line.quantity or after.live or before.status in OWING]
        await work.invoices.add_lines(made)
        counted = [item.price_id for item in metered(ending, prices) if item.price_id in cursors]
        late = {prices[price_id].feature_id: since[price_id] for price_id in counted}
        await work.invoices.add_lines(await told_late(work, customer_id, before.id, late))
    counting = [item.price_id for item in metered(after.items, prices)] if after.status in COUNTING else []
    kept = {price_id: cursor.billed_until for price_id, cursor in cursors.items() if price_id not in closed}
    await set_cursors(work, customer_id, after, {each: kept.get(each, here) for each in counting}, prices)
    return made


async def unbilled(
    work: Work, customer_id: str, facts: Facts, asked: Proration, policy: BillingPolicy
) -> list[LineView]:
    """The lines of usage that is not billed yet, if it were billed now; nothing is kept."""
    cursors = await work.invoices.cursors(facts.id) if facts.status in COUNTING else {}
    if not cursors:
        return []
    since = {price_id: cursor.billed_until for price_id, cursor in cursors.items()}
    tax = await _tax(work, customer_id, policy)
    return await measured(work, customer_id, facts, facts.items, since, asked.since or work.at, tax)


def due_by(cursor: Cursor | None, at: datetime) -> bool:
    """Whether usage is billed by itself at an instant, or was to be before."""
    return cursor is not None and cursor.due_at is not None and cursor.due_at <= at


async def set_cursors(
    work: Work, customer_id: str, facts: Facts, moved: Mapping[str, datetime], prices: Mapping[str, PriceView]
) -> None:
    """Keep up to when usage is billed, and when it is billed next where its price recurs sooner."""
    cursors = {
        price_id: Cursor(until, usage_due_at(prices[price_id].interval, facts, until))
        for price_id, until in moved.items()
    }
    await work.invoices.set_cursors(customer_id, facts.id, cursors)


async def _tax(work: Work, customer_id: str, policy: BillingPolicy) -> TaxRule | None:
    customer = await work.customers.by_id(customer_id)
    return policy.tax_for(customer.country if customer else None)


async def begin_billed(work: Work, customer_id: str, facts: Facts) -> None:
    """Take over a subscription that was billed elsewhere to the end of its present period.

    That time is on lines as if we had billed it, so that a change gives it back; usage is ours from the period's start.
    """
    policy = await work.environments.billing(work.environment_id)
    start = facts.period.start
    reckoning = await reckon(work, facts, start, policy, prorate=True)
    charges = [charged(work, customer_id, facts.id, charge, None) for charge in reckoning.reckoned.charges]
    await work.invoices.add_lines([replace(line, invoice_id=ELSEWHERE) for line in charges])
    prices = await work.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""}))
    counting = metered(facts.items, prices) if facts.status in OWING else []
    await set_cursors(work, customer_id, facts, {item.price_id: start for item in counting}, prices)
