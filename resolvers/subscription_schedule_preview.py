"""What a schedule, or an edited one, would say and cost: it is written, walked ahead, and never kept. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from billing.schedules import WHOLE_PERIOD, EndBehavior, ProrationBehavior
from resolvers.access import demand
from resolvers.rehearsing import rehearsed
from resolvers.schedules import found_schedule
from resolvers.subscription_schedule_create import ScheduleCreate, begin_schedule
from resolvers.subscription_schedule_update import ScheduleUpdate, edit_schedule

if TYPE_CHECKING:
    from billing.schedules import Lasts
    from models.schedule_views import ScheduleView
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.rehearsing import Rehearsal
    from resolvers.scheduling import PhaseAsked

MOST_INVOICES: Final = 12
"""So many further invoices are shown at most."""


@dataclass(frozen=True, slots=True)
class ScheduleAhead:
    """What would come next for a subscription; where it has a schedule, None leaves that one's."""

    subscription_id: str
    phases: tuple[PhaseAsked, ...]
    present: Lasts | None = None
    end_behavior: EndBehavior | None = None
    undo_cancellation: bool = False
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS

    def created(self) -> ScheduleCreate:
        """The act where there is no schedule."""
        return ScheduleCreate(
            self.subscription_id,
            self.phases,
            self.present or WHOLE_PERIOD,
            self.end_behavior or EndBehavior.RELEASE,
            self.undo_cancellation,
            self.proration,
        )

    def updated(self, schedule_id: str) -> ScheduleUpdate:
        """The act where there is one."""
        return ScheduleUpdate(
            schedule_id, self.phases, self.present, self.end_behavior, self.undo_cancellation, self.proration
        )


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """The schedule as it would be, what it would replace, and the money."""

    schedule: ScheduleView
    replaced: tuple[ScheduledChangeView, ...]
    rehearsal: Rehearsal


async def schedule_preview(ctx: Context, command: ScheduleAhead) -> SchedulePreview:
    """Preview a schedule; of a subscription that has one, what an update would make of it."""
    demand(ctx, "subscriptionSchedulePreview")
    seen: list[tuple[ScheduleView, tuple[ScheduledChangeView, ...]]] = []

    async def act(work: Work, view: SubscriptionView) -> None:
        if view.facts.schedule_id:
            found = await found_schedule(ctx, work, view.facts.schedule_id)
            asked = command.updated(found.id).asked(found, work.at)
            outcome = await edit_schedule(ctx, work, view, found, asked)
        else:
            outcome = await begin_schedule(ctx, work, view, command.created().asked())
        replaced = tuple(change for change in view.changes if change.id in outcome["replaced"])
        seen.append((await found_schedule(ctx, work, outcome["schedule_id"]), replaced))

    rehearsal = await rehearsed(ctx, command.subscription_id, act, most=MOST_INVOICES)
    schedule, replaced = seen[-1]
    return SchedulePreview(schedule, replaced, rehearsal)
