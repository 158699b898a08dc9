"""What a change or a cancellation would do, by the code that does it; nothing is written. (S6, K10-K18)"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.amounts import format_amount
from billing.dataclass import dataclass
from billing.entitlements.counters import counter
from billing.entitlements.evaluate import evaluate
from billing.entitlements.sources import Aggregation, FeatureKind
from billing.lifecycle import CancelTiming, ChangeKind
from billing.periods import cut
from billing.subscriptions import as_of
from billing.waiting import fitting
from resolvers.access import demand
from resolvers.acts import found_subscription
from resolvers.arranging import arrange
from resolvers.counting import Metered, usages_of
from resolvers.over_limit import resource_meant
from resolvers.subscription_cancel import arrange_end
from resolvers.subscription_cancellation_undo import undo_arranged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.calendar import Period
    from billing.change_rules import Ruling
    from billing.changes import Direction
    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Json
    from billing.lifecycle import ChangeTiming
    from billing.schedules import ProrationBehavior
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import FeatureView, PlanView, ScheduledChangeView, SubscriptionView
    from resolvers.arranging import Arranged
    from resolvers.changing import ChangeCommand
    from resolvers.context import Context
    from resolvers.subscription_cancel import Ending, SubscriptionCancel
    from resolvers.subscription_cancellation_undo import CancellationUndo
    from resolvers.subscription_change import SubscriptionChange
    from resolvers.subscription_downgrade import SubscriptionDowngrade


class ChangeOfAccess(StrEnum):
    """How one entitlement changes."""

    GAINED = "GAINED"
    LOST = "LOST"
    RAISED = "RAISED"
    LOWERED = "LOWERED"
    CHANGED = "CHANGED"
    SAME = "SAME"


CHANGE_OF_ACCESS_MEANINGS: Mapping[ChangeOfAccess, str] = MappingProxyType(
    {
        ChangeOfAccess.GAINED: "It was not there before.",
        ChangeOfAccess.LOST: "It is gone afterwards.",
        ChangeOfAccess.RAISED: "Its limit rises.",
        ChangeOfAccess.LOWERED: "Its limit falls.",
        ChangeOfAccess.CHANGED: "Its value changes.",
        ChangeOfAccess.SAME: "It stays as it is.",
    },
)


@dataclass(frozen=True, slots=True)
class EntitlementSide:
    """What holds on one side of the change; limits are decimal strings."""

    granted: bool
    unlimited: bool
    limit: str | None
    value: Json


@dataclass(frozen=True, slots=True)
class EntitlementChange:
    """One feature before and after, with what is used now and how far that is over the new limit."""

    feature: FeatureView
    kind: ChangeOfAccess
    before: EntitlementSide | None
    after: EntitlementSide | None
    used: str | None
    over_by: str | None


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change of plan, quantity or add-ons would do; `command` is rehearsed where its money is asked for."""

    direction: Direction
    timing: ChangeTiming
    applies_at: datetime
    plan: PlanView
    entitlements: tuple[EntitlementChange, ...]
    replaces: tuple[ScheduledChangeView, ...]
    undoes_cancellation: bool
    ruling: Ruling
    command: ChangeCommand


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """What a cancellation would do, and what falls away; `command` is rehearsed where its money is asked for."""

    timing: CancelTiming
    effective_at: datetime
    access_ends_at: datetime
    entitlements: tuple[EntitlementChange, ...]
    drops: tuple[ScheduledChangeView, ...]
    continues_on: PlanView | None
    command: SubscriptionCancel
    view: SubscriptionView


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What keeping a subscription would do; `command` is rehearsed where its money is asked for."""

    would_have_ended_at: datetime
    period: Period
    behavior: ProrationBehavior
    missed: Period | None
    entitlements: tuple[EntitlementChange, ...]
    command: CancellationUndo


async def change_preview(ctx: Context, command: SubscriptionChange | SubscriptionDowngrade) -> ChangePreview:
    """Preview a change or a downgrade."""
    demand(ctx, "subscriptionChangePreview")
    return await change_shown(ctx, command)


async def change_shown(ctx: Context, command: SubscriptionChange | SubscriptionDowngrade) -> ChangePreview:
    """Show what a change would do, to whoever may make it."""
    async with ctx.read() as read:
        view = await found_subscription(ctx, read, command.subscription_id)
        return await preview_of(ctx, read, view, await arrange(ctx, read, view, command.asked(), ctx.at), command)


async def preview_of(
    ctx: Context, read: Reader, view: SubscriptionView, arranged: Arranged, command: ChangeCommand
) -> ChangePreview:
    """Show what an arranged change of a subscription does."""
    replaced = {change.id for change in arranged.replaced}
    gone = replaced | ({arranged.undone.id} if arranged.undone else set[str]())
    return ChangePreview(
        direction=arranged.direction,
        timing=arranged.timing,
        applies_at=arranged.applies_at,
        plan=arranged.plan,
        entitlements=await compared(ctx, read, Sides(view, gone, arranged.facts_then, arranged.applies_at)),
        replaces=tuple(change for change in view.changes if change.id in replaced),
        undoes_cancellation=arranged.undone is not None,
        ruling=arranged.ruling,
        command=command,
    )


async def cancellation_preview(ctx: Context, command: SubscriptionCancel) -> CancellationPreview:
    """Preview a cancellation."""
    demand(ctx, "subscriptionCancellationPreview")
    return await cancellation_shown(ctx, command)


async def cancellation_shown(ctx: Context, command: SubscriptionCancel) -> CancellationPreview:
    """Show what a cancellation would do, to whoever may make it."""
    async with ctx.read() as read:
        view = await found_subscription(ctx, read, command.subscription_id)
        ending = await arrange_end(ctx, read, view, command, ctx.at)
        dropped = tuple(
            change
            for change in view.changes
            if (change.kind is not ChangeKind.CANCEL or change.schedule_id)
            and (ending.timing is CancelTiming.IMMEDIATE or change.applies_at >= ending.effective_at)
        )
        gone = {change.id for change in view.changes if change.kind is ChangeKind.CANCEL or change in dropped}
        return CancellationPreview(
            timing=ending.timing,
            effective_at=ending.effective_at,
            access_ends_at=ending.facts_then.access_until or ending.effective_at,
            entitlements=await compared(ctx, read, Sides(view, gone, ending.facts_then, ending.effective_at)),
            drops=dropped,
            continues_on=await _plan_then(read, ending),
            command=command,
            view=view,
        )


async def undo_preview(ctx: Context, command: CancellationUndo) -> UndoPreview:
    """Preview an undo."""
    demand(ctx, "subscriptionCancellationUndoPreview")
    return await undo_shown(ctx, command)


async def undo_shown(ctx: Context, command: CancellationUndo) -> UndoPreview:
    """Show what an undo would do, to whoever may make it."""
    async with ctx.read() as read:
        view = await found_subscription(ctx, read, command.subscription_id)
        undoing = await undo_arranged(ctx, read, view, command, ctx.at)
        ends, then = undoing.pending.applies_at, undoing.facts_then
        return UndoPreview(
            would_have_ended_at=ends,
            period=then.period,
            behavior=undoing.behavior,
            missed=undoing.missed,
            entitlements=await compared(ctx, read, Sides(view, set(), as_of(then, ends), ends)),
            command=command,
        )


async def _plan_then(read: Reader, ending: Ending) -> PlanView | None:
    """The plan on which the customer goes on, in the version that is fixed with the end. (S7)"""
    then = ending.facts_then
    return (await read.catalog.versions_by_id([then.plan_version_id]))[then.plan_version_id] if then.live else None


@dataclass(frozen=True, slots=True)
class Sides:
    """A change of a subscription: what was pending and goes with it, and the facts after it, at its instant."""

    view: SubscriptionView
    gone: set[str]
    after: Facts
    at: datetime

    @property
    def before(self) -> Facts:
        """The facts at the same instant without the change, and without what goes with it."""
        facts = self.view.facts
        kept = tuple(change for change in facts.scheduled if change.id not in self.gone)
        return as_of(fitting(cut(replace(facts, scheduled=kept)) if self.gone else facts), self.at)


async def compared(ctx: Context, read: Reader, sides: Sides) -> tuple[EntitlementChange, ...]:
    """Compare the customer's entitlements at the instant of the change, without it and with it; usage is today's."""
    view, at = sides.view, sides.at
    customer = await read.customers.by_id(view.customer_id)
    if customer is None:
        raise LookupError(view.customer_id)
    features = await read.catalog.features()
    now = await read.entitlements.sources(customer, features, ctx.at)
    lives = await read.subscriptions.facts_of(customer.id, at)
    before, after = [
        await read.entitlements.sources(
            customer,
            features,
            at,
            [(resource, created, own if facts.id == view.id else facts) for resource, created, facts in lives],
        )
        for own in (sides.before, sides.after)
    ]
    meant = [resource_meant(now[feature.id], view.resource_id) for feature in features]
    counters = [counter(now[each.id], asked, ctx.at) for each, asked in zip(features, meant, strict=True)]
    metered = [Metered(customer, each, counted) for each, counted in zip(features, counters, strict=True)]
    usages = await usages_of(read, metered, ctx.at)
    changes: list[EntitlementChange] = []
    for feature, asked, usage in zip(features, meant, usages, strict=True):
        used = usage._replace(rolled=None)
        was = evaluate(before[feature.id], used, at, resource=resource_meant(before[feature.id], asked))
        will = evaluate(after[feature.id], used, at, resource=resource_meant(after[feature.id], asked))
        change = _change(feature, was, will, used.used if feature.aggregation is Aggregation.SUM else will.used)
        if change is not None:
            changes.append(change)
    return tuple(changes)


def _change(feature: FeatureView, was: Decision, will: Decision, used: int) -> EntitlementChange | None:
    before, after = _side(feature, was), _side(feature, will)
    if not before.granted and not after.granted:
        return None
    metered = feature.kind is FeatureKind.METERED
    over = used - will.limit if metered and will.limit is not None and after.granted else used if metered else 0
    return EntitlementChange(
        feature=feature,
        kind=_kind(was, will, before, after),
        before=before if before.granted else None,
        after=after if after.granted else None,
        used=format_amount(used, feature.scale) if metered else None,
        over_by=format_amount(over, feature.scale) if over > 0 and not will.unlimited else None,
    )


def _side(feature: FeatureView, decision: Decision) -> EntitlementSide:
    """A metered feature is there while a limit or allowance stands, even where nothing is left of it."""
    metered = feature.kind is FeatureKind.METERED
    granted = decision.has_access or (metered and (decision.limit is not None or decision.unlimited))
    limit = None if decision.limit is None else format_amount(decision.limit, feature.scale)
    return EntitlementSide(granted, decision.unlimited, limit, decision.value)


def _kind(was: Decision, will: Decision, before: EntitlementSide, after: EntitlementSide) -> ChangeOfAccess:
    if before.granted != after.granted:
        return ChangeOfAccess.GAINED if after.granted else ChangeOfAccess.LOST
    if before == after:
        return ChangeOfAccess.SAME
    if was.kind is not FeatureKind.METERED:
        return ChangeOfAccess.CHANGED
    if was.unlimited or will.unlimited:
        return ChangeOfAccess.RAISED if will.unlimited else ChangeOfAccess.LOWERED
    return ChangeOfAccess.RAISED if (will.limit or 0) > (was.limit or 0) else ChangeOfAccess.LOWERED
