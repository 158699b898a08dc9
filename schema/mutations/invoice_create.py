"""Making an invoice by hand."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers import checks
from resolvers.invoice_create import InvoiceCreate, LineAsked, create_invoice
from resolvers.invoice_create import InvoiceCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, PeriodInput, period_of
from schema.invoice_refusals import NothingToInvoice
from schema.objects.invoice import Invoice
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct, CurrencyMismatch, CustomerArchived
from schema.scalars import Amount
from schema.texts import actor, currency, given, idempotency_key, optional_identifier, some, text

MOST_LINES = 100


@input_type
class InvoiceLineInput:
    """A line of an invoice that is made by hand."""

    amount: Amount = about("In the invoice's currency; negative: given back.")
    description: str = about("What it is for; at most 500 characters.")
    period: PeriodInput | None = about("The time that it is for, where it is for some.", default=UNSET)

    def to_line(self, currency: str) -> LineAsked:
        """Check every value."""
        return LineAsked(
            amount=checks.money(self.amount, currency, "lines"),
            description=text(self.description, "lines.description", checks.WORDS),
            period=period_of(self.period, "lines.period"),
        )


@input_type
class InvoiceCreateInput:
    """Whose invoice, and of what."""

    customer: CustomerRef = about("The customer.")
    currency: str = about("The ISO 4217 code of its currency.")
    subscription_id: ID | None = about(
        "The subscription that it is about: what waits of it is taken too. Without one only what no live subscription "
        "will invoice is.",
        default=UNSET,
    )
    lines: list[InvoiceLineInput] | None = about(
        "Its lines, 1 to 100, and nothing else then; without them it takes what waits.", default=UNSET
    )
    auto_advance: bool = about("Whether it becomes final by itself; else it stays a draft. (C14)", default=True)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceCreate:
        """Check every value."""
        known, lines = currency(self.currency), given(self.lines)
        return InvoiceCreate(
            customer=self.customer.to_ref(),
            currency=known,
            subscription_id=optional_identifier(self.subscription_id, "subscriptionId"),
            lines=None if lines is None else tuple(each.to_line(known) for each in some(lines, "lines", MOST_LINES)),
            auto_advance=self.auto_advance,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceCreated:
    """The invoice is there."""

    invoice: Invoice = about("The invoice, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceCreated":
        """Show what was done."""
        return cls(invoice=Invoice.of(outcome.invoice), replayed=outcome.replayed)


InvoiceCreateAnswer: TypeAlias = Annotated[
    InvoiceCreated | AnyAct | CustomerArchived | NothingToInvoice | CurrencyMismatch | AmountOutOfRange,
    strawberry.union(
        "InvoiceCreateAnswer", description="What `invoiceCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceCreateMutation:
    """The act as a root field."""

    @mutation
    async def invoice_create(self, info: Info, input: Annotated[InvoiceCreateInput, INPUT]) -> InvoiceCreateAnswer:
        """Make an invoice of what waits for one, or of lines of its own. Less than nothing goes to the balance. (C7)"""
        return await answer(InvoiceCreateAnswer, InvoiceCreated.of, perform(create_invoice, info.context, input))
