"""Pausing collection."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CollectionBehavior
from resolvers.subscription_collection_pause import CollectionSet as Outcome
from resolvers.subscription_collection_pause import SubscriptionCollectionPause, pause_collection
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import ActionNotAllowed, AnyAct, DateOutOfRange, SubscriptionEnded
from schema.texts import actor, given, idempotency_key, identifier


@input_type
class SubscriptionCollectionPauseInput:
    """How collection is paused."""

    subscription_id: ID = about("The subscription.")
    behavior: CollectionBehavior = about("What becomes of invoices that are made meanwhile.")
    resumes_at: datetime | None = about("When collecting goes on by itself; null is not by itself.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionCollectionPause:
        """Check every value."""
        return SubscriptionCollectionPause(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            behavior=self.behavior,
            resumes_at=given(self.resumes_at),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCollectionPaused:
    """Payments are not collected."""

    subscription: Subscription = about("The subscription, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCollectionPaused":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionCollectionPauseAnswer: TypeAlias = Annotated[
    SubscriptionCollectionPaused | AnyAct | ActionNotAllowed | DateOutOfRange | SubscriptionEnded,
    strawberry.union(
        "SubscriptionCollectionPauseAnswer",
        description="What `subscriptionCollectionPause` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionCollectionPauseMutation:
    """The act as a root field."""

    @mutation
    async def subscription_collection_pause(
        self, info: Info, input: Annotated[SubscriptionCollectionPauseInput, INPUT]
    ) -> SubscriptionCollectionPauseAnswer:
        """Collect no payments while service goes on: the status stays as it is. (C1)"""
        return await answer(
            SubscriptionCollectionPauseAnswer,
            SubscriptionCollectionPaused.of,
            perform(pause_collection, info.context, input),
        )
