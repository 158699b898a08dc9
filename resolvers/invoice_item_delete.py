"""Take an item back that no invoice has taken yet. (C11)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoice_refusals import InvoiceItemBilled
from billing.invoicing.values import LineKind
from resolvers.access import not_found
from resolvers.acts import act
from resolvers.invoicing.items import delete_items

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import LineView
    from models.reader import Reader
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class InvoiceItemDelete:
    """The item to take back."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceItemDeleted:
    """Which item is gone."""

    id: str
    replayed: bool


async def delete_item(ctx: Context, command: InvoiceItemDelete) -> InvoiceItemDeleted:
    """Delete an item while it waits; what changes of subscriptions left to bill is no item and stays."""

    async def owner(work: Work) -> str:
        return (await _found(work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        item = await _found(work, command.id)
        if item.invoice_id:
            raise InvoiceItemBilled(
                "The item is on an invoice: give it back by a credit note.", field="id", invoice_id=item.invoice_id
            )
        await delete_items(work, [item])
        return {"item_id": item.id}

    outcome, replayed = await act(ctx, "invoiceItemDelete", command, owner, body)
    return InvoiceItemDeleted(outcome["item_id"], replayed)


async def _found(read: Reader, item_id: str) -> LineView:
    found = await read.invoices.line(item_id)
    if found is None or found.kind is not LineKind.ITEM:
        raise not_found("InvoiceItem", "id")
    return found
