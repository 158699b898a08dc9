"""Carrying out what was arranged: settle what it replaces, keep what it schedules, say what happened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from billing.dataclass import dataclass
from billing.lifecycle import ChangeStatus
from models.stores.subscription_rows import change_row
from models.views import ScheduledChangeView
from resolvers.acts import Command, act, found_subscription, owner_of_subscription
from resolvers.arranging import arrange
from resolvers.going_on import with_trial_end
from resolvers.invoicing.asked import AT_ONCE, Proration
from resolvers.keeping import keep, told
from resolvers.preview_tokens import Decided, as_shown, shown_by

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.subscriptions import Facts, Scheduled
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.arranging import Arranged, ChangeAsked
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """The subscription now; `change` waits for its instant, or is None where everything was done at once."""

    subscription: SubscriptionView
    change: ScheduledChangeView | None
    replaced: tuple[ScheduledChangeView, ...]
    replayed: bool


class ChangeCommand(Command, Protocol):
    """A command that asks for a change of a subscription."""

    @property
    def subscription_id(self) -> str:
        """The subscription to change."""
        ...

    def asked(self) -> ChangeAsked:
        """What is asked for, as the arranging knows it."""
        ...


async def make_change(
    ctx: Context, mutation: str, command: ChangeCommand, *, preview_token: str | None = None
) -> ChangeMade:
    """Arrange what is asked and carry it out, once; with a token just as it was shown."""

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        shown = shown_by(ctx, preview_token)

        async def carried(work: Work, at: datetime) -> tuple[Decided, dict[str, Any]]:
            arranged = await arrange(ctx, work, view, command.asked(), at)
            return decided(arranged), await carry_out(work, view, arranged)

        if shown is None:
            return (await carried(work, work.at))[1]
        return await as_shown(work, view, shown, asked_of(command), carried)

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, mutation, command, owner, body)
    made = await read_changes(ctx, [outcome["change_id"]] if outcome["change_id"] else [])
    return ChangeMade(
        subscription=await read_subscription(ctx, outcome),
        change=made[0] if made else None,
        replaced=await read_changes(ctx, outcome["replaced"]),
        replayed=replayed,
    )


def asked_of(command: ChangeCommand) -> object:
    """What a change asks, apart from who asks and under which key; a move down asks what the same change does."""
    return [command.subscription_id, replace(command.asked(), downgrade=False)]


def decided(arranged: Arranged) -> Decided:
    """What was arranged, in plain values."""
    then = arranged.facts_then
    gone = [change.id for change in (*arranged.replaced, arranged.undone) if change is not None]
    what = [arranged.timing, arranged.plan.version_id, then.items, told(then), gone]
    return Decided(arranged.applies_at, what)


async def carry_out(work: Work, view: SubscriptionView, arranged: Arranged) -> dict[str, Any]:
    """Write an arranged change and answer its outcome."""
    for change in arranged.replaced:
        await work.subscriptions.settle_change(change.id, ChangeStatus.REPLACED, work.at)
    if arranged.undone is not None:
        await work.subscriptions.settle_change(arranged.undone.id, ChangeStatus.UNDONE, work.at)
        await work.subscriptions.undo_cancellation(arranged.undone.id, work.at)
    before, facts = view.facts, arranged.facts_now
    made_now = _made_now(before, facts)
    if made_now is not None or not arranged.scheduled:
        undone = "subscription.cancellation_undone" if arranged.undone else "subscription.change_undone"
        undoes = arranged.undone.id if arranged.undone else ""
        money = replace(_billed(arranged, made_now), since=arranged.at, undoes=undoes)
        facts = await with_trial_end(work, facts)
        await keep(work, view.customer_id, made_now or undone, before, facts, proration=money)
        before = facts
    ids: list[str] = []
    for change in arranged.scheduled:
        kept = await schedule(work, view, change)
        facts = replace(facts, scheduled=(*facts.scheduled, kept))
        ids.append(kept.id)
    if ids:
        await keep(work, view.customer_id, "subscription.change_scheduled", before, facts)
    return {
        "subscription_id": view.id,
        "change_id": ids[0] if ids else None,
        "replaced": [change.id for change in arranged.replaced],
    }


async def schedule(work: Work, view: SubscriptionView, change: Scheduled) -> Scheduled:
    """Keep a pending change and give it its id."""
    kept = replace(change, id=work.ids.new("sch"), job_id=change.job_id or work.moment.job_id)
    pending = ScheduledChangeView(
        id=kept.id,
        customer_id=view.customer_id,
        subscription_id=view.id,
        kind=kept.kind,
        item=kept.item,
        status=ChangeStatus.PENDING,
        applies_at=kept.applies_at,
        target=kept.target,
        quantity=kept.quantity,
        requested_at=work.at,
        actor=work.moment.actor,
        channel=work.moment.channel,
        job_id=kept.job_id or None,
        schedule_id=kept.schedule_id or None,
        phase=kept.phase,
        until_fits=kept.until_fits,
    )
    await work.subscriptions.add_change(change_row(work.environment_id, pending, view.facts.zone))
    return kept


async def read_subscription(ctx: Context, outcome: dict[str, Any]) -> SubscriptionView:
    """Read the subscription of an outcome as it is now."""
    async with ctx.read() as read:
        view = await read.subscriptions.by_id(outcome["subscription_id"])
    if view is None:
        raise LookupError(outcome["subscription_id"])
    return view


async def read_changes(ctx: Context, ids: list[str]) -> tuple[ScheduledChangeView, ...]:
    """Read scheduled changes of an outcome as they are now."""
    async with ctx.read() as read:
        found = await read.subscriptions.changes(ids) if ids else {}
    return tuple(found[each] for each in ids if each in found)


def _billed(arranged: Arranged, made_now: str | None) -> Proration:
    """How what is changed at once is billed: as its rule says."""
    if made_now is None:
        return AT_ONCE
    prorate, invoice_now = arranged.ruling.proration.pair
    return Proration(prorate=prorate, invoice_now=invoice_now)


def _made_now(before: Facts, after: Facts) -> str | None:
    """What a change did at once; None where everything waits."""
    if (after.plan_version_id, after.interval) != (before.plan_version_id, before.interval):
        return "subscription.plan_changed"
    return "subscription.quantity_changed" if after.items != before.items else None
