"""What an act would cost: it is carried out, walked ahead, looked at, and never kept. (S6, K7, K8, K10)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from resolvers import changing, subscription_cancel, subscription_cancellation_undo, taking_back
from resolvers.access import may
from resolvers.acts import found_subscription
from resolvers.arranging import arrange
from resolvers.changing import carry_out
from resolvers.due import settle, settle_instant
from resolvers.effects import Effects, Foreseen, before, effects, foreseen, later, made, own, still_counted
from resolvers.preview_tokens import Shown, digest, digest_of, token_of
from resolvers.subscription_cancel import arrange_end, carry_out_end
from resolvers.subscription_cancellation_undo import undo_arranged
from resolvers.subscription_change import SubscriptionChange
from resolvers.taking_back import keep_after_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.changing import ChangeCommand
    from resolvers.context import Context
    from resolvers.preview_tokens import Decided
    from resolvers.subscription_cancel import SubscriptionCancel
    from resolvers.subscription_cancellation_undo import CancellationUndo

FURTHEST: Final = timedelta(days=400)
"""So far ahead the next invoice is looked for: beyond a year and its grace."""
MOST_STEPS: Final = 40
"""So many due instants are walked at most, those of the customer's other subscriptions too."""
MOST_BEFORE_THE_END: Final = 6
"""So many invoices up to an end are shown at most."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an act would do to a subscription's money, reckoned to `at`, and its further invoices up to `until`."""

    at: datetime
    until: datetime
    done: Effects
    upcoming: tuple[Foreseen, ...]
    token: str | None


async def change_rehearsed(ctx: Context, command: ChangeCommand) -> Rehearsal:
    """Rehearse a change, and go on to the next invoice."""

    async def act(work: Work, view: SubscriptionView) -> Decided:
        arranged = await arrange(ctx, work, view, command.asked(), work.at)
        await carry_out(work, view, arranged)
        return changing.decided(arranged)

    asked = changing.asked_of(command) if isinstance(command, SubscriptionChange) else None
    return await rehearsed(ctx, command.subscription_id, act, most=1, asked=asked)


async def end_rehearsed(ctx: Context, command: SubscriptionCancel) -> Rehearsal:
    """Rehearse a cancellation, and go on to the end."""

    async def act(work: Work, view: SubscriptionView) -> Decided:
        ending = await arrange_end(ctx, work, view, command, work.at)
        if not ending.already:
            await carry_out_end(work, view, ending, command)
        return subscription_cancel.decided(ending)

    asked = subscription_cancel.asked_of(command)
    return await rehearsed(ctx, command.subscription_id, act, most=MOST_BEFORE_THE_END, asked=asked)


async def undo_rehearsed(ctx: Context, command: CancellationUndo) -> Rehearsal:
    """Rehearse an undo, and go on to the next invoice."""

    async def act(work: Work, view: SubscriptionView) -> Decided:
        undoing = await undo_arranged(ctx, work, view, command, work.at)
        await keep_after_all(work, view, undoing)
        return taking_back.decided(undoing)

    asked = subscription_cancellation_undo.asked_of(command)
    return await rehearsed(ctx, command.subscription_id, act, most=1, asked=asked)


async def rehearsed(
    ctx: Context,
    subscription_id: str,
    act: Callable[[Work, SubscriptionView], Awaitable[Decided | None]],
    *,
    most: int,
    asked: object = None,
) -> Rehearsal:
    """Carry an act out in a unit of work that is not kept, and walk on until `most` further invoices are made.

    `asked` is what its token is for, where the act takes one and says what it decided. What is the customer's as a
    whole is told only to who may read it; a token bound to a subscription may not.
    """

    async def unit(work: Work) -> tuple[Rehearsal, str]:
        view = await found_subscription(ctx, work, subscription_id)
        await work.bump(view.customer_id)
        await settle(work, view.customer_id)
        view, at = await found_subscription(ctx, work, subscription_id), work.at
        was = await before(work, view, at)
        decided = await act(work, view)
        done, count = await effects(work, view, was, at), len(work.invoices.made)
        seen = digest_of(decided, done, view.facts.currency) if decided is not None else ""
        ended = await _walk_on(work, view, was.invoices, len(done.now) + most)
        done = await later(work, was, done, ended=ended)
        if not may(ctx, "invoices") or ctx.principal.subscription_id is not None:
            done = await own(work, view, done)
        return Rehearsal(at, work.at, done, await foreseen(work, view, count), None), seen

    rehearsal, seen = await ctx.rehearsed(unit)
    token = token_of(ctx, Shown(rehearsal.at, digest(asked), seen)) if seen and asked is not None else None
    return replace(rehearsal, token=token)


async def _walk_on(work: Work, view: SubscriptionView, since: int, enough: int) -> bool:
    """Make due things happen, in order, until a subscription has enough invoices or has ended, and they are final.

    Counted are those that were made since. Answers whether it has ended, or has gone on on the plan of after the end.
    """
    horizon = work.at + FURTHEST
    for _ in range(MOST_STEPS):
        now = await work.subscriptions.by_id(view.id)
        ended = now is None or not now.facts.live or now.facts.went_on_at != view.facts.went_on_at
        invoices = await made(work, view, since)
        if (ended or len(invoices) >= enough) and not any(map(still_counted, invoices)):
            return ended
        due = await work.due.earliest(horizon, view.customer_id)
        if due is None:
            work.happen_at(horizon)
            return ended
        work.happen_at(due.due_at)
        await settle_instant(work, view.customer_id)
    return False
