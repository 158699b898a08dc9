"""Cancelling."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CancelReason
from resolvers.as_previewed import cancel_as_previewed
from resolvers.subscription_cancel import SubscriptionCancel
from resolvers.subscription_cancel import SubscriptionCanceled as Outcome
from schema.answers import answer, perform
from schema.ending_refusals import CancelRefusal, NotAReplacement
from schema.info import Info
from schema.objects.invoice import Invoice
from schema.objects.payment import Refund
from schema.objects.subscription import Subscription
from schema.preview_refusals import PreviewRequired, StalePreview
from schema.promise import (
    ACTOR,
    AS_SHOWN_TO_CANCEL,
    IDEMPOTENCY_KEY,
    INPUT,
    REPLAYED,
    about,
    input_type,
    mutation,
    object_type,
    part_type,
)
from schema.queries.previews import SubscriptionCancellationPreviewInput
from schema.refusals import AnyAct
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, comment, given, idempotency_key, optional_text


@input_type
class SubscriptionCancelInput(SubscriptionCancellationPreviewInput):
    """A cancellation."""

    reason: CancelReason | None = about("Why; never needed.", default=UNSET)
    comment: str | None = about("What else is said about it, at most 1000 characters.", default=UNSET)
    replaced_by_subscription_id: ID | None = about(
        "The customer's subscription that takes its place, with the reason REPLACED; the merchant's to say. (K6)",
        default=UNSET,
    )
    preview_token: str | None = about(AS_SHOWN_TO_CANCEL, default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> SubscriptionCancel:
        """Check every value."""
        return replace(
            super().to_command(),
            reason=given(self.reason),
            comment=comment(self.comment, "comment"),
            replaced_by=optional_text(self.replaced_by_subscription_id, "replacedBySubscriptionId"),
            preview_token=optional_text(self.preview_token, "previewToken"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionCanceled:
    """The subscription has ended or will."""

    subscription: Subscription = about("The subscription, as of now.")
    effective_at: datetime = about("When it ends, or ended.")
    final_invoice: Invoice | None = about("The final invoice, where it ended now and there was something to invoice.")
    refunds: list[Refund] = about("What goes back at once; it may still be on its way.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "SubscriptionCanceled":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            effective_at=outcome.effective_at,
            final_invoice=Invoice.of(outcome.final_invoice) if outcome.final_invoice else None,
            refunds=[Refund.of(each) for each in outcome.refunds],
            replayed=outcome.replayed,
        )


SubscriptionCancelAnswer: TypeAlias = Annotated[
    SubscriptionCanceled
    | AnyAct
    | CancelRefusal
    | NotAReplacement
    | ManagedBySchedule
    | PreviewRequired
    | StalePreview,
    strawberry.union(
        "SubscriptionCancelAnswer",
        description="What `subscriptionCancel` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionCancelMutation:
    """The act as a root field."""

    @mutation
    async def subscription_cancel(
        self, info: Info, input: Annotated[SubscriptionCancelInput, INPUT]
    ) -> SubscriptionCancelAnswer:
        """Cancel now, when a period ends, or on a date; a customer as the policy says. (S4, K8, C4-C8)"""
        return await answer(
            SubscriptionCancelAnswer, SubscriptionCanceled.of, perform(cancel_as_previewed, info.context, input)
        )
