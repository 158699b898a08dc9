"""Saying what comes next. (C9)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.schedules import WHOLE_PERIOD, EndBehavior, ProrationBehavior
from resolvers.subscription_schedule_create import ScheduleCreate, create_schedule
from resolvers.subscription_schedule_create import ScheduleMade as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.schedule import SubscriptionSchedule
from schema.objects.scheduled_change import ScheduledChange
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.schedule_inputs import PhaseEndInput, SchedulePhaseInput, phases_of
from schema.schedule_refusals import ManagedBySchedule, PhasesRefusal
from schema.texts import actor, given, idempotency_key, identifier


@input_type
class SubscriptionScheduleCreateInput:
    """What comes after what the subscription has now."""

    subscription_id: ID = about("The subscription; what it has now is the first phase.")
    present: PhaseEndInput | None = about(
        "How long it stays as it is; until the present period, or trial, ends unless said.", default=UNSET
    )
    phases: list[SchedulePhaseInput] = about("The phases that follow, each after the other, at most 30.")
    end_behavior: EndBehavior = about(
        "What becomes of the subscription when the last phase is over.", default=EndBehavior.RELEASE
    )
    undo_cancellation: bool = about("Whether a pending cancellation is undone by it.", default=False)
    proration_behavior: ProrationBehavior = about(
        "What it does with billed time where the present period ends sooner or later by it. (C18)",
        default=ProrationBehavior.CREATE_PRORATIONS,
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ScheduleCreate:
        """Check every value."""
        present = given(self.present)
        return ScheduleCreate(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            phases=phases_of(self.phases),
            present=WHOLE_PERIOD if present is None else present.to_lasts("present"),
            end_behavior=self.end_behavior,
            undo_cancellation=self.undo_cancellation,
            proration=self.proration_behavior,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionScheduleCreated:
    """The subscription has a schedule."""

    schedule: SubscriptionSchedule = about("The schedule, as of now.")
    subscription: Subscription = about("The subscription, as of now.")
    replaced_changes: list[ScheduledChange] = about("The pending changes that it took the place of.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionScheduleCreated":
        """Show what was done."""
        return cls(
            schedule=SubscriptionSchedule.of(outcome.schedule),
            subscription=Subscription.of(outcome.subscription),
            replaced_changes=[ScheduledChange.of(view) for view in outcome.replaced],
            replayed=outcome.replayed,
        )


SubscriptionScheduleCreateAnswer: TypeAlias = Annotated[
    SubscriptionScheduleCreated | AnyAct | PhasesRefusal | ManagedBySchedule,
    strawberry.union(
        "SubscriptionScheduleCreateAnswer",
        description="What `subscriptionScheduleCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionScheduleCreateMutation:
    """The act as a root field."""

    @mutation
    async def subscription_schedule_create(
        self, info: Info, input: Annotated[SubscriptionScheduleCreateInput, INPUT]
    ) -> SubscriptionScheduleCreateAnswer:
        """Say phase by phase what comes next for a subscription, and what happens when the last phase is over. (C9)"""
        return await answer(
            SubscriptionScheduleCreateAnswer,
            SubscriptionScheduleCreated.of,
            perform(create_schedule, info.context, input),
        )
