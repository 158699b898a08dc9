"""What a subscription owes from an instant on, compared with what it was billed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period, period_at
from billing.catalog.values import PriceUsage
from billing.dataclass import dataclass
from billing.invoicing.reconcile import Agreed, reconcile
from billing.invoicing.ruler import Ruler
from billing.invoicing.values import Billed, Due, Given, Rebate, Slot, Terms, Waived
from billing.lifecycle import Status
from resolvers.invoicing.discounted import NONE, rebates_of_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from billing.invoicing.policy import BillingPolicy
    from billing.invoicing.values import Reckoned
    from billing.subscriptions import Facts, Item
    from models.invoice_views import LineView, WaiverView
    from models.reader import Reader
    from models.views import PriceView
    from resolvers.invoicing.discounted import Speaking

OWING = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE})
"""In which statuses licensed time is due."""

COUNTING = OWING | {Status.PAUSED}
"""In which statuses usage is: what is paused bills, when it resumes or ends, what was used all the same."""

VOIDED = "VOID"
"""The cause of a waiver that a voided invoice left: its line gives nothing back any more."""

Prices = "Mapping[str, PriceView]"


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What was found, and the lines that it is about, by id."""

    reckoned: Reckoned
    billed: Mapping[str, LineView]


async def reckon(
    read: Reader,
    facts: Facts,
    since: datetime,
    policy: BillingPolicy,
    *,
    prorate: bool,
    off: Speaking = NONE,
    regardless_of: Collection[str] = (),
) -> Reckoning:
    """Compare what the facts owe from `since` on with what was billed; `off` is taken off what is new.

    `regardless_of` are waivers that are taken as if they had not been.
    """
    lines = await read.invoices.billed(facts.id, since)
    given = await read.invoices.credits_of([line.id for line in lines])
    waivers = [each for each in await read.invoices.waived(facts.id, since) if each.id not in regardless_of]
    voided = {waiver.stands_on for waiver in waivers if waiver.cause == VOIDED}
    named = {item.price_id for item in facts.items} | {line.price_id for line in lines} | {w.price_id for w in waivers}
    prices = await read.catalog.prices_by_id(sorted(named - {""}))
    ruler = Ruler(policy.proration_unit, facts.anchor, facts.zone)
    due = due_of(facts, since, prices)
    billed = [_billed(line, given[line.id], prices, voided) for line in lines]
    rebates = await rebates_of_time(read, off, due, billed, ruler)
    agreed = Agreed(ruler, facts.billing_mode, lambda slot: rebates.get(slot.key))
    reckoned = reconcile(since, due, billed, [_waived(waiver, prices) for waiver in waivers], agreed, prorate=prorate)
    return Reckoning(reckoned, {line.id: line for line in lines})


def due_of(facts: Facts, since: datetime, prices: Mapping[str, PriceView]) -> list[Due]:
    """The licensed time that is due from `since` to the end of the present period; it is paid in advance."""
    start = max(since, facts.period.start)
    tried = facts.trial_end is not None and start < facts.trial_end
    if facts.status not in OWING or tried or start >= facts.period.end:
        return []
    natural = period_at(facts.anchor, facts.interval, start, facts.zone)
    piece = Period(start, facts.period.end)
    return [
        Due(slot_of(item, prices[item.price_id]), item.quantity, piece, natural)
        for item in licensed(facts.items, prices)
    ]


def priced(facts: Facts) -> bool:
    """Whether a subscription has any price: without one it is never invoiced by time."""
    return any(item.price_id for item in facts.items)


async def ever_billed(read: Reader, facts: Facts) -> bool:
    """Whether a subscription is ever asked for money: for time that costs something, or for what is measured."""
    prices = await read.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""}))
    costs = any(terms_of(prices[item.price_id]).full(item.quantity) for item in licensed(facts.items, prices))
    return costs or bool(metered(facts.items, prices))


def licensed(items: Iterable[Item], prices: Mapping[str, PriceView]) -> list[Item]:
    """The items that are billed in advance."""
    return [i for i in items if i.price_id in prices and prices[i.price_id].usage is PriceUsage.LICENSED]


def metered(items: Iterable[Item], prices: Mapping[str, PriceView]) -> list[Item]:
    """The items that are billed in arrears, by what was measured."""
    return [i for i in items if i.price_id in prices and prices[i.price_id].usage is PriceUsage.METERED]


def terms_of(price: PriceView) -> Terms:
    """What a price asks."""
    return Terms(price.currency, price.interval, price.model, price.unit_amount, price.package_size, tuple(price.tiers))


def slot_of(item: Item, price: PriceView) -> Slot:
    """One price of a plan or add-on, as it is held."""
    return Slot(item.plan_id, item.price_id, terms_of(price), item.add_on)


def _billed(
    line: LineView, given: Iterable[LineView], prices: Mapping[str, PriceView], voided: Collection[str]
) -> Billed:
    """What a line billed; of a voided one, whose time stays settled, neither money nor discount is left."""
    if line.period is None or line.natural is None:
        raise LookupError(line.id)
    rebate = Rebate(line.discount_id, line.discount_ppm, line.discount_amount) if line.discount_id else None
    credited = tuple(_given(credit, line.period.start) for credit in given)
    billed = Billed(
        line.id,
        Slot(line.plan_id, line.price_id, terms_of(prices[line.price_id]), line.add_on),
        line.quantity,
        line.period,
        line.natural,
        line.net,
        credited,
        rebate,
    )
    if line.id not in voided:
        return billed
    rest = Given("", Period(line.period.start, line.period.start), billed.left)
    return replace(billed, credited=(*credited, rest), rebate=None)


def _given(credit: LineView, start: datetime) -> Given:
    """What was given back of a line; an amount that was given back by hand takes no time of it."""
    period = credit.period or Period(start, start)
    return Given(credit.id, period, -credit.net, pending=not (credit.invoice_id or credit.credit_note_id))


def _waived(waiver: WaiverView, prices: Mapping[str, PriceView]) -> Waived:
    slot = None
    if waiver.price_id in prices:
        slot = Slot(waiver.plan_id, waiver.price_id, terms_of(prices[waiver.price_id]), waiver.add_on)
    return Waived(waiver.id, waiver.stands_on, waiver.period, slot, waiver.quantity)
