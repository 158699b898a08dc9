"""Moving down. (S6)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import ChangeTiming
from billing.schedules import ProrationBehavior
from resolvers.as_previewed import downgrade_as_previewed
from resolvers.changing import ChangeMade as Outcome
from resolvers.over_limit import above_changed
from resolvers.subscription_downgrade import SubscriptionDowngrade
from schema.answers import answer, perform
from schema.ending_refusals import BilledChangeRefusal
from schema.info import Info
from schema.inputs import IntervalInput, interval_of
from schema.limit_refusals import FeatureOverLimit, UsageOverLimit
from schema.objects.scheduled_change import ScheduledChange
from schema.objects.subscription import Subscription
from schema.preview_refusals import StalePreview
from schema.promise import (
    ACTOR,
    AS_SHOWN,
    BILLED_TIME,
    IDEMPOTENCY_KEY,
    INPUT,
    REPLAYED,
    about,
    field,
    input_type,
    mutation,
    object_type,
    part_type,
)
from schema.refusals import AnyAct, NotADowngrade
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, given, idempotency_key, identifier, optional_text, optional_whole, text


@input_type
class SubscriptionDowngradeInput:
    """A move to a cheaper plan."""

    subscription_id: ID = about("The subscription.")
    plan_id: ID = about("The plan to move down to, by id or key.")
    version: int | None = about("Its version; the latest published one unless said.", default=UNSET)
    interval: IntervalInput | None = about("How often it renews afterwards.", default=UNSET)
    timing: ChangeTiming | None = about(
        "When it takes effect; the rules say so otherwise. Merchants only.", default=UNSET
    )
    undo_cancellation: bool = about("Whether a pending cancellation is undone by it.", default=False)
    proration_behavior: ProrationBehavior | None = about(BILLED_TIME, default=UNSET)
    preview_token: str | None = about(AS_SHOWN, default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionDowngrade:
        """Check every value."""
        return SubscriptionDowngrade(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            plan=text(self.plan_id, "planId"),
            version=optional_whole(self.version, "version"),
            interval=interval_of(self.interval),
            timing=given(self.timing),
            undo_cancellation=self.undo_cancellation,
            proration=given(self.proration_behavior),
            preview_token=optional_text(self.preview_token, "previewToken"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionDowngraded:
    """The move down is made or scheduled."""

    outcome: strawberry.Private[Outcome]
    subscription: Subscription = about("The subscription, as of now.")
    change: ScheduledChange | None = about("What is pending; null where the change was made at once.")
    replaced_changes: list[ScheduledChange] = about("The pending changes that it took the place of.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionDowngraded":
        """Show what was done."""
        return cls(
            outcome=outcome,
            subscription=Subscription.of(outcome.subscription),
            change=ScheduledChange.of(outcome.change) if outcome.change else None,
            replaced_changes=[ScheduledChange.of(view) for view in outcome.replaced],
            replayed=outcome.replayed,
        )

    @field
    async def over_limit(self, info: Info) -> list[FeatureOverLimit]:
        """The features of which more is used, by now, than it leads to; they give no more until that fits. (S6)"""
        return [FeatureOverLimit.of(each) for each in await above_changed(info.context, self.outcome)]


SubscriptionDowngradeAnswer: TypeAlias = Annotated[
    SubscriptionDowngraded
    | AnyAct
    | BilledChangeRefusal
    | ManagedBySchedule
    | NotADowngrade
    | StalePreview
    | UsageOverLimit,
    strawberry.union(
        "SubscriptionDowngradeAnswer",
        description="What `subscriptionDowngrade` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionDowngradeMutation:
    """The act as a root field."""

    @mutation
    async def subscription_downgrade(
        self, info: Info, input: Annotated[SubscriptionDowngradeInput, INPUT]
    ) -> SubscriptionDowngradeAnswer:
        """Move to a cheaper plan, by default when the paid period ends; until then everything stays. (S6)"""
        return await answer(
            SubscriptionDowngradeAnswer, SubscriptionDowngraded.of, perform(downgrade_as_previewed, info.context, input)
        )
