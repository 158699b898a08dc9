"""How far a subscription's instalments are: how many are paid, and what is still owed, to the unit. (K4)

What is to come is reckoned as its invoices will be: by the same rule, with the discounts and the tax of today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import Period, period_at
from billing.dataclass import dataclass
from billing.discounts import CouponDuration
from billing.invoicing.invoices import InvoiceStatus
from billing.invoicing.reconcile import Agreed, reconcile
from billing.invoicing.ruler import Ruler
from billing.invoicing.totals import Line, totals
from billing.invoicing.values import BillingMode, Due
from billing.lifecycle import Status
from resolvers.invoicing.discounted import Speaking, rebates_of_time
from resolvers.invoicing.reckoning import licensed, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from billing.discounts import Discount
    from billing.instalments import AccessAfterCompletion
    from billing.invoicing.policy import BillingPolicy
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import PriceView, SubscriptionView
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InstalmentsView:
    """What was agreed, and where it stands; `balance` is in minor units.

    `remaining` are those that will be invoiced, and those that are invoiced and not paid.
    """

    count: int
    paid: int
    remaining: int
    balance: int
    currency: str
    completes_at: datetime
    after: AccessAfterCompletion


async def instalments_of(ctx: Context, view: SubscriptionView) -> InstalmentsView | None:
    """Say how far a subscription's instalments are; None where it has none."""
    return await ctx.loaders.instalments.load(view.id) if view.facts.instalments is not None else None


async def standings(read: Reader, ids: Sequence[str]) -> Mapping[str, InstalmentsView]:
    """Say it of several."""
    found = await read.subscriptions.by_ids(ids)
    policy = await read.environments.billing(read.environment_id) if found else None
    views = [view for view in found.values() if view.facts.instalments is not None]
    return {view.id: await _standing(read, view, policy) for view in views if policy is not None}


async def _standing(read: Reader, view: SubscriptionView, policy: BillingPolicy) -> InstalmentsView:
    plan = view.facts.instalments
    if plan is None:
        raise LookupError(view.id)
    owed = await read.invoices.open_of(view.id)
    coming = list(_coming(view.facts))
    left = sum(each.total if each.status is InvoiceStatus.DRAFT else each.remaining for each in owed)
    return InstalmentsView(
        count=plan.count,
        paid=plan.before + await read.invoices.paid_periods(view.id),
        remaining=len(coming) + len(owed),
        balance=left + await _foreseen(read, view, coming, policy),
        currency=view.facts.currency,
        completes_at=plan.completes_at,
        after=plan.after,
    )


def _coming(facts: Facts) -> Iterator[tuple[Period, Period]]:
    """The periods that no invoice was made of yet, each with its natural one; a pending end cuts the last."""
    if facts.instalments is None or not facts.live:
        return
    begun = facts.status not in (Status.NOT_STARTED, Status.TRIALING)
    start, until = facts.natural_end if begun else facts.anchor, facts.instalments.completes_at
    until = min(until, facts.cancel_at or until)
    while start < until:
        natural = period_at(facts.anchor, facts.interval, start, facts.zone)
        yield Period(start, min(natural.end, until)), natural
        start = natural.end


async def _foreseen(
    read: Reader, view: SubscriptionView, coming: Sequence[tuple[Period, Period]], policy: BillingPolicy
) -> int:
    """What the invoices to come will ask for, each added up by itself."""
    facts = view.facts
    customer = await read.customers.by_id(view.customer_id) if coming else None
    prices = await read.catalog.prices_by_id(sorted({item.price_id for item in facts.items} - {""})) if coming else {}
    discounts = await read.discounts.that_speak(view.customer_id, view.id, coming[0][0].start) if coming else []
    tax, total = policy.tax_for(customer.country if customer else None), 0
    for piece, natural in coming:
        nets = await _nets(read, facts, _due(facts, piece, natural, prices), discounts, policy)
        total += totals([Line(net, tax) for net in nets]).total
        discounts = [each for each in discounts if each.coupon.duration is not CouponDuration.ONCE]
    return total


async def _nets(
    read: Reader, facts: Facts, due: Sequence[Due], discounts: Sequence[Discount], policy: BillingPolicy
) -> list[int]:
    """What each line of one invoice will ask for, after its discount."""
    ruler = Ruler(policy.proration_unit, facts.anchor, facts.zone)
    rebates = await rebates_of_time(read, Speaking(tuple(discounts)), due, (), ruler)
    agreed = Agreed(ruler, BillingMode.FLEXIBLE, lambda slot: rebates.get(slot.key))
    since = min((each.period.start for each in due), default=facts.anchor)
    return [charge.net for charge in reconcile(since, due, (), (), agreed).charges]


def _due(facts: Facts, piece: Period, natural: Period, prices: Mapping[str, PriceView]) -> list[Due]:
    items = licensed(facts.items, prices)
    return [Due(slot_of(item, prices[item.price_id]), item.quantity, piece, natural) for item in items]
