"""Collecting again."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.subscription_collection_pause import CollectionSet as Outcome
from resolvers.subscription_collection_pause import SubscriptionCollectionResume, resume_collection
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import ActionNotAllowed, AnyAct, SubscriptionEnded
from schema.texts import actor, idempotency_key, identifier


@input_type
class SubscriptionCollectionResumeInput:
    """The subscription to collect for again."""

    subscription_id: ID = about("The subscription.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionCollectionResume:
        """Check every value."""
        return SubscriptionCollectionResume(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCollectionResumed:
    """Payments are collected again."""

    subscription: Subscription = about("The subscription, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCollectionResumed":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionCollectionResumeAnswer: TypeAlias = Annotated[
    SubscriptionCollectionResumed | AnyAct | ActionNotAllowed | SubscriptionEnded,
    strawberry.union(
        "SubscriptionCollectionResumeAnswer",
        description="What `subscriptionCollectionResume` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionCollectionResumeMutation:
    """The act as a root field."""

    @mutation
    async def subscription_collection_resume(
        self, info: Info, input: Annotated[SubscriptionCollectionResumeInput, INPUT]
    ) -> SubscriptionCollectionResumeAnswer:
        """Collect payments again; invoices that were made meanwhile stay as they are. (C1)"""
        return await answer(
            SubscriptionCollectionResumeAnswer,
            SubscriptionCollectionResumed.of,
            perform(resume_collection, info.context, input),
        )
