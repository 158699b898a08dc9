"""Giving back amounts of a final invoice by hand: lines that credit lines, and no time with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.invoicing.credit_notes import Asked
from billing.invoicing.invoices import CreditTo
from billing.invoicing.totals import tax_given_back
from billing.invoicing.values import LineKind
from resolvers.invoicing.lines import line_of
from resolvers.invoicing.noting import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.invoicing.credit_notes import Part
    from models.invoice_views import CreditNoteView, InvoiceView, LineView
    from models.reader import Reader
    from models.work import Work


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to give back of an invoice's lines that asked for something; `most` of the invoice as a whole.

    Items that took something off it make that less than its lines' sum.
    """

    lines: Mapping[str, LineView]
    asked: tuple[Asked, ...]
    most: int


async def left_of(read: Reader, invoice: InvoiceView) -> Left:
    """Read what is left of an invoice; what a change gave back and no invoice has taken yet counts as given."""
    lines = (await read.invoices.lines_of([invoice.id]))[invoice.id]
    asking = [line for line in lines if line.net > 0]
    given = await read.invoices.credits_of([line.id for line in asking])
    asked = tuple(_asked(line, given[line.id]) for line in asking)
    off = sum(_whole(line) for line in lines if line.kind is LineKind.ITEM and line.net < 0)
    return Left({line.id: line for line in lines}, asked, max(0, sum(each.left for each in asked) + off))


def _whole(line: LineView) -> int:
    return line.net + (0 if line.tax.inclusive else line.tax.amount)


def _asked(line: LineView, given: Sequence[LineView]) -> Asked:
    taken: list[tuple[int, int]] = []
    for credit in given:
        noted = credit.invoice_id or credit.credit_note_id
        tax = -credit.tax.amount if noted else tax_given_back(line.net, line.tax.amount, taken, -credit.net)
        taken.append((-credit.net, tax))
    net, tax = sum(each for each, _ in taken), sum(each for _, each in taken)
    return Asked(line.id, line.net, line.tax.amount, line.tax.inclusive, net, tax)


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
