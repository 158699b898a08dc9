"""What waits, what is owed and what is kept around an end: set up and told in a line each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from billing.calendar import Period
from billing.invoicing.invoices import CreditKind
from billing.invoicing.values import LineKind
from billing.money import Money
from models.rows import rows
from models.stores.environments import Environments
from models.tables.base import table
from models.tables.credit import CreditBalanceRow, CreditEntryRow, CreditNoteRow
from models.tables.invoice import InvoiceLineRow, InvoiceRow, UsageCursorRow, WaiverRow
from resolvers.invoicing.balance import Why, move
from resolvers.invoicing.lines import line_of
from tests.scenarios import documents
from tests.scenarios.priced import REPORT
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from models.work import Work
    from tests.scenarios.story import Story, Told

CANCEL: Final = documents.act(
    "subscriptionCancel",
    "SubscriptionCancelInput",
    "... on ProrationUnavoidable { periodStart }"
    " ... on SubscriptionCanceled {"
    " effectiveAt finalInvoice { status total { amount } } refunds { status amount { amount } }"
    " subscription { accessUntil } }",
)
MONEY: Final = (
    InvoiceRow,
    InvoiceLineRow,
    WaiverRow,
    UsageCursorRow,
    CreditBalanceRow,
    CreditEntryRow,
    CreditNoteRow,
)


async def customer(shop: Story, external_id: str, *, credit: int = 0) -> None:
    """Make a customer who has so many cents in credit."""
    await shop.world.ask(documents.UPSERT, input={"externalId": external_id})
    context, customer_id = await shop.world.context(), await shop.customer_id(external_id)

    async def unit(work: Work) -> None:
        await work.bump(customer_id)
        if credit:
            await move(work, customer_id, "USD", credit, Why(CreditKind.GRANT))

    await context.worked(unit)


async def add_waiting(shop: Story, subscription_id: str, external_id: str) -> None:
    """Let an older proration of 4.00 and an item of 5.00 wait, as earlier acts leave them."""
    context, customer_id = await shop.world.context(), await shop.customer_id(external_id)

    async def unit(work: Work) -> None:
        await work.bump(customer_id)
        piece = Period(instant(2024, 1, 5), instant(2024, 1, 8))
        older = replace(
            line_of(work, LineKind.PERIOD, customer_id, subscription_id, "USD", None),
            proration=True,
            period=piece,
            natural=piece,
            gross=400,
            net=400,
        )
        item = replace(line_of(work, LineKind.ITEM, customer_id, "", "USD", None), gross=500, net=500)
        await work.invoices.add_lines([older, item])

    await context.worked(unit)


async def waiting(shop: Story, external_id: str) -> list[str]:
    """Tell what is on no invoice."""
    context, customer_id = await shop.world.context(), await shop.customer_id(external_id)
    async with context.read() as read:
        lines = await read.invoices.waiting(customer_id)
    return sorted(f"{line.kind} {Money(line.net, line.currency).format()}" for line in lines)


async def kept(shop: Story) -> dict[str, list[dict[str, Any]]]:
    """Read every row of money."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with shop.world.database.reading() as connection:
        for each in MONEY:
            listed = [dict(one) for one in await rows(connection, select(table(each)))]
            found[str(table(each).name)] = sorted(listed, key=repr)
    return found


async def bill_as(shop: Story, **settings: Any) -> None:
    """Set how the environment bills."""
    async with shop.world.database.working() as session:
        await Environments(session).update(shop.world.places["main"].environment.id, {"billing": settings})


async def use(shop: Story, external_id: str, amount: int) -> None:
    """Report pages now."""
    asked = {"customer": {"externalId": external_id}, "feature": "pages", "value": str(amount)}
    await shop.world.ask(REPORT, input={**asked, "idempotencyKey": shop.world.fresh_key()})


async def cancel(shop: Story, subscription_id: str, *, key: str | None = None, **options: Any) -> Told:
    """Cancel on these terms, and tell the whole answer."""
    return await shop.act(CANCEL, key=key, subscriptionId=subscription_id, **options)
