"""From an invoice and its lines to the paper: names as they were when it was made, and the taxes by rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.invoicing.parties import party_of
from billing.invoicing.policy import TaxRule
from billing.invoicing.values import LineKind
from plangate.paper.values import InvoicePaper, PaperLine, PaperTax
from resolvers.invoices import lines_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.invoice_views import InvoiceView, LineView
    from resolvers.context import Context


async def paper_of(ctx: Context, invoice: InvoiceView) -> InvoicePaper:
    """Read what a final invoice is made of."""
    lines = await lines_of(ctx, invoice.id)
    return InvoicePaper(
        number=invoice.number or "",
        status=invoice.status,
        currency=invoice.currency,
        issued_at=invoice.finalized_at or invoice.created_at,
        subtotal=invoice.subtotal,
        discount=invoice.discount,
        taxes=taxes_of(lines),
        total=invoice.total,
        balance_applied=invoice.balance_applied,
        credited=invoice.credited,
        paid=invoice.paid,
        remaining=invoice.remaining,
        payable_by=invoice.payable_by,
        seller=party_of(invoice.seller),
        buyer=party_of(invoice.buyer),
        lines=tuple([await _line(ctx, line) for line in lines]),
        memo=invoice.memo,
    )


def taxes_of(lines: Iterable[LineView]) -> tuple[PaperTax, ...]:
    """What each rate comes to, in the order of the lines."""
    sums: dict[TaxRule, tuple[int, int]] = {}
    for line in lines:
        if line.tax.ppm is not None:
            rule = TaxRule(line.tax.ppm, line.tax.name, line.tax.country, line.tax.inclusive)
            net, tax = sums.get(rule, (0, 0))
            sums[rule] = (net + line.net, tax + line.tax.amount)
    return tuple(PaperTax(rule, net, tax) for rule, (net, tax) in sums.items())


async def _line(ctx: Context, line: LineView) -> PaperLine:
    feature = await ctx.loaders.feature.load(line.feature_id) if line.feature_id else None
    counted = line.kind is LineKind.USAGE and feature is not None
    return PaperLine(
        name=await name_of(ctx, line) or "",
        gross=line.gross,
        kind=line.kind,
        quantity=line.quantity,
        scale=feature.scale if counted and feature else 0,
        unit=line.unit if counted else "",
        period=line.period,
        natural=line.natural if line.proration else None,
        discount=line.discount,
    )
