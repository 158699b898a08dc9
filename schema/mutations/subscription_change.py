"""Changing what is subscribed to."""

from dataclasses import replace
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.as_previewed import change_as_previewed
from resolvers.changing import ChangeMade as Outcome
from resolvers.over_limit import above_changed
from resolvers.subscription_change import SubscriptionChange
from schema.answers import answer, perform
from schema.ending_refusals import BilledChangeRefusal
from schema.info import Info
from schema.limit_refusals import FeatureOverLimit, UsageOverLimit
from schema.objects.scheduled_change import ScheduledChange
from schema.objects.subscription import Subscription
from schema.preview_refusals import StalePreview
from schema.promise import (
    ACTOR,
    AS_SHOWN,
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
from schema.queries.previews import SubscriptionChangePreviewInput
from schema.refusals import AnyAct
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, idempotency_key, optional_text


@input_type
class SubscriptionChangeInput(SubscriptionChangePreviewInput):
    """A change of plan, interval, quantity or add-ons; what is left out stays."""

    preview_token: str | None = about(AS_SHOWN, default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionChange:
        """Check every value."""
        return replace(
            super().to_command(),
            preview_token=optional_text(self.preview_token, "previewToken"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionChanged:
    """The change is made or scheduled."""

    outcome: strawberry.Private[Outcome]
    subscription: Subscription = about("The subscription, as of now.")
    change: ScheduledChange | None = about("What is pending; null where the change was made at once.")
    replaced_changes: list[ScheduledChange] = about("The pending changes that it took the place of.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionChanged":
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


SubscriptionChangeAnswer: TypeAlias = Annotated[
    SubscriptionChanged | AnyAct | BilledChangeRefusal | ManagedBySchedule | StalePreview | UsageOverLimit,
    strawberry.union(
        "SubscriptionChangeAnswer",
        description="What `subscriptionChange` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionChangeMutation:
    """The act as a root field."""

    @mutation
    async def subscription_change(
        self, info: Info, input: Annotated[SubscriptionChangeInput, INPUT]
    ) -> SubscriptionChangeAnswer:
        """Change plan, interval, quantity or add-ons: up at once, down when the paid period ends."""
        return await answer(
            SubscriptionChangeAnswer, SubscriptionChanged.of, perform(change_as_previewed, info.context, input)
        )
