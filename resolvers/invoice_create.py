"""Make an invoice by hand: of what waits, or of lines that are given with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoice_refusals import NothingToInvoice
from billing.invoicing.invoices import InvoiceReason
from billing.invoicing.values import LineKind
from resolvers.acts import act, demand_currency, demand_unarchived, found_customer, owner_customer
from resolvers.invoice_item_create import demand_fitting
from resolvers.invoices import read_invoice
from resolvers.invoicing.drafting import Occasion, invoice, invoice_of
from resolvers.invoicing.lines import line_of

if TYPE_CHECKING:
    from typing import Any

    from billing.calendar import Period
    from billing.invoicing.policy import TaxRule
    from billing.money import Money
    from models.invoice_views import InvoiceView, LineView
    from models.views import CustomerView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class LineAsked:
    """A line that is given with the invoice."""

    amount: Money
    description: str
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class InvoiceCreate:
    """Whose invoice, in which currency; without `lines` it takes what waits, the subscription's own where one is named.

    Without `auto_advance` it stays a draft.
    """

    customer: CustomerRef
    currency: str
    subscription_id: str | None = None
    lines: tuple[LineAsked, ...] | None = None
    auto_advance: bool = True
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceCreated:
    """The invoice as it is now."""

    invoice: InvoiceView
    replayed: bool


async def create_invoice(ctx: Context, command: InvoiceCreate) -> InvoiceCreated:
    """Make an invoice and, unless it is to stay a draft, make it final; with usage on it, when its grace is over."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        policy = await work.environments.billing(work.environment_id)
        occasion = await _occasion(work, customer, command)
        if command.lines is None:
            made = await invoice(work, customer.id, occasion, policy)
        else:
            lines = _lines(work, customer, command, policy.tax_for(customer.country))
            await work.invoices.add_lines(lines)
            made = await invoice_of(work, customer.id, occasion, lines, policy)
        if made is None:
            raise NothingToInvoice("Nothing waits for an invoice in this currency: give lines.", field="lines")
        return {"invoice_id": made.id}

    outcome, replayed = await act(ctx, "invoiceCreate", command, owner_customer(ctx, command.customer), body)
    return InvoiceCreated(await read_invoice(ctx, outcome["invoice_id"]), replayed)


async def _occasion(work: Work, customer: CustomerView, command: InvoiceCreate) -> Occasion:
    subscription_id = command.subscription_id or ""
    if subscription_id:
        await demand_fitting(work, customer.id, subscription_id, command.currency, "currency")
    elif command.lines is not None:
        demand_currency(customer, command.currency)
    return Occasion(subscription_id, command.currency, InvoiceReason.MANUAL, auto_advance=command.auto_advance)


def _lines(work: Work, customer: CustomerView, command: InvoiceCreate, tax: TaxRule | None) -> list[LineView]:
    return [
        replace(
            line_of(work, LineKind.ITEM, customer.id, command.subscription_id or "", command.currency, tax),
            description=each.description,
            period=each.period,
            gross=each.amount.minor,
            net=each.amount.minor,
        )
        for each in command.lines or ()
    ]
