"""Charging or giving back something once."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers import checks
from resolvers.invoice_item_create import InvoiceItemCreate, create_item
from resolvers.invoice_item_create import InvoiceItemCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, MoneyInput, PeriodInput, period_of
from schema.objects.invoice import InvoiceLine
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import (
    AmountOutOfRange,
    AnyAct,
    CurrencyMismatch,
    CustomerArchived,
    DateOutOfRange,
    SubscriptionEnded,
)
from schema.texts import actor, idempotency_key, optional_identifier, text


@input_type
class InvoiceItemCreateInput:
    """Something that is charged once, or given back."""

    customer: CustomerRef = about("The customer.")
    subscription_id: ID | None = about(
        "Whose invoice takes it; without one it is the customer's next invoice in the currency.", default=UNSET
    )
    amount: MoneyInput = about("Before tax, or with it where the tax is inclusive; negative: given back.")
    description: str = about("What it is for, as the invoice says it; at most 500 characters.")
    period: PeriodInput | None = about("The time that it is for, where it is for some.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceItemCreate:
        """Check every value."""
        return InvoiceItemCreate(
            customer=self.customer.to_ref(),
            amount=checks.money(self.amount.amount, self.amount.currency),
            description=text(self.description, "description", checks.WORDS),
            subscription_id=optional_identifier(self.subscription_id, "subscriptionId"),
            period=period_of(self.period),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceItemCreated:
    """The item waits for an invoice."""

    item: InvoiceLine | None = about("The item, as of now; null where it was deleted since.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceItemCreated":
        """Show what was done."""
        return cls(item=InvoiceLine.of(outcome.item) if outcome.item else None, replayed=outcome.replayed)


InvoiceItemCreateAnswer: TypeAlias = Annotated[
    InvoiceItemCreated
    | AnyAct
    | DateOutOfRange
    | CustomerArchived
    | SubscriptionEnded
    | CurrencyMismatch
    | AmountOutOfRange,
    strawberry.union(
        "InvoiceItemCreateAnswer", description="What `invoiceItemCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceItemCreateMutation:
    """The act as a root field."""

    @mutation
    async def invoice_item_create(
        self, info: Info, input: Annotated[InvoiceItemCreateInput, INPUT]
    ) -> InvoiceItemCreateAnswer:
        """Let something wait for the customer's next invoice: a charge, or money given back. (C11)"""
        return await answer(InvoiceItemCreateAnswer, InvoiceItemCreated.of, perform(create_item, info.context, input))
