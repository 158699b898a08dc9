"""What an act would cost: it is carried out, walked ahead, looked at, and never kept. (S6, K7, K10)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

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
"""So many due instants are walked at most."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An invoice that would be made, with its lines."""

    invoice: InvoiceView
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be invoiced at once, what next, what would lower unpaid invoices, and what would wait.

    `balances` are the customer's credit right after the act, by currency.
    """

    at: datetime
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
    """Carry an act out in a unit of work that is not kept, and walk on until `most` further invoices are made."""
    async with ctx.rehearse() as work:
        view = await found_subscription(ctx, work, subscription_id)
        await work.bump(view.customer_id)
        await settle(work, view.customer_id)
        settled = len(work.invoices.made), len(work.credits.made)
        await act(work, await found_subscription(ctx, work, subscription_id))
        at, count = work.at, len(work.invoices.made)
        now = await _foreseen(work, work.invoices.made[settled[0] :])
        notes = tuple(work.credits.made[settled[1] :])
        waiting = [
            line for line in await work.invoices.waiting(view.customer_id) if line.subscription_id in ("", view.id)
        ]
        balances = (await work.credits.balances_of([view.customer_id]))[view.customer_id]
        await _walk_on(work, view.customer_id, count + most)
        upcoming = await _foreseen(work, work.invoices.made[count:])
    own = tuple(line for line in waiting if line.subscription_id in ("", view.id))
    return Rehearsal(at, now, upcoming, notes, own, tuple(balances.items()))


async def _walk_on(work: Work, customer_id: str, enough: int) -> None:
    """Make due things happen, in order, until so many invoices were made, or nothing more comes in good time."""
    horizon = work.at + FURTHEST
    for _ in range(MOST_STEPS):
        due = await work.due.earliest(horizon, customer_id)
        if due is None or len(work.invoices.made) >= enough:
            return
        work.happen_at(due.due_at)
        await settle_instant(work, customer_id)


async def _foreseen(work: Work, ids: list[str]) -> tuple[Foreseen, ...]:
    invoices, lines = await work.invoices.by_ids(ids), await work.invoices.lines_of(ids)
    return tuple(Foreseen(invoices[each], tuple(lines[each])) for each in ids)
