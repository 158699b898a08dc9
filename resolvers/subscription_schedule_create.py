"""Say what comes next for a subscription, phase by phase. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.schedules import WHOLE_PERIOD, EndBehavior, Lasts, ProrationBehavior, ScheduleStatus, managed
from models.tables.subscription import SubscriptionScheduleRow
from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.changing import read_changes, read_subscription
from resolvers.schedules import read_schedule
from resolvers.scheduling import ScheduleAsked, carry_out, keep_present, lay_out

if TYPE_CHECKING:
    from typing import Any

    from models.schedule_views import ScheduleView
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.scheduling import PhaseAsked


@dataclass(frozen=True, slots=True)
class ScheduleCreate:
    """A subscription, how long it stays as it is, the phases that follow, and what happens when they are over."""

    subscription_id: str
    phases: tuple[PhaseAsked, ...]
    present: Lasts = WHOLE_PERIOD
    end_behavior: EndBehavior = EndBehavior.RELEASE
    undo_cancellation: bool = False
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS
    idempotency_key: str | None = None
    actor: str = ""

    def asked(self) -> ScheduleAsked:
        """What is asked for, as the laying out knows it."""
        return ScheduleAsked(self.present, self.phases, self.end_behavior, self.undo_cancellation, self.proration)


@dataclass(frozen=True, slots=True)
class ScheduleMade:
    """The schedule and its subscription now, and the pending changes that it took the place of."""

    schedule: ScheduleView
    subscription: SubscriptionView
    replaced: tuple[ScheduledChangeView, ...]
    replayed: bool


async def create_schedule(ctx: Context, command: ScheduleCreate) -> ScheduleMade:
    """Put a subscription under a schedule; the present phase is what it has."""

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        if view.facts.schedule_id:
            raise managed(view.facts, "subscriptionId")
        return await begin_schedule(ctx, work, view, command.asked())

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionScheduleCreate", command, owner, body)
    return await made(ctx, outcome, replayed=replayed)


async def begin_schedule(ctx: Context, work: Work, view: SubscriptionView, asked: ScheduleAsked) -> dict[str, Any]:
    """Write a schedule for a subscription that has none; answers the outcome."""
    laid = await lay_out(ctx, work, view, asked, work.at)
    schedule_id = work.ids.new("sld")
    await work.schedules.add(
        SubscriptionScheduleRow(
            id=schedule_id,
            environment_id=work.environment_id,
            customer_id=view.customer_id,
            subscription_id=view.id,
            status=ScheduleStatus.ACTIVE,
            end_behavior=asked.end_behavior,
            ends_at=laid.ends_at,
            actor=work.moment.actor,
            channel=work.moment.channel,
            created_at=work.at,
        ),
    )
    await keep_present(work, view, schedule_id)
    return await carry_out(work, view, laid, asked, schedule_id, "subscription_schedule.created")


async def made(ctx: Context, outcome: dict[str, Any], *, replayed: bool) -> ScheduleMade:
    """Read what an act on a schedule left, as it is now."""
    return ScheduleMade(
        schedule=await read_schedule(ctx, outcome["schedule_id"]),
        subscription=await read_subscription(ctx, outcome),
        replaced=await read_changes(ctx, outcome["replaced"]),
        replayed=replayed,
    )
