"""Usage that is told when its period's invoice is final: a line of the next invoice, which names that period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import InvoiceStatus
from models.stores.corrections import Place
from resolvers.invoicing.lines import same_piece
from resolvers.invoicing.measuring import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from models.invoice_views import LineView
    from models.views import PriceView
    from models.work import Work

FINAL = frozenset({InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE})
"""An invoice in these counts no more usage; a draft still does, and of a void one nothing is asked."""


async def told_late(
    work: Work, customer_id: str, subscription_id: str, features: Mapping[str, datetime]
) -> list[LineView]:
    """Make lines of what was used before these instants, by feature, and is more by now than was invoiced."""
    made: list[LineView] = []
    resource = await work.subscriptions.resource(subscription_id)
    for feature_id, start in features.items():
        place = Place(customer_id, feature_id, resource)
        reach = await work.usage.told_late(place, subscription_id, start)
        if reach is None:
            continue
        billed = [
            line for line in await work.invoices.usage_of(subscription_id, reach[0]) if line.feature_id == feature_id
        ]
        made += await _more(work, resource, [line for line in billed if line.period and line.period.start <= reach[1]])
    return made


async def _more(work: Work, resource: str, billed: list[LineView]) -> list[LineView]:
    """What is more by now of each piece that was billed, priced and taxed as it was billed first."""
    invoices = await work.invoices.by_ids({line.invoice_id for line in billed} - {""})
    final = {each.id for each in invoices.values() if each.status in FINAL}
    prices: dict[str, PriceView] = await work.catalog.prices_by_id(sorted({line.price_id for line in billed}))
    made: list[LineView] = []
    while billed:
        first, *rest = billed
        piece = [first, *(line for line in rest if same_piece(line, first))]
        billed = [line for line in rest if not same_piece(line, first)]
        if all(line.invoice_id in final for line in piece):
            more = await counted(work, _begun(work, first), prices[first.price_id], resource, piece)
            made += [more] if more.quantity else []
    return made


def _begun(work: Work, first: LineView) -> LineView:
    return replace(
        first,
        id=work.ids.new("lin"),
        invoice_id="",
        credit_note_id="",
        position=0,
        discount=0,
        discount_id="",
        discount_ppm=None,
        discount_amount=None,
        tax=replace(first.tax, amount=0),
        created_at=work.at,
    )
