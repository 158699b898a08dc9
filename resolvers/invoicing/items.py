"""Items that wait for an invoice: what is told of them, and how they are taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.money import Money
from models.work import Happening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.entitlements.sources import Json
    from models.invoice_views import LineView
    from models.work import Work


def told_item(item: LineView) -> dict[str, Json]:
    """What an event tells of an item; the merchant's words are not told."""
    amount = Money(item.gross, item.currency)
    return {"subscriptionId": item.subscription_id or None, "currency": item.currency, "amount": amount.format()}


async def delete_items(work: Work, items: Sequence[LineView]) -> None:
    """Take items back that no invoice has taken, and tell it of each."""
    await work.invoices.remove_lines([item.id for item in items])
    for item in items:
        await work.record(item.customer_id, Happening("invoice_item.deleted", item.id, told_item(item), {}))
