"""What invoicing reasons about: time that is due, time that was billed, time that was let go, and lines."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.dataclass import dataclass
from billing.money import exponent
from billing.pricing import priced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.calendar import Interval, Period
    from billing.catalog.values import PriceModel, TierDef


MOST_OF_A_PRICE = 10**15
"""What a price asks at most for one interval, in minor units: a mistaken price must not stop a customer's books."""


class LineKind(StrEnum):
    """What a line of an invoice is for."""

    PERIOD = "PERIOD"
    CREDIT = "CREDIT"
    USAGE = "USAGE"
    ITEM = "ITEM"


LINE_KIND_MEANINGS: Mapping[LineKind, str] = MappingProxyType(
    {
        LineKind.PERIOD: "Time of a licensed price, billed in advance.",
        LineKind.CREDIT: "Time that was billed and is given back; it names the line that it credits.",
        LineKind.USAGE: "What was measured in a period, billed in arrears.",
        LineKind.ITEM: "Something once: an item that the merchant added.",
    },
)


class BillingMode(StrEnum):
    """What a credit is a share of, and whether the anchor moves by itself. (C19)"""

    FLEXIBLE = "FLEXIBLE"
    CLASSIC = "CLASSIC"


BILLING_MODE_MEANINGS: Mapping[BillingMode, str] = MappingProxyType(
    {
        BillingMode.FLEXIBLE: "A credit is a share of what was really debited; the anchor moves only when asked.",
        BillingMode.CLASSIC: "A credit is a share of today's list price; a cancel date can move the anchor. (C19)",
    },
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a price asks, apart from its name: two prices with equal terms cost the same."""

    currency: str
    interval: Interval
    model: PriceModel
    unit_amount: int | None = None
    package_size: int | None = None
    tiers: tuple[TierDef, ...] = ()

    def full(self, quantity: int, scale: int = 0) -> Fraction:
        """What the quantity costs for one whole interval, in minor units, exactly; at most `MOST_OF_A_PRICE`."""
        return _full(self, quantity, scale)


@lru_cache(maxsize=4096)
def _full(terms: Terms, quantity: int, scale: int) -> Fraction:
    """Many subscriptions hold few prices, and each is asked again with every period."""
    whole = priced(
        terms.model,
        quantity,
        unit_amount=terms.unit_amount,
        package_size=terms.package_size,
        tiers=terms.tiers,
        scale=scale,
    )
    exact = whole.exact / Fraction(10 ** (MAX_SCALE - exponent(terms.currency)))
    return min(exact, Fraction(MOST_OF_A_PRICE))


@dataclass(frozen=True, slots=True)
class Slot:
    """One price of one plan or add-on, as a subscription holds it."""

    plan_id: str
    price_id: str
    terms: Terms
    add_on: bool = False

    @property
    def key(self) -> tuple[str, Terms]:
        """What makes two slots the same: another version's price with equal terms bills nothing anew."""
        return self.plan_id, self.terms


@dataclass(frozen=True, slots=True)
class Due:
    """A quantity at a price that is owed for a piece of time; `natural` is the interval without any cancel date."""

    slot: Slot
    quantity: int
    period: Period
    natural: Period


@dataclass(frozen=True, slots=True)
class Rebate:
    """How a line was discounted: a share in millionths, or an amount in minor units for the line's own piece."""

    discount_id: str
    ppm: int | None = None
    amount: int | None = None

    def of(self, gross: int, part: Fraction) -> Fraction:
        """How much it takes off a gross amount that stands for a part of the piece; never more than there is."""
        if self.ppm is not None:
            return Fraction(gross * self.ppm, 1_000_000)
        return min(Fraction(gross), Fraction(self.amount or 0) * part)


@dataclass(frozen=True, slots=True)
class Given:
    """What a credit took back of a line: a piece of its time and its amount; `pending` while on no invoice yet."""

    line_id: str
    period: Period
    amount: int
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Billed:
    """A charge for time that a line made, and what of it was credited since. `net` is after discount, before tax."""

    line_id: str
    slot: Slot
    quantity: int
    period: Period
    natural: Period
    net: int
    credited: tuple[Given, ...] = ()
    rebate: Rebate | None = None

    @property
    def left(self) -> int:
        """What no credit has taken back yet."""
        return self.net - sum(given.amount for given in self.credited)


@dataclass(frozen=True, slots=True)
class Waived:
    """Time that was let go, for good: from then on it counts as billed for `slot`, though nothing was asked for it.

    `stands_on` is the line that billed the time, or the earlier waiver; '' where nothing did. `slot` None: the time
    stands for nothing any more, and will not be credited.
    """

    waiver_id: str
    stands_on: str
    period: Period
    slot: Slot | None = None
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """A line to be: a piece of time to charge. `replaces` is the line that had billed this time before, or ''.

    `undoes` is the credit whose time is charged again, or '': same amount, discount and, of the line, same tax.
    """

    due: Due
    period: Period
    gross: int
    discount: int
    rebate: Rebate | None
    replaces: str
    proration: bool
    undoes: str = ""

    @property
    def net(self) -> int:
        """After discount, before tax."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class Credit:
    """A line to be: a piece of billed time to give back. `amount` is positive; the line takes it off."""

    billed: Billed
    period: Period
    amount: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What reconciling found: what to charge, to credit, and what to let go where nothing is prorated.

    Where it is prorated, `waived` holds time that had been let go and is due again just as it was billed: it stands on
    that waiver and settles the time without a line.
    `recalled` names pending credits that are not wanted any more: they go, as if they had never been made.
    """

    charges: tuple[Charge, ...] = ()
    credits: tuple[Credit, ...] = ()
    waived: tuple[Waived, ...] = ()
    recalled: tuple[str, ...] = ()
