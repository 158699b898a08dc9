"""Taking what waits onto an invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.invoices import CollectionMethod, InvoiceReason, InvoiceStatus
from billing.invoicing.values import LineKind
from billing.lifecycle import CollectionBehavior
from models.invoice_views import InvoiceView
from models.work import Happening
from resolvers.invoicing.adding import added_up
from resolvers.invoicing.discounted import use_up, with_usage_discounted
from resolvers.invoicing.finalizing import finalize
from resolvers.invoicing.holding_back import held_back, keep_as_draft
from resolvers.invoicing.measuring import counted_again
from resolvers.invoicing.noting import note_of_unpaid
from resolvers.invoicing.reckoning import priced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.calendar import Period
    from billing.invoicing.policy import BillingPolicy
    from billing.subscriptions import Facts
    from models.invoice_views import LineView
    from models.work import Work


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why an invoice is made, of which subscription ('' of none), and for which period.

    Without `auto_advance` it stays a draft until somebody finalizes it. (C14)
    `last` says that the subscription makes no more of them by itself: nothing of it waits on. One that has `resumed` is
    charged at once: what was used in its pause waits for the next.
    """

    subscription_id: str
    currency: str
    reason: InvoiceReason
    period: Period | None = None
    auto_advance: bool = True
    last: bool = False
    resumed: bool = False


async def invoice(work: Work, customer_id: str, occasion: Occasion, policy: BillingPolicy) -> InvoiceView | None:
    """Make an invoice of what waits; None where nothing does."""
    waiting = await _waiting(work, customer_id, occasion)
    earlier = await counted_again(work, [line for line in waiting if line.created_at < work.at])
    counted = {line.id: line for line in earlier}
    lines = await note_of_unpaid(work, [counted.get(line.id, line) for line in waiting])
    return await invoice_of(work, customer_id, occasion, lines, policy) if lines else None


async def invoice_of(
    work: Work, customer_id: str, occasion: Occasion, lines: Sequence[LineView], policy: BillingPolicy
) -> InvoiceView:
    """Make an invoice of these lines.

    With usage on it, it stays a draft for the grace: what is reported late is counted until then.
    """
    measured = any(line.kind is LineKind.USAGE for line in lines)
    made = InvoiceView(
        id=work.ids.new("inv"),
        customer_id=customer_id,
        subscription_id=occasion.subscription_id,
        number=None,
        status=InvoiceStatus.DRAFT,
        reason=occasion.reason,
        currency=occasion.currency,
        collection_method=await _collected_by(work, customer_id),
        auto_advance=occasion.auto_advance,
        period=occasion.period,
        subtotal=0,
        discount=0,
        tax=0,
        total=0,
        balance_applied=0,
        credited=0,
        paid=0,
        remaining=0,
        paid_out_of_band=False,
        seller={},
        buyer={},
        memo="",
        due_at=work.at + timedelta(minutes=policy.usage_grace_minutes) if measured and occasion.auto_advance else None,
        payable_by=None,
        created_at=work.at,
        finalized_at=None,
        settled_at=None,
    )
    placed = [replace(line, invoice_id=made.id, position=place) for place, line in enumerate(lines)]
    made, placed = added_up(made, await with_usage_discounted(work, placed, made.id))
    await work.invoices.add(made)
    for line in placed:
        await work.invoices.save_line(line)
    await use_up(work, made.id, placed)
    held = await held_back(work, made)
    if held is CollectionBehavior.KEEP_AS_DRAFT:
        made = await keep_as_draft(work, made)
    elif occasion.auto_advance and (not measured or not policy.usage_grace_minutes):
        return await finalize(work, made, policy, placed, held)
    told = {"invoiceId": made.id, "subscriptionId": made.subscription_id or None, "reason": made.reason.value}
    await work.record(customer_id, Happening("invoice.created", made.id, {}, told))
    return made


async def _collected_by(work: Work, customer_id: str) -> CollectionMethod:
    """A customer who keeps a payment method is charged; who keeps none pays by the due date."""
    charged = await work.payments.default_of(customer_id)
    return CollectionMethod.CHARGE_AUTOMATICALLY if charged else CollectionMethod.SEND_INVOICE


async def _waiting(work: Work, customer_id: str, occasion: Occasion) -> list[LineView]:
    """What an invoice takes: the subscription's own lines, and what nobody else's invoice will. (C11)

    Usage waits for the end of its period, so that a change within it is final at once, unless it is the last.
    """
    within = occasion.resumed or (occasion.reason is InvoiceReason.CHANGE and not occasion.last)
    waiting = [
        line
        for line in await work.invoices.waiting(customer_id)
        if line.currency == occasion.currency and not (within and line.kind is LineKind.USAGE)
    ]
    others = {line.subscription_id for line in waiting} - {"", occasion.subscription_id}
    known = await work.subscriptions.by_ids(sorted(others)) if others else {}
    taken = [
        line for line in waiting if line.subscription_id not in known or _left(known[line.subscription_id].facts, line)
    ]
    return _sorted(taken)


def _left(facts: Facts, line: LineView) -> bool:
    """Whether no invoice of its own subscription will take a line: that has ended, or has no price any more."""
    return facts.outlived(line.created_at) or not priced(facts)


def _sorted(lines: Sequence[LineView]) -> list[LineView]:
    """What is given back first, then what is charged, then what was measured, then items; each oldest first."""
    order = (LineKind.CREDIT, LineKind.PERIOD, LineKind.USAGE, LineKind.ITEM)
    return sorted(lines, key=lambda line: (order.index(line.kind), line.created_at, line.id))
