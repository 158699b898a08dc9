"""Add something once to what a customer's next invoice takes. (C11)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.values import LineKind
from billing.refusals import CurrencyMismatch, SubscriptionEnded
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, demand_currency, demand_unarchived, found_customer, owner_customer
from resolvers.invoicing.items import told_item
from resolvers.invoicing.lines import line_of

if TYPE_CHECKING:
    from typing import Any

    from billing.calendar import Period
    from billing.money import Money
    from models.invoice_views import LineView
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class InvoiceItemCreate:
    """What is charged, or given back where it is negative; `subscription_id` says whose invoice takes it."""

    customer: CustomerRef
    amount: Money
    description: str
    subscription_id: str | None = None
    period: Period | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceItemCreated:
    """The item as it is now; None where it was deleted since."""

    item: LineView | None
    replayed: bool


async def create_item(ctx: Context, command: InvoiceItemCreate) -> InvoiceItemCreated:
    """Let an item wait for the next invoice of its currency: the subscription's, where one is named."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        if command.period is not None:
            checks.near(command.period.start, work.at, "period")
            checks.near(command.period.end, work.at, "period")
        if command.subscription_id is not None:
            view = await demand_fitting(work, customer.id, command.subscription_id, command.amount.currency)
            _demand_live(view)
        else:
            demand_currency(customer, command.amount.currency, "amount")
        policy = await work.environments.billing(work.environment_id)
        currency, tax = command.amount.currency, policy.tax_for(customer.country)
        begun = line_of(work, LineKind.ITEM, customer.id, command.subscription_id or "", currency, tax)
        item = replace(
            begun,
            description=command.description,
            period=command.period,
            gross=command.amount.minor,
            net=command.amount.minor,
        )
        await work.invoices.add_lines([item])
        await work.record(customer.id, Happening("invoice_item.created", item.id, {}, told_item(item)))
        return {"item_id": item.id}

    outcome, replayed = await act(ctx, "invoiceItemCreate", command, owner_customer(ctx, command.customer), body)
    async with ctx.read() as read:
        return InvoiceItemCreated(await read.invoices.line(outcome["item_id"]), replayed)


def _demand_live(view: SubscriptionView) -> None:
    if not view.facts.live:
        raise SubscriptionEnded(
            "The subscription has ended and is not invoiced again: leave it out.",
            field="subscriptionId",
            ended_at=view.facts.ended_at,
        )


async def demand_fitting(
    read: Reader, customer_id: str, subscription_id: str, currency: str, field: str = "amount"
) -> SubscriptionView:
    """Find the customer's subscription that is meant; nothing is converted, so it is billed in this currency."""
    view = await read.subscriptions.by_id(subscription_id)
    if view is None or view.customer_id != customer_id:
        raise not_found("Subscription", "subscriptionId")
    held = view.facts.currency
    if held and held != currency:
        raise CurrencyMismatch(f"Nothing is converted, and this is billed in {held}.", field=field, currency=held)
    return view
