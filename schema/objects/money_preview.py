"""What an act would cost."""

from datetime import datetime

import strawberry
from strawberry import ID

from billing.amounts import format_amount
from billing.invoicing.invoices import InvoiceReason, InvoiceStatus
from billing.invoicing.values import LineKind
from models.invoice_views import CreditNoteView, InvoiceView, LineView
from models.payment_views import RefundView
from resolvers.effects import Foreseen, LetGo
from resolvers.loaders import OfVersion
from resolvers.rehearsing import Rehearsal
from schema.info import Info
from schema.objects.money import Money
from schema.objects.period import Period
from schema.objects.plan import Plan
from schema.promise import about, field, object_type
from schema.relay import sure
from schema.scalars import Amount


@object_type
class InvoiceLinePreview:
    """A line that would come about."""

    view: strawberry.Private[LineView]
    kind: LineKind = about("What it would be for.")
    proration: bool = about("Whether it would stand for a piece of a whole interval.")
    description: str | None = about("The merchant's own words, of items that the merchant added.")
    period: Period | None = about("The time that it would bill or give back.")
    net: Money = about("What it would come to, after the discount and before exclusive tax; negative: given back.")

    @classmethod
    def of(cls, view: LineView) -> "InvoiceLinePreview":
        """Show a line."""
        return cls(
            view=view,
            kind=view.kind,
            proration=view.proration,
            description=view.description or None,
            period=Period.of(view.period) if view.period else None,
            net=Money.of(view.net, view.currency),
        )

    @field
    async def quantity(self, info: Info) -> Amount:
        """How many, or how much was measured so far, in the feature's unit."""
        feature = await info.context.loaders.feature.load(self.view.feature_id) if self.view.feature_id else None
        return Amount(format_amount(self.view.quantity, feature.scale if feature else 0))

    @field
    async def plan(self, info: Info) -> Plan | None:
        """The plan or add-on that would ask for it."""
        if not self.view.price_id:
            return None
        price = sure(await info.context.loaders.price.load(self.view.price_id))
        return Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(price.plan_version_id))))


@object_type
class InvoicePreview:
    """An invoice that would be made."""

    made_at: datetime = about("When it would be made.")
    reason: InvoiceReason = about("What would make it.")
    lines: list[InvoiceLinePreview] = about("Its lines.")
    discount: Money = about("What discounts would take off.")
    tax: Money = about("The tax.")
    total: Money = about("What it would come to; less than nothing would go to the customer's credit.")
    balance_applied: Money = about("What the customer's credit would pay of it.")
    remaining: Money = about("What would be left to pay.")

    @classmethod
    def of(cls, foreseen: Foreseen) -> "InvoicePreview":
        """Show an invoice; usage that is to come is not on it."""
        view = foreseen.invoice
        return cls(
            made_at=view.created_at,
            reason=view.reason,
            lines=[InvoiceLinePreview.of(line) for line in foreseen.lines],
            discount=Money.of(view.discount, view.currency),
            tax=Money.of(view.tax, view.currency),
            total=Money.of(view.total, view.currency),
            balance_applied=Money.of(view.balance_applied, view.currency),
            remaining=Money.of(view.remaining, view.currency),
        )


@object_type
class CreditNotePreview:
    """A credit note that would lower an unpaid invoice."""

    invoice_id: ID = about("The invoice.")
    total: Money = about("What would be given back, tax included.")
    reduced: Money = about("By how much the invoice would be lowered.")

    @classmethod
    def of(cls, view: CreditNoteView) -> "CreditNotePreview":
        """Show a credit note."""
        return cls(
            invoice_id=ID(view.invoice_id),
            total=Money.of(view.total, view.currency),
            reduced=Money.of(view.reduced, view.currency),
        )


@object_type
class RefundPreview:
    """Money that would go back."""

    invoice_id: ID = about("The invoice that was paid.")
    amount: Money = about("How much.")

    @classmethod
    def of(cls, view: RefundView) -> "RefundPreview":
        """Show a refund."""
        return cls(invoice_id=ID(view.invoice_id), amount=Money.of(view.amount, view.currency))


