"""Saying anew what comes next. (C9)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.schedules import EndBehavior, ProrationBehavior
from resolvers.subscription_schedule_create import ScheduleMade as Outcome
from resolvers.subscription_schedule_update import ScheduleUpdate, update_schedule
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.schedule import SubscriptionSchedule
from schema.objects.scheduled_change import ScheduledChange
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.schedule_inputs import PhaseEndInput, SchedulePhaseInput, phases_of
from schema.schedule_refusals import PhasesRefusal, ScheduleOver
from schema.texts import actor, given, idempotency_key, identifier


@input_type
class SubscriptionScheduleUpdateInput:
    """What comes instead of what was to come."""

    id: ID = about("The schedule.")
    present: PhaseEndInput | None = about("How long the present phase lasts; as before unless said.", default=UNSET)
    phases: list[SchedulePhaseInput] = about("All the phases that follow the present one, at most 30.")
    end_behavior: EndBehavior | None = about("What becomes of the subscription then; as before.", default=UNSET)
    undo_cancellation: bool = about("Whether a pending cancellation is undone by it.", default=False)
    proration_behavior: ProrationBehavior = about(
        "What it does with billed time where the present period ends sooner or later by it. (C18)",
        default=ProrationBehavior.CREATE_PRORATIONS,
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ScheduleUpdate:
        """Check every value."""
        present = given(self.present)
        return ScheduleUpdate(
            id=identifier(self.id, "id"),
            phases=phases_of(self.phases),
            present=None if present is None else present.to_lasts("present"),
            end_behavior=given(self.end_behavior),
            undo_cancellation=self.undo_cancellation,
            proration=self.proration_behavior,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionScheduleUpdated:
    """The schedule says something else now."""

    schedule: SubscriptionSchedule = about("The schedule, as of now.")
    subscription: Subscription = about("The subscription, as of now.")
    replaced_changes: list[ScheduledChange] = about("The pending changes of others that it took the place of.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionScheduleUpdated":
        """Show what was done."""
        return cls(
            schedule=SubscriptionSchedule.of(outcome.schedule),
            subscription=Subscription.of(outcome.subscription),
            replaced_changes=[ScheduledChange.of(view) for view in outcome.replaced],
            replayed=outcome.replayed,
        )


SubscriptionScheduleUpdateAnswer: TypeAlias = Annotated[
    SubscriptionScheduleUpdated | AnyAct | PhasesRefusal | ScheduleOver,
    strawberry.union(
        "SubscriptionScheduleUpdateAnswer",
        description="What `subscriptionScheduleUpdate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionScheduleUpdateMutation:
    """The act as a root field."""

    @mutation
    async def subscription_schedule_update(
        self, info: Info, input: Annotated[SubscriptionScheduleUpdateInput, INPUT]
    ) -> SubscriptionScheduleUpdateAnswer:
        """Put other phases or another end in the place of what is to come; what began stays as it was. (C9)"""
        return await answer(
            SubscriptionScheduleUpdateAnswer,
            SubscriptionScheduleUpdated.of,
            perform(update_schedule, info.context, input),
        )
