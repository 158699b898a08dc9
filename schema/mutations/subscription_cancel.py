"""Cancelling."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.ending import EndAccess, EndAsked, EndPreset, EndRefund, OpenInvoices, PendingItems
from billing.lifecycle import CancelReason, CancelTiming
from resolvers.subscription_cancel import SubscriptionCancel, cancel
from resolvers.subscription_cancel import SubscriptionCanceled as Outcome
from schema.answers import answer, perform
from schema.ending_refusals import CancelRefusal
from schema.info import Info
from schema.objects.invoice import Invoice
from schema.objects.payment import Refund
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type
from schema.refusals import AnyAct
from schema.texts import actor, comment, given, idempotency_key, identifier, optional_whole


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
    cycles: int | None = about(
        "With timing AFTER_CYCLES only: after how many periods, 1 being the present one. Merchants only.", default=UNSET
    )
    prorate: bool | None = about(
        "Whether paid time that is cut off is credited. Left out: no where it ends now, yes where a date is set; a"
        " customer's own end credits it. Merchants only.",
        default=UNSET,
    )
    invoice_now: bool | None = about(
        "Whether what waits is invoiced at once. Left out: yes where it ends now, no where a date is set. A later end"
        " makes a final invoice in any case. Merchants only.",
        default=UNSET,
    )
    refund: EndRefund | None = about("What is paid back; NONE unless said. Merchants only.", default=UNSET)
    clear_usage: bool | None = about(
        "Whether usage that is not billed yet is dropped. (C12) Merchants only.", default=UNSET
    )
    open_invoices: OpenInvoices | None = about(
        "What becomes of drafts and unpaid invoices when it ends; STOP_COLLECTION unless said. Merchants only.",
        default=UNSET,
    )
    pending_items: PendingItems | None = about(
        "What becomes of items that wait for an invoice; KEEP unless said. Merchants only.", default=UNSET
    )
    access: EndAccess | None = about(
        "Until when access goes on where it ends now; END_NOW unless said. Merchants only.", default=UNSET
    )
    preset: EndPreset | None = about("Whose defaults speak where nothing is said. Merchants only.", default=UNSET)
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
            cycles=optional_whole(self.cycles, "cycles"),
            money=EndAsked(
                prorate=given(self.prorate),
                invoice_now=given(self.invoice_now),
                refund=given(self.refund),
                clear_usage=given(self.clear_usage),
                open_invoices=given(self.open_invoices),
                pending_items=given(self.pending_items),
                access=given(self.access),
                preset=given(self.preset),
            ),
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
    SubscriptionCanceled | AnyAct | CancelRefusal,
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
        """Cancel now, when a period ends, or on a date; a customer as the policy says. (S4, K8, C4-C8)"""
        return await answer(SubscriptionCancelAnswer, SubscriptionCanceled.of, perform(cancel, info.context, input))
