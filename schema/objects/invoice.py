"""What customers are asked to pay, line by line."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry
from strawberry import ID

from billing.amounts import format_amount
from billing.invoicing.invoices import CollectionMethod, InvoiceReason, InvoiceStatus
from billing.invoicing.values import LineKind
from models.invoice_views import CreditNoteView, InvoiceView, LineView
from resolvers import invoices as resolved
from resolvers import nodes, payments
from resolvers.loaders import OfVersion
from schema.columns import Columns
from schema.info import Info
from schema.objects.feature import Feature
from schema.objects.money import Money
from schema.objects.payment import Payment
from schema.objects.period import Period
from schema.objects.plan import Plan
from schema.objects.price import Price
from schema.promise import about, field, object_type, shown
from schema.relay import NAMED, Node, show, shows, sure
from schema.scalars import Amount

if TYPE_CHECKING:
    from schema.objects.customer import Customer
    from schema.objects.subscription import Subscription

_PERCENT = 4
"""A rate is kept in millionths: four decimals of a percent."""


@object_type
class LineTax:
    """The tax of a line."""

    name: str = about("What the tax is called.")
    country: str | None = about("The ISO 3166 code of the country that asks for it; null where the rule names none.")
    percent: Amount = about("The rate in percent, like `19`.")
    inclusive: bool = about("Whether the line's amount contains it.")
    amount: Money = about("The line's share of the invoice's tax at this rate.")


@shows(LineView)
@object_type
class InvoiceLine:
    """One line: time of a licensed price, what was measured, something once, or what is given back of another line."""

    view: strawberry.Private[LineView]
    id: ID = about("The id of the line.")
    kind: LineKind = about("What it is for.")
    proration: bool = about("Whether it stands for a piece of a whole interval.")
    description: str | None = about("The merchant's own words, of items that the merchant added.")
    period: Period | None = about("The time that it bills or gives back; null for what happens once.")
    amount: Money = about("Before the discount.")
    discount: Money = about("What the discount takes off.")
    net: Money = about("After the discount; contains an inclusive tax, and no exclusive one.")
    credited_line_id: ID | None = about("The line that it gives back a piece of.")
    created_at: datetime = about("When it came about; it may have waited for the invoice.")

    @classmethod
    def of(cls, view: LineView) -> "InvoiceLine":
        """Show a line."""
        return cls(
            view=view,
            id=ID(view.id),
            kind=view.kind,
            proration=view.proration,
            description=view.description or None,
            period=Period.of(view.period) if view.period else None,
            amount=Money.of(view.gross, view.currency),
            discount=Money.of(view.discount, view.currency),
            net=Money.of(view.net, view.currency),
            credited_line_id=ID(view.credits_line_id) if view.credits_line_id else None,
            created_at=view.created_at,
        )

    @field
    async def name(self, info: Info) -> str | None:
        """What it is called, as that was when it was billed: the merchant's words, what was measured, or the plan."""
        return await resolved.name_of(info.context, self.view)

    @field
    def tax(self) -> LineTax | None:
        """By which rule it is taxed; null where it is not."""
        tax = self.view.tax
        if tax.ppm is None:
            return None
        return LineTax(
            name=tax.name,
            country=tax.country or None,
            percent=Amount(format_amount(tax.ppm, _PERCENT)),
            inclusive=tax.inclusive,
            amount=Money.of(tax.amount, self.view.currency),
        )

    @field
    async def quantity(self, info: Info) -> Amount:
        """How many, or how much was measured, in the feature's unit."""
        feature = await info.context.loaders.feature.load(self.view.feature_id) if self.view.feature_id else None
        return Amount(format_amount(self.view.quantity, feature.scale if feature else 0))

    @field
    async def feature(self, info: Info) -> Feature | None:
        """What was measured."""
        found = await info.context.loaders.feature.load(self.view.feature_id) if self.view.feature_id else None
        return Feature.of(found) if found else None

    @field
    async def plan(self, info: Info) -> Plan | None:
        """The plan or add-on that asks for it, in the version whose price it is."""
        if not self.view.price_id:
            return None
        price = sure(await info.context.loaders.price.load(self.view.price_id))
        return Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(price.plan_version_id))))

    @field
    async def price(self, info: Info) -> Price | None:
        """The price at which it was billed."""
        found = await info.context.loaders.price.load(self.view.price_id) if self.view.price_id else None
        return Price.of(found) if found else None


@object_type
class CreditNote:
    """What was given back of a final invoice: first what was unpaid, then to the customer."""

    id: ID = about("The id of the credit note.")
    number: str = about("Its number, without gaps in the environment.")
    total: Money = about("All of it, tax included.")
    tax: Money = about("The tax in it.")
    reduced: Money = about("By how much it lowered what was left to pay.")
    to_balance: Money = about("What went to the customer's credit balance.")
    refunded: Money = about("What was paid back.")
    out_of_band: Money = about("What the merchant gave back by another way.")
    reason: str | None = about("The merchant's own words.")
    created_at: datetime = about("When it was made.")

    @classmethod
    def of(cls, view: CreditNoteView) -> "CreditNote":
        """Show a credit note."""
        return cls(
            id=ID(view.id),
            number=view.number,
            total=Money.of(view.total, view.currency),
            tax=Money.of(view.tax, view.currency),
            reduced=Money.of(view.reduced, view.currency),
            to_balance=Money.of(view.to_balance, view.currency),
            refunded=Money.of(view.refunded, view.currency),
            out_of_band=Money.of(view.out_of_band, view.currency),
            reason=view.reason or None,
            created_at=view.created_at,
        )


