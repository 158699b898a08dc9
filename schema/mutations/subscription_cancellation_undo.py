"""Keeping a subscription. (K14)"""

from dataclasses import replace
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.as_previewed import undo_as_previewed
from resolvers.subscription_cancellation_undo import CancellationUndo
from resolvers.subscription_cancellation_undo import CancellationUndone as Outcome
from schema.answers import answer, perform
from schema.ending_refusals import UndoRefusal
from schema.info import Info
from schema.objects.subscription import Subscription
from schema.preview_refusals import PreviewRequired, StalePreview
from schema.promise import (
    ACTOR,
    AS_SHOWN_TO_UNDO,
    IDEMPOTENCY_KEY,
    INPUT,
    REPLAYED,
    about,
    input_type,
    mutation,
    object_type,
    part_type,
)
from schema.queries.previews import SubscriptionCancellationUndoPreviewInput
from schema.refusals import AnyAct
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, idempotency_key, optional_text


@input_type
class SubscriptionCancellationUndoInput(SubscriptionCancellationUndoPreviewInput):
    """The subscription to keep."""

    preview_token: str | None = about(AS_SHOWN_TO_UNDO, default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CancellationUndo:
        """Check every value."""
        return replace(
            super().to_command(),
            preview_token=optional_text(self.preview_token, "previewToken"),
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
    SubscriptionCancellationUndone | AnyAct | UndoRefusal | ManagedBySchedule | PreviewRequired | StalePreview,
    strawberry.union(
        "SubscriptionCancellationUndoAnswer",
        description="What `subscriptionCancellationUndo` answers: what was done, or how it was refused.",
    ),
]


@part_type
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
            perform(undo_as_previewed, info.context, input),
        )
