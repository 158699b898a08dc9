"""Taking a schedule off. (C9)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.schedules import ProrationBehavior
from resolvers.subscription_schedule_create import ScheduleMade as Outcome
from resolvers.subscription_schedule_release import ScheduleRelease, release_schedule
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.schedule import SubscriptionSchedule
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.schedule_refusals import ScheduleOver
from schema.texts import actor, idempotency_key, identifier


@input_type
class SubscriptionScheduleReleaseInput:
    """The schedule to take off."""

    id: ID = about("The schedule.")
    keep_cancel_date: bool = about(
        "Whether the end that is pending in the last phase stays, as a plain cancellation.", default=False
    )
    proration_behavior: ProrationBehavior = about(
        "What it does with billed time where the present period ends later by it. (C18)",
        default=ProrationBehavior.CREATE_PRORATIONS,
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ScheduleRelease:
        """Check every value."""
        return ScheduleRelease(
            id=identifier(self.id, "id"),
            keep_cancel_date=self.keep_cancel_date,
            proration=self.proration_behavior,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionScheduleReleased:
    """The subscription goes on without the schedule."""

    schedule: SubscriptionSchedule = about("The schedule, as of now.")
    subscription: Subscription = about("The subscription, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionScheduleReleased":
        """Show what was done."""
        return cls(
            schedule=SubscriptionSchedule.of(outcome.schedule),
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionScheduleReleaseAnswer: TypeAlias = Annotated[
    SubscriptionScheduleReleased | AnyAct | ScheduleOver,
    strawberry.union(
        "SubscriptionScheduleReleaseAnswer",
        description="What `subscriptionScheduleRelease` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionScheduleReleaseMutation:
    """The act as a root field."""

    @mutation
    async def subscription_schedule_release(
        self, info: Info, input: Annotated[SubscriptionScheduleReleaseInput, INPUT]
    ) -> SubscriptionScheduleReleaseAnswer:
        """Take a schedule off: what was to come does not, and the subscription goes on as it is. (C9)"""
        return await answer(
            SubscriptionScheduleReleaseAnswer,
            SubscriptionScheduleReleased.of,
            perform(release_schedule, info.context, input),
        )
