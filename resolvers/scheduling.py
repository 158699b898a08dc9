"""Laying out a schedule: phases one after the other, each from what the one before it leaves. (C9)"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from billing.changes import replaced_by_plan_change
from billing.dataclass import dataclass
from billing.lifecycle import ChangeKind, ChangeStatus
from billing.periods import cut
from billing.refusals import InvalidInput, PlanNotAvailable, Refusal, SubscriptionEnded, TrialAlreadyUsed
from billing.schedules import (
    MOST_PHASES,
    NOT_SAID,
    EndBehavior,
    Lasts,
    PhaseAnchor,
    ProrationBehavior,
    end_of_phase,
    end_of_schedule,
    held_at,
    phase_of,
    unscheduled,
)
from billing.subscriptions import Phase, Scheduled, Target
from models.stores.subscription_rows import change_row
from models.views import ScheduledChangeView
from resolvers import discounting
from resolvers.arranging import ChangeAsked, kept, led_to
from resolvers.changing import schedule
from resolvers.discounting import promise, promised, recount
from resolvers.going_on import after_the_end, with_trial_end
from resolvers.invoicing.asked import Proration
from resolvers.keeping import keep
from resolvers.over_limit import Moments, demand_phase_fits

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from typing import Any

    from billing.calendar import Interval
    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Caller
    from resolvers.inputs import AddOnChoice


@dataclass(frozen=True, slots=True)
class PhaseAsked:
    """What a phase should be; None leaves what the phase before it has."""

    plan: str | None = None
    version: int | None = None
    interval: Interval | None = None
    quantity: int | None = None
    add_ons: tuple[AddOnChoice, ...] | None = None
    lasts: Lasts = NOT_SAID
    anchor: PhaseAnchor = PhaseAnchor.KEEP
    trial: bool = False
    coupon: str | None = None
    promotion_code: str | None = None
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS


@dataclass(frozen=True, slots=True)
class ScheduleAsked:
    """How long the present phase lasts, what follows, and what happens then.

    `began` is how many phases there were, which have their numbers.
    """

    present: Lasts
    phases: tuple[PhaseAsked, ...]
    end_behavior: EndBehavior
    undo_cancellation: bool = False
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS
    began: int = 1


@dataclass(frozen=True, slots=True)
class Laid:
    """A schedule that was laid out: its changes, the facts without any, and what it replaces and undoes."""

    changes: tuple[Scheduled, ...]
    facts: Facts
    replaced: tuple[Scheduled, ...]
    undone: Scheduled | None

    @property
    def ends_at(self) -> datetime:
        """When the schedule is over."""
        return self.changes[-1].applies_at


async def lay_out(ctx: Caller, read: Reader, view: SubscriptionView, asked: ScheduleAsked, at: datetime) -> Laid:
    """Decide when each phase begins and what it brings, or refuse by name; nothing is written."""
    if not view.facts.live:
        raise SubscriptionEnded("The subscription has ended.", field="subscriptionId", ended_at=view.facts.ended_at)
    if view.facts.instalments is not None:
        raise PlanNotAvailable(
            "It is paid in instalments, which stay as they were agreed.", field="subscriptionId", reason="INSTALMENTS"
        )
    if len(asked.phases) > MOST_PHASES:
        raise InvalidInput(f"A schedule has at most {MOST_PHASES} phases to come.", field="phases")
    facts, undone = kept(view, unscheduled(view.facts), undo=asked.undo_cancellation)
    replaced = replaced_by_plan_change(facts)
    facts = cut(replace(facts, scheduled=tuple(each for each in facts.scheduled if each not in replaced)))
    when = end_of_phase(facts, asked.present, max(at, facts.starts_at), at, "present")
    changes: list[Scheduled] = []
    for place, each in enumerate(asked.phases):
        with _about(place):
            from_here = Beginning(view, held_at(facts, changes, when), asked.began + place, when, at)
            endless = place == len(asked.phases) - 1 and asked.end_behavior is EndBehavior.RELEASE
            change, when = await _phase(ctx, read, each, from_here, endless=endless)
            changes.append(change)
    end = end_of_schedule(asked.end_behavior, when)
    if end.kind is ChangeKind.CANCEL:
        running = replace(facts, scheduled=(*facts.scheduled, *changes))
        end = replace(end, target=await after_the_end(read, running, when))
    return Laid((*changes, end), facts, replaced, undone)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a phase begins: whose, what is held until then, its number, when, and from when all is looked at."""

    view: SubscriptionView
    facts: Facts
    number: int
    since: datetime
    at: datetime


