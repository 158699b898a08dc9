"""What an act does to a subscription's money: looked at before it and after it, in the act's own unit of work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceStatus
from resolvers.invoicing.reckoning import VOIDED, reckon

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.calendar import Period
    from models.invoice_views import CreditNoteView, InvoiceView, LineView
    from models.payment_views import RefundView
    from models.views import SubscriptionView
    from models.work import Work


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An invoice that would be made, with its lines."""

    invoice: InvoiceView
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class LetGo:
    """Billed time that is neither used nor given back, and what giving it back would have come to."""

    price_id: str
    quantity: int
    period: Period
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Before:
    """How far a unit of work was, what waited and what was unpaid, before an act; `dropped` counts what it dropped."""

    invoices: int
    notes: int
    refunds: int
    waiting: tuple[LineView, ...]
    dropped: int
    waivers: frozenset[str]
    unpaid: tuple[InvoiceView, ...]
    balances: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """What was invoiced, lowered, paid back, let go and dropped, what waits and is unpaid since, and the credit.

    `unpaid` are the drafts and unpaid invoices from before the act, as they are now.
    """

    now: tuple[Foreseen, ...]
    notes: tuple[CreditNoteView, ...]
    refunds: tuple[RefundView, ...]
    waiting: tuple[LineView, ...]
    dropped: tuple[LineView, ...]
    let_go: tuple[LetGo, ...]
    unpaid: tuple[InvoiceView, ...]
    balances: tuple[tuple[str, int], ...]


async def before(work: Work, view: SubscriptionView, since: datetime) -> Before:
    """Look at a subscription's money before an act; `since` is the instant from which its money will count."""
    return Before(
        invoices=len(work.invoices.made),
        notes=len(work.credits.made),
        refunds=len(work.payments.sent_back),
        waiting=await _waiting(work, view),
        dropped=len(work.invoices.dropped),
        waivers=frozenset(each.id for each in await work.invoices.waived(view.id, since)),
        unpaid=tuple(await work.invoices.open_of(view.id)),
        balances=await _balances(work, view),
    )


async def effects(work: Work, view: SubscriptionView, was: Before, since: datetime) -> Effects:
    """Look at what an act did; `since` is the instant from which its money counts."""
    return Effects(
        now=await foreseen(work, view, was.invoices),
        notes=tuple(work.credits.made[was.notes :]),
        refunds=await _refunds(work, was),
        waiting=await _waiting(work, view),
        dropped=await _dropped(work, was),
        let_go=await _let_go(work, view, was, since),
        unpaid=await _unpaid(work, was),
        balances=await _balances(work, view),
    )


def moved(was: Before, done: Effects) -> bool:
    """Whether money moved: something was invoiced, lowered or paid back, or what waits, is owed or is credited changed.

    Time that is let go moves nothing, nor does an invoice that is not collected any more.
    """
    held = (_told_invoices(was.unpaid), _told_lines(was.waiting), was.balances)
    holds = (_told_invoices(done.unpaid), _told_lines(done.waiting), done.balances)
    return bool(done.now or done.notes or done.refunds or done.dropped) or held != holds


async def later(work: Work, was: Before, done: Effects, *, ended: bool) -> Effects:
    """The same later on: drafts with usage as they became final, and once it has ended what else that brought."""
    final = await work.invoices.by_ids([each.invoice.id for each in done.now if still_counted(each.invoice)])
    lines = await work.invoices.lines_of(list(final))
    now = [
        Foreseen(final[each.invoice.id], tuple(lines[each.invoice.id])) if each.invoice.id in final else each
        for each in done.now
    ]
    done = replace(done, now=tuple(now))
    if not ended:
        return done
    refunds, unpaid = await _refunds(work, was), await _unpaid(work, was)
    let_go = await _asked_for(work, done.let_go, unpaid)
    return replace(done, dropped=await _dropped(work, was), unpaid=unpaid, refunds=refunds, let_go=let_go)


async def _asked_for(work: Work, let_go: tuple[LetGo, ...], unpaid: Iterable[InvoiceView]) -> tuple[LetGo, ...]:
    """Leave out time that nobody asks money for any more, since the end takes its invoice back."""
    lines = await work.invoices.lines_of([each.id for each in unpaid if each.status is InvoiceStatus.VOID])
    taken_back = [(line.price_id, line.period) for found in lines.values() for line in found]
    return tuple(
        each
        for each in let_go
        if not any(
            price_id == each.price_id and period is not None and period.start <= each.period.start < period.end
            for price_id, period in taken_back
        )
    )


def still_counted(invoice: InvoiceView) -> bool:
    """Whether an invoice is a draft for the grace of its usage."""
    return invoice.status is InvoiceStatus.DRAFT and invoice.due_at is not None


