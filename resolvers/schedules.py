"""Reading schedules: their phases, and which one is in charge of a subscription. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.schedule_refusals import ScheduleOver
from billing.schedules import ScheduleStatus
from resolvers.access import demand, not_found, own_subscription

if TYPE_CHECKING:
    from models.reader import Reader
    from models.schedule_views import ScheduleView
    from resolvers.context import Context


async def found_schedule(ctx: Context, read: Reader, schedule_id: str) -> ScheduleView:
    """Find a schedule among those that the credential may see."""
    view = await read.schedules.by_id(schedule_id)
    if view is None or not own_subscription(ctx, view.customer_id, view.subscription_id):
        raise not_found("SubscriptionSchedule", "id")
    return view


async def found_running(ctx: Context, read: Reader, schedule_id: str) -> ScheduleView:
    """Find a schedule that still says what comes next."""
    view = await found_schedule(ctx, read, schedule_id)
    if view.status is not ScheduleStatus.ACTIVE:
        raise ScheduleOver("The schedule is over: make a new one.", field="id", schedule_status=view.status)
    return view


async def read_schedule(ctx: Context, schedule_id: str) -> ScheduleView:
    """Read the schedule of an outcome as it is now."""
    async with ctx.read() as read:
        view = await read.schedules.by_id(schedule_id)
    if view is None:
        raise LookupError(schedule_id)
    return view


async def schedule_behind(ctx: Context, schedule_id: str | None) -> ScheduleView | None:
    """Follow a subscription to the schedule that is in charge of it; None where none is."""
    demand(ctx, "subscription")
    return await ctx.loaders.schedule.load(schedule_id) if schedule_id else None
