"""Keeping a subscription. (K14)"""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.subscription_cancellation_undo import CancellationUndo, undo_cancellation
from resolvers.subscription_cancellation_undo import CancellationUndone as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type
from schema.refusals import ActionNotAllowed, AlreadyEnded, AnyAct, NoCancellationPending, RefundAlreadyMade
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, idempotency_key, identifier


@input_type
class SubscriptionCancellationUndoInput:
    """The subscription to keep."""

    subscription_id: ID = about("The subscription.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CancellationUndo:
        """Check every value."""
        return CancellationUndo(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCancellationUndone:
    """The subscription goes on."""

    subscription: Subscription = about("The subscription, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCancellationUndone":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            replayed=outcome.replayed,
        )


SubscriptionCancellationUndoAnswer: TypeAlias = Annotated[
    SubscriptionCancellationUndone
    | AnyAct
    | ActionNotAllowed
    | AlreadyEnded
    | NoCancellationPending
    | RefundAlreadyMade
    | ManagedBySchedule,
    strawberry.union(
        "SubscriptionCancellationUndoAnswer",
        description="What `subscriptionCancellationUndo` answers: what was done, or how it was refused.",
    ),
]


@strawberry.type
class SubscriptionCancellationUndoMutation:
    """The act as a root field."""

    @mutation
    async def subscription_cancellation_undo(
        self, info: Info, input: Annotated[SubscriptionCancellationUndoInput, INPUT]
    ) -> SubscriptionCancellationUndoAnswer:
        """Take a pending cancellation back: the subscription renews as it would have. (K14, K15)"""
        return await answer(
            SubscriptionCancellationUndoAnswer,
            SubscriptionCancellationUndone.of,
            perform(undo_cancellation, info.context, input),
        )