def _draft(view: InvoiceView) -> bool:
    return view.status is InvoiceStatus.DRAFT


def _charged(view: InvoiceView) -> bool:
    return not _draft(view) and view.collection_method is CollectionMethod.CHARGE_AUTOMATICALLY


def _money(description: str, column: str) -> Any:  # noqa: ANN401  (as `shown`)
    return shown(description, lambda view: Money.of(getattr(view, column), view.currency))


@shows(InvoiceView)
@object_type
class Invoice(Node):
    """What a customer is asked to pay. Once final it never changes; what is given back is on credit notes."""

    view: strawberry.Private[InvoiceView]
    id: ID = shown(NAMED, "id")
    number: str | None = shown("Its number, without gaps in the environment; null while it is a draft.", "number")
    status: InvoiceStatus = shown("Where it stands.", "status")
    reason: InvoiceReason = shown("What made it.", "reason")
    currency: str = shown("The ISO 4217 code of its currency.", "currency")
    collection_method: CollectionMethod = shown("How it is paid.", "collection_method")
    auto_advance: bool = shown(
        "Whether it goes on by itself: is finalized, collected, reminded of. (C14)", "auto_advance"
    )
    period: Period | None = shown(
        "The period of the subscription that it was made for.",
        lambda view: Period.of(view.period) if view.period else None,
    )
    subtotal: Money = _money("Its lines before discounts.", "subtotal")
    discount: Money = _money("What discounts take off.", "discount")
    tax: Money = _money("The tax, inclusive and exclusive.", "tax")
    total: Money = _money("What it comes to; less than nothing goes to the customer's credit balance. (C7)", "total")
    balance_applied: Money = _money("What the customer's credit balance paid.", "balance_applied")
    credited: Money = _money("What credit notes took off.", "credited")
    paid: Money = _money("What was paid.", "paid")
    remaining: Money = _money("What is left to pay.", "remaining")
    paid_out_of_band: bool = shown("Whether the merchant marked it as paid otherwise.", "paid_out_of_band")
    next_attempt_at: datetime | None = shown(
        "When it is tried again to collect it. (C2)", lambda view: view.due_at if _charged(view) else None
    )
    finalizes_at: datetime | None = shown(
        "When a draft becomes final: usage that is reported until then is on it.",
        lambda view: view.due_at if _draft(view) else None,
    )
    payable_by: datetime | None = shown("When it is due.", "payable_by")
    created_at: datetime = shown("When it was made.", "created_at")
    finalized_at: datetime | None = shown("When it became final.", "finalized_at")
    settled_at: datetime | None = shown("When it was paid, voided or given up.", "settled_at")

    @classmethod
    def of(cls, view: InvoiceView) -> "Invoice":
        """Show an invoice; what is not asked for of it is not written, and need not be there."""
        return cls(view=view)

    @field
    def hosted_url(self, info: Info) -> str | None:
        """A page that shows it to whoever has the address, for some weeks; null for a draft. Not for logs."""
        return resolved.hosted_url(info.context, self.view)

    @field
    def pdf_url(self, info: Info) -> str | None:
        """The same as a PDF."""
        url = resolved.hosted_url(info.context, self.view)
        return f"{url}.pdf" if url else None

    @field
    async def customer(self, info: Info) -> Annotated["Customer", strawberry.lazy("schema.objects.customer")] | None:
        """Who pays it."""
        view = await nodes.customer_behind(info.context, self.view.customer_id)
        return show(view) if view else None

    @field
    async def subscription(
        self, info: Info
    ) -> Annotated["Subscription", strawberry.lazy("schema.objects.subscription")] | None:
        """The subscription that it is about; null where it is about none."""
        if not self.view.subscription_id:
            return None
        view = await nodes.subscription_behind(info.context, self.view.subscription_id)
        return show(view) if view else None

    @field
    async def lines(self, info: Info) -> list[InvoiceLine]:
        """Its lines: what is given back, time, what was measured, items."""
        return [InvoiceLine.of(view) for view in await resolved.lines_of(info.context, self.view.id)]

    @field
    async def credit_notes(self, info: Info) -> list[CreditNote]:
        """What was given back of it since, oldest first."""
        return [CreditNote.of(view) for view in await resolved.credit_notes_of(info.context, self.view.id)]

    @field
    async def payments(self, info: Info) -> list[Payment]:
        """Every attempt to collect it, in their order."""
        return [Payment.of(view) for view in await payments.payments_of(info.context, self.view.id)]


COLUMNS: Final = Columns(
    Invoice,
    **{each: f"{each} currency" for each in ("subtotal", "discount", "tax", "total", "credited", "paid", "remaining")},
    balanceApplied="balance_applied currency",
    nextAttemptAt="due_at status collection_method",
    finalizesAt="due_at status",
    hostedUrl="number",
    pdfUrl="number",
    customer="customer_id",
    subscription="subscription_id",
    lines="",
    creditNotes="",
    payments="",
)
