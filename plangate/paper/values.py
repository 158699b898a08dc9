"""What an invoice for people is made of: plain values, decided before any of it is written.

Money is minor units of the currency, instants are UTC, a tax rate is millionths.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.parties import Party
from billing.invoicing.values import LineKind

if TYPE_CHECKING:
    from datetime import datetime

    from billing.calendar import Period
    from billing.invoicing.invoices import InvoiceStatus
    from billing.invoicing.policy import TaxRule


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: what it is of, and what it asks. `gross` is before its discount, and negative for a credit.

    `period` is the piece of time that it bills, and `natural`, where that is only a share, the whole interval.
    `quantity` counts 10^-scale of the unit.
    """

    name: str
    gross: int
    kind: LineKind = LineKind.PERIOD
    quantity: int = 1
    scale: int = 0
    unit: str = ""
    period: Period | None = None
    natural: Period | None = None
    discount: int = 0


@dataclass(frozen=True, slots=True)
class PaperTax:
    """What one rate comes to: the net that it was reckoned on, and the tax."""

    rule: TaxRule
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """A final invoice. `remaining` = total - balance applied - credited - paid while something is still asked."""

    number: str
    status: InvoiceStatus
    currency: str
    issued_at: datetime
    subtotal: int
    total: int
    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)
    lines: tuple[PaperLine, ...] = ()
    taxes: tuple[PaperTax, ...] = ()
    discount: int = 0
    balance_applied: int = 0
    credited: int = 0
    paid: int = 0
    remaining: int = 0
    payable_by: datetime | None = None
    memo: str = ""