async def _phase(
    ctx: Caller, read: Reader, asked: PhaseAsked, here: Beginning, *, endless: bool
) -> tuple[Scheduled, datetime]:
    """One phase, and when it is over: when it begins, where it has no end."""
    view, since = here.view, here.since
    change = ChangeAsked(asked.plan, asked.version, None, asked.interval, asked.quantity, asked.add_ons)
    target = await led_to(ctx, read, view.customer_id, here.facts, change)
    restarts = asked.anchor is PhaseAnchor.PHASE_START
    begun = held_at(here.facts, [phase_of(here.number, since, target, Phase(restarts=restarts))], since)
    await demand_phase_fits(read, view, here.facts, begun, Moments(here.at, since))
    end = since
    if asked.lasts != NOT_SAID or not endless:
        end = end_of_phase(begun, asked.lasts, since, here.at, "lasts")
    if asked.trial and end == since:
        raise InvalidInput("A trial has an end: say how long the phase lasts.", field="lasts")
    if asked.trial and restarts:
        raise InvalidInput("A trial's end becomes the anchor: leave `anchor` out.", field="anchor")
    if asked.trial and await read.customers.had_trial(view.customer_id, view.product_id):
        raise TrialAlreadyUsed("The customer had a trial of this product.", field="trial")
    coupon, code = await _coupon(read, asked, view, begun, here.at)
    prorate, invoice_now = asked.proration.pair
    phase = Phase(end if asked.trial else None, coupon, prorate, invoice_now, restarts, code)
    return phase_of(here.number, since, target, phase), end


async def _coupon(
    read: Reader, asked: PhaseAsked, view: SubscriptionView, begun: Facts, at: datetime
) -> discounting.Promised:
    """What is taken off in a phase, and the promotion code that gives it; '' for none."""
    if asked.coupon is None and asked.promotion_code is None:
        return "", ""
    if asked.coupon is not None and asked.promotion_code is not None:
        raise InvalidInput("Give couponId or promotionCode, not both.", field="couponId")
    target = discounting.Target(view.customer_id, begun.currency, begun.zone, begun)
    given = discounting.Given(asked.coupon, asked.promotion_code)
    return await promise(read, given, target, at, promised(view.facts.scheduled))


async def carry_out(
    work: Work, view: SubscriptionView, laid: Laid, asked: ScheduleAsked, schedule_id: str, kind: str
) -> dict[str, Any]:
    """Write what was laid out, in the place of what the schedule said before; answers the outcome."""
    for change in laid.replaced:
        await work.subscriptions.settle_change(change.id, ChangeStatus.REPLACED, work.at)
    if laid.undone is not None:
        await work.subscriptions.settle_change(laid.undone.id, ChangeStatus.UNDONE, work.at)
        await work.subscriptions.undo_cancellation(laid.undone.id, work.at)
    former = [change for change in view.facts.scheduled if change.schedule_id]
    for change in former:
        await work.subscriptions.settle_change(change.id, ChangeStatus.REPLACED, work.at)
    coming = [await schedule(work, view, replace(change, schedule_id=schedule_id)) for change in laid.changes]
    await recount(work, former, coming)
    after = cut(replace(view.facts, scheduled=(*laid.facts.scheduled, *coming)))
    after = await with_trial_end(work, after)
    prorate, invoice_now = asked.proration.pair
    own_end = next((each.id for each in former if each.kind is ChangeKind.CANCEL), "")
    money = Proration(
        prorate=prorate,
        invoice_now=invoice_now,
        change_id=coming[-1].id if coming[-1].kind is ChangeKind.CANCEL else "",
        undoes=own_end or (laid.undone.id if laid.undone else ""),
    )
    told: dict[str, Json] = {
        "subscriptionId": view.id,
        "endBehavior": asked.end_behavior.value,
        "endsAt": laid.ends_at.isoformat(),
    }
    await keep(work, view.customer_id, kind, view.facts, after, beside=told, subject=schedule_id, proration=money)
    return {
        "subscription_id": view.id,
        "schedule_id": schedule_id,
        "replaced": [change.id for change in laid.replaced],
    }


async def keep_present(work: Work, view: SubscriptionView, schedule_id: str) -> None:
    """Write down the phase in which a schedule is made: what is held, from now on."""
    facts = view.facts
    target = Target(facts.plan_id, facts.plan_version_id, facts.items, facts.interval, facts.currency)
    trial_end = facts.trial_end if facts.trial_end is not None and facts.trial_end > work.at else None
    begun = phase_of(0, max(work.at, facts.starts_at), target, Phase(trial_end))
    present = ScheduledChangeView(
        id=work.ids.new("sch"),
        customer_id=view.customer_id,
        subscription_id=view.id,
        kind=begun.kind,
        item=begun.item,
        status=ChangeStatus.APPLIED,
        applies_at=begun.applies_at,
        target=target,
        quantity=None,
        requested_at=work.at,
        actor=work.moment.actor,
        channel=work.moment.channel,
        schedule_id=schedule_id,
        phase=begun.phase,
    )
    row = change_row(work.environment_id, present, facts.zone)
    row.settled_at = work.at
    await work.subscriptions.add_change(row)


@contextmanager
def _about(place: int) -> Generator[None, None, None]:
    """Say of which phase a refusal is."""
    try:
        yield
    except Refusal as refused:
        refused.field = f"phases.{place}.{refused.field}".rstrip(".") if refused.field else f"phases.{place}"
        raise
