"""Cancelling."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CancelReason, CancelTiming
from resolvers.subscription_cancel import SubscriptionCancel, cancel
from resolvers.subscription_cancel import SubscriptionCanceled as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type
from schema.refusals import ActionNotAllowed, AlreadyEnded, AnyAct, DateOutOfRange
from schema.texts import actor, comment, given, idempotency_key, identifier


@input_type
class SubscriptionCancelInput:
    """A cancellation."""

    subscription_id: ID = about("The subscription.")
    timing: CancelTiming | None = about(
        "When it takes effect; the policy says so otherwise. Merchants only.", default=UNSET
    )
    date: datetime | None = about(
        "The instant, with timing ON_DATE only: after now, at most ten years away.", default=UNSET
    )
    reason: CancelReason | None = about("Why; never needed.", default=UNSET)
    comment: str | None = about("What else is said about it, at most 1000 characters.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionCancel:
        """Check every value."""
        return SubscriptionCancel(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            timing=given(self.timing),
            date=given(self.date),
            reason=given(self.reason),
            comment=comment(self.comment, "comment"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCanceled:
    """The subscription has ended or will."""

    subscription: Subscription = about("The subscription, as of now.")
    effective_at: datetime = about("When it ends, or ended.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCanceled":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            effective_at=outcome.effective_at,
            replayed=outcome.replayed,
        )


SubscriptionCancelAnswer: TypeAlias = Annotated[
    SubscriptionCanceled | AnyAct | ActionNotAllowed | AlreadyEnded | DateOutOfRange,
    strawberry.union(
        "SubscriptionCancelAnswer",
        description="What `subscriptionCancel` answers: what was done, or how it was refused.",
    ),
]


@strawberry.type
class SubscriptionCancelMutation:
    """The act as a root field."""

    @mutation
    async def subscription_cancel(
        self, info: Info, input: Annotated[SubscriptionCancelInput, INPUT]
    ) -> SubscriptionCancelAnswer:
        """Cancel now, when the period ends, or on a date; a customer as the policy says. (S4, K8, C8)"""
        return await answer(SubscriptionCancelAnswer, SubscriptionCanceled.of, perform(cancel, info.context, input))
