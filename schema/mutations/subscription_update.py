"""Setting what stays open for good. (C3)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CancelReason
from resolvers.subscription_update import SubscriptionUpdate, update
from resolvers.subscription_update import SubscriptionUpdated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, NoCancellationPending
from schema.scalars import Metadata
from schema.texts import actor, comment, given, idempotency_key, identifier, metadata


@input_type
class SubscriptionUpdateInput:
    """What to set; what is left out stays as it is."""

    subscription_id: ID = about("The subscription; it may have ended.")
    metadata: Metadata | None = about(
        "The merchant's own notes, in place of those that are there; an empty object clears them.", default=UNSET
    )
    cancellation_reason: CancelReason | None = about("Why it was cancelled, said afterwards. (T3)", default=UNSET)
    cancellation_comment: str | None = about(
        "What else is said about the cancellation, at most 1000 characters; of customers with the reason OTHER only.",
        default=UNSET,
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionUpdate:
        """Check every value."""
        return SubscriptionUpdate(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            metadata=metadata(self.metadata),
            reason=given(self.cancellation_reason),
            comment=comment(self.cancellation_comment, "cancellationComment"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionUpdated:
    """It is set."""

    subscription: Subscription = about("The subscription, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionUpdated":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionUpdateAnswer: TypeAlias = Annotated[
    SubscriptionUpdated | AnyAct | NoCancellationPending,
    strawberry.union(
        "SubscriptionUpdateAnswer",
        description="What `subscriptionUpdate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionUpdateMutation:
    """The act as a root field."""

    @mutation
    async def subscription_update(
        self, info: Info, input: Annotated[SubscriptionUpdateInput, INPUT]
    ) -> SubscriptionUpdateAnswer:
        """Set metadata, or why it was cancelled: all that may change after the end, too. (C3)"""
        return await answer(SubscriptionUpdateAnswer, SubscriptionUpdated.of, perform(update, info.context, input))
