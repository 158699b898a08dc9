"""How customers pay, every attempt, and what went back."""

from datetime import datetime

import strawberry
from strawberry import ID

from billing.invoicing.policy import OnDispute
from billing.payments import PaymentStatus, RefundStatus
from models.payment_views import DisputeView, PaymentMethodView, PaymentView, RefundView
from resolvers import payments as resolved
from schema.info import Info
from schema.objects.money import Money
from schema.promise import about, field, object_type


@object_type
class PaymentMethod:
    """A way to pay that a provider keeps."""

    id: ID = about("The id of the payment method.")
    provider: str = about("Who keeps it, like `sandbox`.")
    label: str = about("What its owner knows it by.")
    is_default: bool = about("Whether invoices are charged to it.")
    created_at: datetime = about("When it was added.")
    removed_at: datetime | None = about("Since when it is charged no more.")

    @classmethod
    def of(cls, view: PaymentMethodView) -> "PaymentMethod":
        """Show a payment method."""
        return cls(
            id=ID(view.id),
            provider=view.provider,
            label=view.label,
            is_default=view.is_default,
            created_at=view.created_at,
            removed_at=view.removed_at,
        )


@object_type
class Refund:
    """Money that goes back to where it came from."""

    id: ID = about("The id of the refund.")
    status: RefundStatus = about("Where it stands.")
    amount: Money = about("How much goes back.")
    code: str | None = about("Why it failed, in the provider's word.")
    reason: str | None = about("What the merchant noted.")
    created_at: datetime = about("When it was decided.")
    settled_at: datetime | None = about("When the provider said how it ended.")

    @classmethod
    def of(cls, view: RefundView) -> "Refund":
        """Show a refund."""
        return cls(
            id=ID(view.id),
            status=view.status,
            amount=Money.of(view.amount, view.currency),
            code=view.code or None,
            reason=view.reason or None,
            created_at=view.created_at,
            settled_at=view.settled_at,
        )


@object_type
class Dispute:
    """What a customer's bank took back of a payment. (C10)"""

    id: ID = about("The id of the dispute.")
    amount: Money = about("What was taken back, all in all.")
    whole: bool = about("Whether that is the whole payment; a dispute of a part ends nothing.")
    effect: OnDispute = about("What it does to the subscription.")
    opened_at: datetime = about("When it was opened.")

    @classmethod
    def of(cls, view: DisputeView) -> "Dispute":
        """Show a dispute."""
        return cls(
            id=ID(view.id),
            amount=Money.of(view.amount, view.currency),
            whole=view.whole,
            effect=view.effect,
            opened_at=view.opened_at,
        )


@object_type
class Payment:
    """One attempt to collect an invoice."""

    view: strawberry.Private[PaymentView]
    id: ID = about("The id of the payment; the provider knows it by this.")
    status: PaymentStatus = about("Where it stands.")
    number: int = about("The how manieth attempt to collect the invoice it is.")
    manual: bool = about("Whether somebody asked for it; it is none of the planned ones then.")
    provider: str | None = about("Who was asked; null where there was nothing to charge.")
    amount: Money = about("How much it is of.")
    refunded: Money = about("What of it went back, or is on its way.")
    refundable: Money = about("What of it can still go back.")
    code: str | None = about("Why it failed, in the provider's word, like `insufficient_funds`.")
    action_url: str | None = about("Where the customer confirms it.")
    scheduled_at: datetime = about("For when it was planned.")
    made_at: datetime | None = about("When the provider was asked.")
    settled_at: datetime | None = about("When the provider said how it ended.")

    @classmethod
    def of(cls, view: PaymentView) -> "Payment":
        """Show a payment."""
        return cls(
            view=view,
            id=ID(view.id),
            status=view.status,
            number=view.number,
            manual=view.manual,
            provider=view.provider or None,
            amount=Money.of(view.amount, view.currency),
            refunded=Money.of(view.refunded, view.currency),
            refundable=Money.of(view.refundable if view.status is PaymentStatus.SUCCEEDED else 0, view.currency),
            code=view.code or None,
            action_url=view.action_url or None,
            scheduled_at=view.scheduled_at,
            made_at=view.made_at,
            settled_at=view.settled_at,
        )

    @field
    async def refunds(self, info: Info) -> list[Refund]:
        """What went back of it, oldest first."""
        return [Refund.of(view) for view in await resolved.refunds_of(info.context, self.view.id)]

    @field
    async def dispute(self, info: Info) -> Dispute | None:
        """What the customer's bank took back of it."""
        found = await resolved.dispute_of(info.context, self.view.id)
        return Dispute.of(found) if found else None
