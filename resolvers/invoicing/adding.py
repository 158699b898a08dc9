"""Adding an invoice up from its lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.policy import TaxRule
from billing.invoicing.totals import Line, totals
from billing.invoicing.values import LineKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.invoice_views import InvoiceView, LineView


def added_up(invoice: InvoiceView, lines: Sequence[LineView]) -> tuple[InvoiceView, list[LineView]]:
    """Give an invoice its sums and each line its share of the tax."""
    here = {line.id for line in lines}
    sums = totals([_line(line, here) for line in lines])
    taxed = [
        replace(line, tax=replace(line.tax, amount=amount)) for line, amount in zip(lines, sums.taxes, strict=True)
    ]
    added = replace(invoice, subtotal=sums.subtotal, discount=sums.discount, tax=sums.tax, total=sums.total)
    return added, taxed


def rule_of(line: LineView) -> TaxRule | None:
    """By which rule a line is taxed."""
    tax = line.tax
    return None if tax.ppm is None else TaxRule(tax.ppm, tax.name, tax.country, tax.inclusive)


def _line(line: LineView, here: set[str]) -> Line:
    """A credit takes back its share of another invoice's tax; what it credits on this one is taxed with it."""
    fixed = line.kind is LineKind.CREDIT and line.credits_line_id not in here
    return Line(line.net, rule_of(line), line.discount, line.tax.amount if fixed else None)
