"""Giving money back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.refund_create import RefundCreate, create_refund
from resolvers.refund_create import RefundCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.invoice import Invoice
from schema.objects.payment import Refund
from schema.payment_refusals import NothingToRefund, RefundTooLarge
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct
from schema.scalars import Amount
from schema.texts import actor, comment, given, idempotency_key, identifier, optional_identifier


@input_type
class RefundCreateInput:
    """What goes back."""

    invoice_id: ID = about("The invoice that was paid.")
    payment_id: ID | None = about(
        "Which of its payments; the newest that has something left unless said.", default=UNSET
    )
    amount: Amount | None = about(
        "How much, in whole units of the currency; all that is left unless said.", default=UNSET
    )
    reason: str | None = about("What to note, at most 1000 characters.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> RefundCreate:
        """Check every value."""
        return RefundCreate(
            invoice_id=identifier(self.invoice_id, "invoiceId"),
            payment_id=optional_identifier(self.payment_id, "paymentId"),
            amount=given(self.amount),
            reason=comment(self.reason, "reason") or "",
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class RefundCreated:
    """Money goes back."""

    refund: Refund = about("The refund; it may still be on its way.")
    invoice: Invoice = about("The invoice, which stays paid.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "RefundCreated":
        """Show what was done."""
        return cls(
            refund=Refund.of(outcome.refund),
            invoice=Invoice.of(outcome.invoice),
            replayed=outcome.replayed,
        )


RefundCreateAnswer: TypeAlias = Annotated[
    RefundCreated | AnyAct | AmountOutOfRange | NothingToRefund | RefundTooLarge,
    strawberry.union(
        "RefundCreateAnswer",
        description="What `refundCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class RefundCreateMutation:
    """The act as a root field."""

    @mutation
    async def refund_create(self, info: Info, input: Annotated[RefundCreateInput, INPUT]) -> RefundCreateAnswer:
        """Give money back to the method that it came from: never more than came in and has not gone back. (C5, C7)"""
        return await answer(RefundCreateAnswer, RefundCreated.of, perform(create_refund, info.context, input))
