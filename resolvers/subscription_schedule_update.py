"""Say anew what comes next: the phases that have begun stay as they were. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.schedules import EndBehavior, Lasts, ProrationBehavior
from resolvers.acts import act, found_subscription
from resolvers.phasing import move_discount
from resolvers.schedules import found_running, found_schedule
from resolvers.scheduling import ScheduleAsked, carry_out, lay_out
from resolvers.subscription_schedule_create import made

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.schedule_views import ScheduleView
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.scheduling import PhaseAsked
    from resolvers.subscription_schedule_create import ScheduleMade


@dataclass(frozen=True, slots=True)
class ScheduleUpdate:
    """What comes instead of what was to come; None leaves the present phase's end and the end behaviour."""

    id: str
    phases: tuple[PhaseAsked, ...]
    present: Lasts | None = None
    end_behavior: EndBehavior | None = None
    undo_cancellation: bool = False
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS
    idempotency_key: str | None = None
    actor: str = ""

    def asked(self, schedule: ScheduleView, at: datetime) -> ScheduleAsked:
        """What is asked for, as the laying out knows it."""
        began = [phase for phase in schedule.phases if phase.starts_at <= at] or list(schedule.phases[:1])
        return ScheduleAsked(
            present=self.present or Lasts(until=began[-1].ends_at),
            phases=self.phases,
            end_behavior=self.end_behavior or schedule.end_behavior,
            undo_cancellation=self.undo_cancellation,
            proration=self.proration,
            began=began[-1].number + 1,
        )


async def update_schedule(ctx: Context, command: ScheduleUpdate) -> ScheduleMade:
    """Edit a schedule: what was to come is replaced as a whole."""

    async def owner(work: Work) -> str:
        return (await found_schedule(ctx, work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        schedule = await found_running(ctx, work, command.id)
        view = await found_subscription(ctx, work, schedule.subscription_id)
        return await edit_schedule(ctx, work, view, schedule, command.asked(schedule, work.at))

    outcome, replayed = await act(ctx, "subscriptionScheduleUpdate", command, owner, body)
    return await made(ctx, outcome, replayed=replayed)


async def edit_schedule(
    ctx: Context, work: Work, view: SubscriptionView, schedule: ScheduleView, asked: ScheduleAsked
) -> dict[str, Any]:
    """Write what comes instead of what was to come; answers the outcome."""
    laid = await lay_out(ctx, work, view, asked, work.at)
    await work.schedules.edit(schedule.id, asked.end_behavior, laid.ends_at)
    outcome = await carry_out(work, view, laid, asked, schedule.id, "subscription_schedule.updated")
    kept = await found_subscription(ctx, work, view.id)
    await move_discount(work, schedule, kept.facts)
    return outcome
