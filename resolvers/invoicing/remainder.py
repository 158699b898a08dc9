"""What is left to give back of an invoice: of each of its lines, and of the invoice as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.credit_notes import Asked, shared_out
from billing.invoicing.totals import tax_given_back
from billing.invoicing.values import LineKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from models.invoice_views import InvoiceView, LineView
    from models.reader import Reader


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to give back of an invoice's lines that asked for something; `most` of the invoice as a whole.

    Items that took something off it make that less than its lines' sum.
    """

    lines: Mapping[str, LineView]
    asked: tuple[Asked, ...]
    most: int


async def left_of(read: Reader, invoice: InvoiceView, apart_from: Collection[str] = ()) -> Left:
    """Read what is left of an invoice, `apart_from` credits that are being given now.

    What a change gave back and no invoice has taken yet counts as given.
    """
    lines = (await read.invoices.lines_of([invoice.id]))[invoice.id]
    asking = [line for line in lines if line.net > 0]
    given = await read.invoices.credits_of([line.id for line in asking])
    asked = tuple(_asked(line, [each for each in given[line.id] if each.id not in apart_from]) for line in asking)
    off = sum(_whole(line) for line in lines if line.kind is LineKind.ITEM and line.net < 0)
    return Left({line.id: line for line in lines}, asked, max(0, sum(each.left for each in asked) + off))


async def within_what_is_left(read: Reader, invoice: InvoiceView, credits_: Sequence[LineView]) -> list[LineView]:
    """Lower credits of an invoice, each by its share, where together they give back more than is left of it."""
    left = await left_of(read, invoice, {credit.id for credit in credits_})
    asked = [Asked(each.id, -each.net, -each.tax.amount, each.tax.inclusive) for each in credits_]
    if sum(each.left for each in asked) <= left.most:
        return list(credits_)
    parts = {part.line_id: (part.net, part.tax) for part in shared_out(asked, left.most)}
    return [_lowered(credit, *parts.get(credit.id, (0, 0))) for credit in credits_]


def taken_of(line: LineView, given: Sequence[LineView]) -> list[tuple[int, int]]:
    """What credits took of a line's net and of its tax; one that waits for its invoice will take its share of it."""
    taken: list[tuple[int, int]] = []
    for credit in given:
        noted = credit.invoice_id or credit.credit_note_id
        tax = -credit.tax.amount if noted else tax_given_back(line.net, line.tax.amount, taken, -credit.net)
        taken.append((-credit.net, tax))
    return taken


def _asked(line: LineView, given: Sequence[LineView]) -> Asked:
    taken = taken_of(line, given)
    net, tax = sum(each for each, _ in taken), sum(each for _, each in taken)
    return Asked(line.id, line.net, line.tax.amount, line.tax.inclusive, net, tax)


def _whole(line: LineView) -> int:
    return line.net + (0 if line.tax.inclusive else line.tax.amount)


def _lowered(credit: LineView, net: int, tax: int) -> LineView:
    return replace(credit, gross=-net, net=-net, tax=replace(credit.tax, amount=-tax))
