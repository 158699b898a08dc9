"""An invoice in the customer's language: every word, date and amount as page and PDF show it, written once for both."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceStatus
from billing.invoicing.values import LineKind
from billing.money import exponent
from widgets_config.formats import (
    format_amount,
    format_bill,
    format_country,
    format_date,
    format_days,
    format_percent,
    format_span,
)
from widgets_config.text_keys import TextKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.invoicing.parties import Party
    from plangate.paper.values import InvoicePaper, PaperLine
    from plangate.portal.views import Frame

_TONES: Final[Mapping[InvoiceStatus, str]] = {
    InvoiceStatus.OPEN: "warn",
    InvoiceStatus.PAID: "good",
}
_ASKED: Final = frozenset({InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE})


class Weight(StrEnum):
    """How much a sum of an invoice stands out."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Side:
    """Who sells, or who buys."""

    heading: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is of, what is to be known of it, how much of it, and what it asks."""

    name: str
    notes: tuple[str, ...]
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One of the sums below the lines."""

    label: str
    amount: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole invoice, word for word."""

    title: str
    number: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    seller: Side
    buyer: Side
    columns: tuple[str, str, str]
    rows: tuple[Row, ...]
    sums: tuple[Sum, ...]
    notes: tuple[str, ...]


def sheet_of(paper: InvoicePaper, frame: Frame) -> Sheet:
    """Write an invoice in the language, zone and words of a frame."""
    return _Writing(paper, frame).sheet()


def state_of(status: InvoiceStatus, frame: Frame) -> tuple[str, str]:
    """What the status of an invoice is called, and how it looks."""
    return frame.text(f"invoice_state_{status.lower()}"), _TONES.get(status, "quiet")


@dataclass(frozen=True, slots=True)
class _Writing:
    paper: InvoicePaper
    frame: Frame

    def sheet(self) -> Sheet:
        paper, say = self.paper, self.frame.text
        state, tone = state_of(paper.status, self.frame)
        seller = self._side(TextKey.INVOICE_SELLER, paper.seller)
        return Sheet(
            title=say(TextKey.INVOICE_TITLE),
            number=paper.number,
            state=state,
            tone=tone,
            facts=tuple(self._facts()),
            seller=seller if seller.name else Side(seller.heading, self.frame.merchant, seller.lines),
            buyer=self._side(TextKey.INVOICE_BUYER, paper.buyer),
            columns=(say(TextKey.INVOICE_LINE), say(TextKey.INVOICE_QUANTITY), say(TextKey.INVOICE_AMOUNT)),
            rows=tuple(map(self._row, paper.lines)),
            sums=tuple(self._sums()),
            notes=tuple(self._notes()),
        )

    def _money(self, minor: int) -> str:
        return format_bill(minor, exponent(self.paper.currency), self.paper.currency, self.frame.language)

    def _facts(self) -> Iterator[tuple[str, str]]:
        paper, frame = self.paper, self.frame
        yield frame.text(TextKey.INVOICE_NUMBER), paper.number
        yield frame.text(TextKey.INVOICE_DATE), format_date(paper.issued_at, frame.language, frame.zone)
        if paper.payable_by is not None and paper.status in _ASKED:
            yield frame.text(TextKey.INVOICE_DUE), format_date(paper.payable_by, frame.language, frame.zone)

    def _side(self, heading: TextKey, party: Party) -> Side:
        lines = list(party.address)
        if party.country:
            lines.append(format_country(party.country, self.frame.language))
        lines += [self.frame.text(TextKey.INVOICE_TAX_ID, id=each) for each in party.tax_ids]
        if party.email and party.email != party.name:
            lines.append(party.email)
        return Side(self.frame.text(heading), party.name, tuple(lines))

    def _row(self, line: PaperLine) -> Row:
        number = format_amount(line.quantity, line.scale, self.frame.language)
        return Row(
            name=self.frame.text(TextKey.INVOICE_UNUSED, item=line.name) if line.kind is LineKind.CREDIT else line.name,
            notes=tuple(self._line_notes(line)),
            quantity=f"{number} {line.unit}".strip(),
            amount=self._money(line.gross),
        )

    def _line_notes(self, line: PaperLine) -> Iterator[str]:
        frame = self.frame
        if line.period is not None:
            yield format_span(line.period.start, line.period.end, frame.language, frame.zone)
            if line.natural is not None and line.natural != line.period:
                part, whole = (
                    format_days(each.start, each.end, frame.language, frame.zone)
                    for each in (line.period, line.natural)
                )
                yield frame.text(TextKey.INVOICE_SHARE, part=part, whole=whole)
        if line.discount:
            yield frame.text(TextKey.INVOICE_LINE_DISCOUNT, amount=self._money(-line.discount))

    def _sums(self) -> Iterator[Sum]:
        paper, say = self.paper, self.frame.text
        added = [each for each in paper.taxes if not each.rule.inclusive]
        if paper.discount or added:
            yield Sum(say(TextKey.INVOICE_SUBTOTAL), self._money(paper.subtotal))
        if paper.discount:
            yield Sum(say(TextKey.INVOICE_DISCOUNT), self._money(-paper.discount))
        for tax in paper.taxes:
            key = TextKey.INVOICE_TAX_INCLUDED if tax.rule.inclusive else TextKey.INVOICE_TAX
            rate = format_percent(tax.rule.ppm, self.frame.language)
            words = say(key, tax=tax.rule.name, rate=rate, net=self._money(tax.net))
            yield Sum(words, self._money(tax.tax), Weight.QUIET if tax.rule.inclusive else Weight.PLAIN)
        yield Sum(say(TextKey.INVOICE_TOTAL), self._money(paper.total), Weight.STRONG)
        for key, taken in (
            (TextKey.INVOICE_BALANCE, paper.balance_applied),
            (TextKey.INVOICE_CREDITED, paper.credited),
            (TextKey.INVOICE_PAID, paper.paid),
        ):
            if taken:
                yield Sum(say(key), self._money(-taken))
        if paper.status in _ASKED or paper.balance_applied or paper.credited or paper.paid:
            yield Sum(say(TextKey.INVOICE_REMAINING), self._money(paper.remaining), Weight.STRONG)

    def _notes(self) -> Iterator[str]:
        if self.paper.total < 0 and self.paper.status is InvoiceStatus.PAID:
            yield self.frame.text(TextKey.INVOICE_TO_BALANCE, amount=self._money(-self.paper.total))
        if self.paper.memo:
            yield self.paper.memo
        if self.paper.seller.email:
            yield self.frame.text(TextKey.INVOICE_QUESTIONS, email=self.paper.seller.email)