async def own(work: Work, view: SubscriptionView, done: Effects) -> Effects:
    """What of it is the subscription's alone: for who may not know of the customer as a whole."""
    named = {note.invoice_id for note in done.notes} | {refund.invoice_id for refund in done.refunds}
    invoices = await work.invoices.by_ids(named)
    mine = {key for key, each in invoices.items() if each.subscription_id == view.id}
    return replace(
        done,
        notes=tuple(note for note in done.notes if note.invoice_id in mine),
        refunds=tuple(refund for refund in done.refunds if refund.invoice_id in mine),
        waiting=_of(view, done.waiting),
        dropped=_of(view, done.dropped),
        balances=(),
    )


def told_of(done: Effects, currency: str) -> object:
    """All of it that is money in a currency, in plain values: without ids and instants of what came about by it."""
    return [
        [[_told_invoice(each.invoice), each.invoice.reason, _told_lines(each.lines)] for each in done.now],
        [[note.currency, note.total, note.reduced, note.to_balance, note.refunded] for note in done.notes],
        [[refund.payment_id, refund.currency, refund.amount] for refund in done.refunds],
        _told_lines(done.waiting),
        _told_lines(done.dropped),
        done.let_go,
        [[each.created_at, each.auto_advance, _told_invoice(each)] for each in done.unpaid],
        dict(done.balances).get(currency, 0),
    ]


def _told_invoice(each: InvoiceView) -> object:
    sums = [each.total, each.discount, each.tax, each.balance_applied, each.credited, each.paid, each.remaining]
    return [each.status, each.currency, *sums]


def _told_invoices(invoices: Iterable[InvoiceView]) -> object:
    return [_told_invoice(each) for each in invoices]


def _told_lines(lines: Iterable[LineView]) -> object:
    return [
        [
            [line.kind, line.plan_id, line.price_id, line.feature_id, line.quantity, line.period, line.description],
            [line.currency, line.gross, line.discount, line.discount_id, line.net, line.tax],
        ]
        for line in lines
    ]


async def made(work: Work, view: SubscriptionView, since: int) -> list[InvoiceView]:
    """The subscription's own invoices among those that were made since."""
    ids = work.invoices.made[since:]
    invoices = await work.invoices.by_ids(ids)
    return [invoices[each] for each in ids if invoices[each].subscription_id == view.id]


async def foreseen(work: Work, view: SubscriptionView, since: int) -> tuple[Foreseen, ...]:
    """The same with their lines."""
    invoices = await made(work, view, since)
    lines = await work.invoices.lines_of([each.id for each in invoices])
    return tuple(Foreseen(each, tuple(lines[each.id])) for each in invoices)


def _of(view: SubscriptionView, lines: Iterable[LineView]) -> tuple[LineView, ...]:
    return tuple(line for line in lines if line.subscription_id == view.id)


async def _waiting(work: Work, view: SubscriptionView) -> tuple[LineView, ...]:
    """What waits for an invoice: the subscription's own lines, and the customer's as a whole in its currency."""
    waiting = await work.invoices.waiting(view.customer_id)
    currency = view.facts.currency
    shared = [line.id for line in waiting if not line.subscription_id and line.currency == currency]
    return tuple(line for line in waiting if line.subscription_id == view.id or line.id in shared)


async def _refunds(work: Work, was: Before) -> tuple[RefundView, ...]:
    found = [await work.payments.refund(each) for each in work.payments.sent_back[was.refunds :]]
    return tuple(each for each in found if each is not None)


async def _dropped(work: Work, was: Before) -> tuple[LineView, ...]:
    """What waited before and is gone, without being on an invoice or a credit note, and usage that is not billed."""
    there = await work.invoices.lines_by_id([line.id for line in was.waiting])
    return tuple(line for line in was.waiting if line.id not in there) + tuple(work.invoices.dropped[was.dropped :])


async def _unpaid(work: Work, was: Before) -> tuple[InvoiceView, ...]:
    found = await work.invoices.by_ids([each.id for each in was.unpaid])
    return tuple(found[each.id] for each in was.unpaid)


async def _balances(work: Work, view: SubscriptionView) -> tuple[tuple[str, int], ...]:
    return tuple((await work.credits.balances_of([view.customer_id]))[view.customer_id].items())


async def _let_go(work: Work, view: SubscriptionView, was: Before, since: datetime) -> tuple[LetGo, ...]:
    """Compare anew as if the time had not been let go: what that would give back."""
    there = await work.invoices.waived(view.id, since)
    waivers = {each.id for each in there if each.cause != VOIDED} - was.waivers
    now = await work.subscriptions.by_id(view.id)
    if not waivers or now is None:
        return ()
    policy = await work.environments.billing(work.environment_id)
    found = await reckon(work, now.facts, since, policy, prorate=True, regardless_of=waivers)
    return tuple(
        LetGo(each.billed.slot.price_id, each.billed.quantity, each.period, each.amount, view.facts.currency)
        for each in found.reckoned.credits
        if now.facts.access_until is None or each.period.end > now.facts.access_until
    )
