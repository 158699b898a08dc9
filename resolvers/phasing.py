"""What a schedule does when time comes to it: a phase begins with its discount and trial, and the schedule is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.lifecycle import ChangeKind, ChangeStatus, Status
from billing.schedules import ScheduleStatus
from models.tables.customer import TrialRow
from models.work import Happening
from resolvers.discounting import EXPIRED, REPLACED, Target, begin, end, recount

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts, Phase, Step
    from models.schedule_views import ScheduleView
    from models.views import SubscriptionView
    from models.work import Work

TOLD = {
    ScheduleStatus.COMPLETED: "subscription_schedule.completed",
    ScheduleStatus.RELEASED: "subscription_schedule.released",
    ScheduleStatus.CANCELED: "subscription_schedule.canceled",
}


async def begin_phase(work: Work, customer_id: str, step: Step) -> None:
    """Let a phase's trial count as the customer's, and its coupon be taken off until the phase is over.

    In a pause neither begins: a trial does not come any more, and the coupon waits for the pause's end.
    """
    phase = step.change.phase if step.change else None
    if phase is None or step.after.status is Status.PAUSED:
        return
    if phase.trial_end is not None:
        await _count_trial(work, customer_id, step.after)
    await _take_off(work, customer_id, step.after, phase)


async def begin_present_phase(work: Work, customer_id: str, resumed: Facts) -> None:
    """Let the coupon of a phase that began in a pause be taken off from the pause's end on, while the phase lasts."""
    schedule = await work.schedules.last_of(resumed.id)
    began = [each for each in schedule.phases if each.starts_at <= work.at] if schedule else []
    if not began or resumed.trial_end is None:
        return
    present = began[-1]
    if present.starts_at >= resumed.trial_end and (present.ends_at is None or present.ends_at > work.at):
        await _take_off(work, customer_id, resumed, present.phase)


async def _take_off(work: Work, customer_id: str, facts: Facts, phase: Phase) -> None:
    if not phase.coupon_id:
        return
    await end_running(work, facts.id)
    coupon = (await work.coupons.by_ids([phase.coupon_id]))[phase.coupon_id]
    code = (await work.coupons.codes_by_ids([phase.promotion_code_id])).get(phase.promotion_code_id)
    target = Target(customer_id, facts.currency, facts.zone, facts)
    over = [coupon.terms.ends(target.billed_from(work.at), target.zone), phase_end(facts, work.at)]
    await begin(work, coupon, code, target, min((each for each in over if each is not None), default=None))


async def end_running(work: Work, subscription_id: str) -> None:
    """End the subscription's discount, which makes room for a phase's own."""
    listed = await work.discounts.of_subscription(subscription_id)
    for discount in listed:
        await end(work, discount, EXPIRED if discount.ends_at == work.at else REPLACED)


def phase_end(facts: Facts, at: datetime) -> datetime | None:
    """When the present phase of a schedule is over; None where it has no end."""
    ends = min((change.applies_at for change in facts.scheduled if change.schedule_id), default=None)
    return ends if ends is not None and ends > at else None


async def move_discount(work: Work, schedule: ScheduleView, after: Facts) -> None:
    """Let what the present phase takes off last until the phase is over, which may be another day now."""
    began = [each for each in schedule.phases if each.starts_at <= work.at]
    for discount in await work.discounts.of_subscription(schedule.subscription_id):
        if began and discount.coupon.id == began[-1].phase.coupon_id and discount.starts_at == began[-1].starts_at:
            target = Target(schedule.customer_id, after.currency, after.zone, after)
            over = [discount.coupon.terms.ends(target.billed_from(discount.starts_at), target.zone)]
            over.append(phase_end(after, work.at))
            await work.discounts.last_until(discount.id, min((each for each in over if each is not None), default=None))


async def end_schedule(work: Work, facts: Facts, applied: str) -> None:
    """Settle the schedule of a subscription that ends: by its own end, or sooner."""
    if facts.schedule_id:
        await recount(work, facts.scheduled, ())
        own = any(each.id == applied and each.kind is ChangeKind.CANCEL for each in facts.scheduled if each.schedule_id)
        await settle_schedule(work, facts, ScheduleStatus.COMPLETED if own else ScheduleStatus.CANCELED)


async def take_off(work: Work, view: SubscriptionView) -> None:
    """Release a subscription from its schedule: what was to come does not; the facts are for the caller to keep."""
    await drop_phases(work, view.facts)
    await settle_schedule(work, view.facts, ScheduleStatus.RELEASED)


async def drop_phases(work: Work, facts: Facts) -> None:
    """Settle all that a schedule had still to come, and give back the coupons that were counted for it."""
    await recount(work, facts.scheduled, ())
    for change in facts.scheduled:
        if change.schedule_id:
            await work.subscriptions.settle_change(change.id, ChangeStatus.DROPPED, work.at)


async def settle_schedule(work: Work, facts: Facts, status: ScheduleStatus) -> None:
    """Keep what became of a schedule, and tell it."""
    schedule = await work.schedules.by_id(facts.schedule_id)
    if schedule is None:
        raise LookupError(facts.schedule_id)
    await work.schedules.settle(schedule.id, status, work.at)
    told: dict[str, Json] = {"subscriptionId": facts.id}
    await work.record(schedule.customer_id, Happening(TOLD[status], schedule.id, {}, told))


async def _count_trial(work: Work, customer_id: str, facts: Facts) -> None:
    """One trial per customer and product, also where a schedule gave it."""
    plan = (await work.catalog.plans_by_id([facts.plan_id]))[facts.plan_id]
    if not await work.customers.had_trial(customer_id, plan.product_id):
        await work.customers.add_trial(
            TrialRow(
                customer_id=customer_id,
                product_id=plan.product_id,
                environment_id=work.environment_id,
                subscription_id=facts.id,
                started_at=work.at,
            ),
        )
