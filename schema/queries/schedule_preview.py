"""Asking what a schedule would say and cost. (C9)"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.schedules import EndBehavior, ProrationBehavior
from resolvers.subscription_schedule_preview import ScheduleAhead, SchedulePreview, schedule_preview
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.money_preview import MoneyPreview
from schema.objects.schedule import SchedulePhase
from schema.objects.scheduled_change import ScheduledChange
from schema.promise import about, field, input_type, object_type, part_type
from schema.refusals import AnyQuestion
from schema.schedule_inputs import PhaseEndInput, SchedulePhaseInput, phases_of
from schema.schedule_refusals import PhasesRefusal
from schema.texts import given, identifier

PREVIEWED = strawberry.argument(description="What would be asked for.")


@input_type
class SubscriptionSchedulePreviewInput:
    """What would come next; of a subscription that has a schedule, instead of what was to come."""

    subscription_id: ID = about("The subscription.")
    present: PhaseEndInput | None = about(
        "How long the present phase lasts: until the period ends, or as the schedule says, unless said.", default=UNSET
    )
    phases: list[SchedulePhaseInput] = about("The phases that follow, at most 30.")
    end_behavior: EndBehavior | None = about(
        "What becomes of the subscription then: RELEASE, or as the schedule says, unless said.", default=UNSET
    )
    undo_cancellation: bool = about("Whether a pending cancellation is undone by it.", default=False)
    proration_behavior: ProrationBehavior = about(
        "What it does with billed time where the present period ends sooner or later by it. (C18)",
        default=ProrationBehavior.CREATE_PRORATIONS,
    )

    def to_command(self) -> ScheduleAhead:
        """Check every value."""
        present = given(self.present)
        return ScheduleAhead(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            phases=phases_of(self.phases),
            present=None if present is None else present.to_lasts("present"),
            end_behavior=given(self.end_behavior),
            undo_cancellation=self.undo_cancellation,
            proration=self.proration_behavior,
        )


@object_type
class SubscriptionSchedulePreview:
    """What a schedule would do."""

    phases: list[SchedulePhase] = about("The phases in order, with those that have begun.")
    end_behavior: EndBehavior = about("What would become of the subscription when the last phase is over.")
    ends_at: datetime = about("When the last phase would be over; where that has no end, when it begins.")
    replaced_changes: list[ScheduledChange] = about("The pending changes that it would take the place of.")
    money: MoneyPreview = about("What it would cost: at once, and the next 12 invoices at most.")

    @classmethod
    def of(cls, preview: SchedulePreview) -> "SubscriptionSchedulePreview":
        """Show a preview."""
        return cls(
            phases=[SchedulePhase.of(view) for view in preview.schedule.phases],
            end_behavior=preview.schedule.end_behavior,
            ends_at=preview.schedule.ends_at,
            replaced_changes=[ScheduledChange.of(view) for view in preview.replaced],
            money=MoneyPreview.of(preview.rehearsal),
        )


SubscriptionSchedulePreviewAnswer: TypeAlias = Annotated[
    SubscriptionSchedulePreview | AnyQuestion | PhasesRefusal,
    strawberry.union(
        "SubscriptionSchedulePreviewAnswer",
        description="What `subscriptionSchedulePreview` answers: what would happen, or how it would be refused.",
    ),
]


@part_type
class SchedulePreviewQuery:
    """What a schedule would do."""

    @field
    async def subscription_schedule_preview(
        self, info: Info, input: Annotated[SubscriptionSchedulePreviewInput, PREVIEWED]
    ) -> SubscriptionSchedulePreviewAnswer:
        """What a schedule, or an edited one, would say, and what its phases would cost. (C9)"""
        would = perform(schedule_preview, info.context, input)
        return await answer(SubscriptionSchedulePreviewAnswer, SubscriptionSchedulePreview.of, would)
