"""Money as whole minor units of one currency, and unit prices of a billionth. Nothing is ever converted or a float."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE, checked_amount, format_amount, parse_amount
from billing.dataclass import dataclass
from billing.refusals import CurrencyMismatch, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_TWO_DECIMALS = 2


def _codes(text: str) -> list[str]:
    return text.split()


OTHER_EXPONENTS: Mapping[str, int] = (
    dict.fromkeys(_codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"), 0)
    | dict.fromkeys(_codes("BHD IQD JOD KWD LYD OMR TND"), 3)
    | dict.fromkeys(_codes("CLF UYW"), 4)
)
"""ISO 4217 currencies whose minor unit is not a hundredth, with the number of its decimals."""

CURRENCIES: frozenset[str] = frozenset(OTHER_EXPONENTS) | frozenset(
    _codes("""
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """)
)
"""The ISO 4217 currencies that have a minor unit."""


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has: USD 2, JPY 0, KWD 3; an unknown code is refused."""
    if currency not in CURRENCIES:
        raise InvalidInput(message="This is no ISO 4217 currency code in capitals.", field="currency")
    return OTHER_EXPONENTS.get(currency, _TWO_DECIMALS)


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves away from zero: the one rounding of money."""
    whole = (abs(value.numerator) * 2 + value.denominator) // (value.denominator * 2)
    return whole if value >= 0 else -whole


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`: 12.30 USD is 1230, 12 JPY is 12."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse unknown currencies and what 2^62 minor units do not hold."""
        checked_amount(self.minor, exponent(self.currency))

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str | None = None) -> Money:
        """Read a plain decimal of major units; more decimals than the currency has are refused."""
        return cls(parse_amount(text, exponent(currency), field=field), currency)

    def format(self) -> str:
        """The decimal string with all of the currency's decimals: "12.30", "12", "-0.005"."""
        return _decimal(self.minor, exponent(self.currency), exponent(self.currency))

    def share(self, part: Fraction) -> Money:
        """An exact part of it, rounded once, half away from zero."""
        return Money(rounded(self.minor * part), self.currency)

    def __add__(self, other: Money) -> Money:
        """The sum, within one currency."""
        self._agree(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference, within one currency."""
        self._agree(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        """The same money the other way."""
        return Money(-self.minor, self.currency)

    def _agree(self, other: Money) -> None:
        if self.currency != other.currency:
            message = f"{other.currency} cannot be reckoned with {self.currency}."
            raise CurrencyMismatch(message=message, currency=self.currency)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The exact price of one unit: `nano` is billionths of a major unit, so 0.0025 USD is 2_500_000."""

    nano: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse unknown currencies and what 2^62 billionths do not hold."""
        exponent(self.currency)
        checked_amount(self.nano, MAX_SCALE)

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str | None = None) -> UnitPrice:
        """Read a plain decimal of major units with at most nine decimals."""
        return cls(parse_amount(text, MAX_SCALE, field=field), currency)

    def format(self) -> str:
        """The decimal string with at least the currency's decimals: "10.00", "0.0025"."""
        return _decimal(self.nano, MAX_SCALE, exponent(self.currency))

    def total(self, quantity: Fraction | int) -> Money:
        """The price of so many units, rounded once, half away from zero."""
        minor = Fraction(self.nano, 10 ** (MAX_SCALE - exponent(self.currency))) * quantity
        return Money(rounded(minor), self.currency)


def _decimal(value: int, scale: int, least: int) -> str:
    """A decimal string with at least `least` decimals and no zeros beyond them."""
    whole, _, decimals = format_amount(value, scale).partition(".")
    return f"{whole}.{decimals.ljust(least, '0')}" if least or decimals else whole