@object_type
class WaivedTime:
    """Time that was billed, and that would neither be used nor given back."""

    view: strawberry.Private[LetGo]
    quantity: Amount = about("How many of it.")
    period: Period = about("The time.")
    amount: Money = about("What giving it back would come to, before exclusive tax.")

    @classmethod
    def of(cls, view: LetGo) -> "WaivedTime":
        """Show what is let go."""
        return cls(
            view=view,
            quantity=Amount(str(view.quantity)),
            period=Period.of(view.period),
            amount=Money.of(view.amount, view.currency),
        )

    @field
    async def plan(self, info: Info) -> Plan:
        """The plan or add-on that was billed for it."""
        price = sure(await info.context.loaders.price.load(self.view.price_id))
        return Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(price.plan_version_id))))


@object_type
class UnpaidInvoicePreview:
    """What would become of a draft or unpaid invoice."""

    invoice_id: ID = about("The invoice.")
    status: InvoiceStatus = about("How it would stand.")
    auto_advance: bool = about("Whether it would go on by itself: become final, be charged.")
    remaining: Money = about("What would be left to pay.")

    @classmethod
    def of(cls, view: InvoiceView) -> "UnpaidInvoicePreview":
        """Show an invoice as it would be."""
        return cls(
            invoice_id=ID(view.id),
            status=view.status,
            auto_advance=view.auto_advance,
            remaining=Money.of(view.remaining, view.currency),
        )


@object_type
class MoneyPreview:
    """What an act would do to the money, by the code that carries it out, at the instant at which it was asked.

    Of an act that sets an end, what is dropped, refunded and left unpaid is told as of that end, where it comes in what
    was looked at.
    """

    at: datetime = about("The instant to which it is reckoned.")
    token: str | None = about(
        "Pass it as `previewToken` within 30 minutes: the act is then just what is shown here, as of this instant, or"
        " is refused as StalePreview. Null for customers, and for what a plan migration would do."
    )
    invoiced_now: list[InvoicePreview] = about("What would be invoiced at once.")
    upcoming: list[InvoicePreview] = about(
        "What would be invoiced next, of an end at most 6 invoices up to it, with what is known of usage by now."
    )
    looked_until: datetime = about("Up to when was looked ahead for it; of what comes later nothing is known.")
    credit_notes: list[CreditNotePreview] = about("What would lower invoices that are not paid.")
    refunds: list[RefundPreview] = about("What would be paid back.")
    waiting: list[InvoiceLinePreview] = about(
        "What would wait for an invoice: the subscription's, and the customer's as a whole in its currency. To a token"
        " bound to one subscription its own lines only."
    )
    dropped: list[InvoiceLinePreview] = about(
        "What waits now, and usage that is not billed yet, which would be taken back and never be invoiced. (C11, C13)"
        " To a token bound to one subscription its own lines only."
    )
    waived: list[WaivedTime] = about("Time that is billed, and would neither be used nor given back.")
    unpaid: list[UnpaidInvoicePreview] = about("What would become of the drafts and unpaid invoices that are there.")
    credit_balances: list[Money] = about(
        "What the customer would have in credit right after it; nothing to a token bound to one subscription."
    )

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> "MoneyPreview":
        """Show a rehearsal."""
        done = rehearsal.done
        return cls(
            at=rehearsal.at,
            token=rehearsal.token,
            invoiced_now=[InvoicePreview.of(each) for each in done.now],
            upcoming=[InvoicePreview.of(each) for each in rehearsal.upcoming],
            looked_until=rehearsal.until,
            credit_notes=[CreditNotePreview.of(each) for each in done.notes],
            refunds=[RefundPreview.of(each) for each in done.refunds],
            waiting=[InvoiceLinePreview.of(each) for each in done.waiting],
            dropped=[InvoiceLinePreview.of(each) for each in done.dropped],
            waived=[WaivedTime.of(each) for each in done.let_go],
            unpaid=[UnpaidInvoicePreview.of(each) for each in done.unpaid],
            credit_balances=[Money.of(amount, currency) for currency, amount in done.balances],
        )
