"""Giving back amounts of a final invoice by hand: lines that credit lines, and no time with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.invoicing.invoices import CreditTo
from billing.invoicing.values import LineKind
from resolvers.invoicing.lines import line_of
from resolvers.invoicing.noting import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.invoicing.credit_notes import Part
    from models.invoice_views import CreditNoteView, InvoiceView, LineView
    from models.work import Work
    from resolvers.invoicing.remainder import Left


async def note_parts(
    work: Work,
    invoice: InvoiceView,
    left: Left,
    parts: Sequence[Part],
    *,
    to: CreditTo = CreditTo.BALANCE,
    reason: str = "",
    refunded: int = 0,
) -> CreditNoteView:
    """Make a credit note of parts of an invoice's lines."""
    made = credit_lines(work, left.lines, parts)
    noted = await note(work, invoice, made, to=to, reason=reason, refunded=refunded)
    await work.invoices.add_lines([replace(each, credit_note_id=noted.id) for each in made])
    return noted


def credit_lines(work: Work, lines: Mapping[str, LineView], parts: Sequence[Part]) -> list[LineView]:
    """Make the lines of a credit note; they name no period, so that the time stays billed."""
    return [_credit(work, lines[part.line_id], part) for part in parts]


def _credit(work: Work, line: LineView, part: Part) -> LineView:
    begun = line_of(work, LineKind.CREDIT, line.customer_id, line.subscription_id, line.currency, None)
    return replace(
        begun,
        plan_id=line.plan_id,
        price_id=line.price_id,
        add_on=line.add_on,
        feature_id=line.feature_id,
        description=line.description,
        name=line.name,
        unit=line.unit,
        quantity=line.quantity,
        gross=-part.net,
        net=-part.net,
        credits_line_id=line.id,
        tax=replace(line.tax, amount=-part.tax),
    )
