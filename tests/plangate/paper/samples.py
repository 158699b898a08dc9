"""One invoice with everything that an invoice can have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.calendar import Period
from billing.invoicing.invoices import InvoiceStatus
from billing.invoicing.parties import Party
from billing.invoicing.policy import TaxRule
from billing.invoicing.values import LineKind
from plangate.paper.values import InvoicePaper, PaperLine, PaperTax
from plangate.portal.views import Frame
from widgets_config.config import WidgetsConfig

BERLIN = ZoneInfo("Europe/Berlin")
VAT = TaxRule(190_000, "USt", "DE")


def day(month: int, number: int) -> datetime:
    """The midnight in Berlin that begins a day of 2026."""
    return datetime(2026, month, number, tzinfo=BERLIN).astimezone(UTC)


FEBRUARY = Period(day(2, 1), day(3, 1))
MARCH = Period(day(3, 1), day(4, 1))
REST = Period(day(2, 17), day(3, 1))
SELLER = Party("Nordwind GmbH", ("Hafenstraße 1", "20457 Hamburg"), "DE", ("DE123456789",), "billing@nordwind.example")
BUYER = Party("Łódka Σ Ёлка AG", ("Hauptstraße 5", "50667 Köln"), "DE", ("DE987654321",), "pay@acme.example")
LINES = (
    PaperLine("Team", 49_00, quantity=5, period=MARCH, natural=MARCH, discount=4_90),
    PaperLine("Team", 20_00, period=REST, natural=FEBRUARY),
    PaperLine("Free <b>", -12_00, LineKind.CREDIT, period=REST, natural=FEBRUARY),
    PaperLine("API calls", 12_34, LineKind.USAGE, 1_234_567, 2, "calls", FEBRUARY),
    PaperLine("Set-up", 100_00, LineKind.ITEM),
)
WHOLE = InvoicePaper(
    number="NW-42",
    status=InvoiceStatus.OPEN,
    currency="EUR",
    issued_at=day(3, 1),
    subtotal=169_34,
    discount=4_90,
    taxes=(PaperTax(VAT, 164_44, 31_24),),
    total=195_68,
    balance_applied=10_00,
    credited=5_00,
    paid=50_00,
    remaining=130_68,
    payable_by=day(3, 31),
    seller=SELLER,
    buyer=BUYER,
    lines=LINES,
    memo="Order 4711.\nThank you.",
)


def frame(locale: str = "en-GB", **given: Any) -> Frame:
    """How the customer reads it."""
    return Frame("Nordwind", locale, BERLIN, "", WidgetsConfig.model_validate(given))
