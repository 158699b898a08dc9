"""What an act would cost: it is carried out, walked ahead, looked at, and never kept. (S6, K7, K10)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from resolvers.access import may
from resolvers.acts import found_subscription
from resolvers.arranging import arrange
from resolvers.changing import carry_out
from resolvers.due import settle, settle_instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from models.invoice_views import CreditNoteView, InvoiceView, LineView
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.changing import ChangeCommand
    from resolvers.context import Context

FURTHEST = timedelta(days=400)
"""So far ahead the next invoice is looked for: beyond a year and its grace."""
MOST_STEPS = 40
"""So many due instants are walked at most, those of the customer's other subscriptions too."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An invoice that would be made, with its lines."""

    invoice: InvoiceView
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a subscription would be invoiced at once and next, what would lower unpaid invoices, what would wait.

    `until` is up to when was looked ahead. `balances` are the customer's credit right after the act, by currency.
    """

    at: datetime
    until: datetime
    now: tuple[Foreseen, ...]
    upcoming: tuple[Foreseen, ...]
    notes: tuple[CreditNoteView, ...]
    waiting: tuple[LineView, ...]
    balances: tuple[tuple[str, int], ...]


async def change_rehearsed(ctx: Context, command: ChangeCommand) -> Rehearsal:
    """Rehearse a change, and go on to the next invoice."""

    async def act(work: Work, view: SubscriptionView) -> None:
        await carry_out(work, view, await arrange(ctx, work, view, command.asked(), work.at))

    return await rehearsed(ctx, command.subscription_id, act, most=1)


async def rehearsed(
    ctx: Context, subscription_id: str, act: Callable[[Work, SubscriptionView], Awaitable[None]], *, most: int
) -> Rehearsal:
    """Carry an act out in a unit of work that is not kept, and walk on until `most` further invoices are made.

    What is the customer's as a whole is told only to who may read it; a token bound to a subscription may not.
    """
    whole = may(ctx, "invoices") and ctx.principal.subscription_id is None
    async with ctx.rehearse() as work:
        view = await found_subscription(ctx, work, subscription_id)
        await work.bump(view.customer_id)
        await settle(work, view.customer_id)
        settled = len(work.invoices.made), len(work.credits.made)
        await act(work, await found_subscription(ctx, work, subscription_id))
        at, made = work.at, len(work.invoices.made)
        now = await _foreseen(work, view, settled[0])
        notes = await _lowered(work, view, settled[1], whole=whole)
        waiting = await _waiting(work, view, whole=whole)
        balances = (await work.credits.balances_of([view.customer_id]))[view.customer_id] if whole else {}
        until = await _walk_on(work, view, made, most)
        upcoming = await _foreseen(work, view, made)
    return Rehearsal(at, until, now, upcoming, notes, waiting, tuple(balances.items()))


async def _walk_on(work: Work, view: SubscriptionView, made: int, most: int) -> datetime:
    """Make due things happen, in order, until so many invoices of a subscription were made since, or none can come.

    Answers up to when was looked.
    """
    horizon = work.at + FURTHEST
    for _ in range(MOST_STEPS):
        now = await work.subscriptions.by_id(view.id)
        if now is None or not now.facts.live or len(await _made(work, view, made)) >= most:
            return work.at
        due = await work.due.earliest(horizon, view.customer_id)
        if due is None:
            return horizon
        work.happen_at(due.due_at)
        await settle_instant(work, view.customer_id)
    return work.at


async def _made(work: Work, view: SubscriptionView, since: int) -> list[InvoiceView]:
    """The subscription's own invoices among those that were made since."""
    ids = work.invoices.made[since:]
    invoices = await work.invoices.by_ids(ids)
    return [invoices[each] for each in ids if invoices[each].subscription_id == view.id]


async def _foreseen(work: Work, view: SubscriptionView, since: int) -> tuple[Foreseen, ...]:
    invoices = await _made(work, view, since)
    lines = await work.invoices.lines_of([each.id for each in invoices])
    return tuple(Foreseen(each, tuple(lines[each.id])) for each in invoices)


async def _lowered(work: Work, view: SubscriptionView, since: int, *, whole: bool) -> tuple[CreditNoteView, ...]:
    """What the act gave back of unpaid invoices: the subscription's own, or also those of what ended before it."""
    notes = work.credits.made[since:]
    invoices = await work.invoices.by_ids({note.invoice_id for note in notes})
    return tuple(note for note in notes if whole or invoices[note.invoice_id].subscription_id == view.id)


async def _waiting(work: Work, view: SubscriptionView, *, whole: bool) -> tuple[LineView, ...]:
    """What waits for an invoice: the subscription's own lines, and the customer's as a whole in its currency."""
    waiting = await work.invoices.waiting(view.customer_id)
    currency = view.facts.currency
    return tuple(
        line
        for line in waiting
        if line.subscription_id == view.id or (whole and not line.subscription_id and line.currency == currency)
    )
