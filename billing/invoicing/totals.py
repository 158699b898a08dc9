"""What the lines of one invoice come to: tax once per rate, spread back over the lines; then the credit balance."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.money import Money, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.invoicing.policy import TaxRule

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """What a line asks, in minor units: `net` is after its discount, and contains the tax of an inclusive rule.

    A credit's `net` is negative, and its `tax` is fixed: its own share of the tax of the line that it credits.
    """

    net: int
    rule: TaxRule | None = None
    discount: int = 0
    tax: int | None = None


@dataclass(frozen=True, slots=True)
class TaxSum:
    """What one rate comes to on an invoice: the net of all its lines, credits among them, and the tax on it."""

    rule: TaxRule
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """An invoice added up: `subtotal` is before discount; `taxes` says each line's share, in the order of the lines."""

    subtotal: int
    discount: int
    tax: int
    total: int
    rates: tuple[TaxSum, ...]
    taxes: tuple[int, ...]


def totals(lines: Sequence[Line]) -> Totals:
    """Add up the lines of an invoice; what comes to less than nothing is told as it is.

    The tax of a rate is rounded once, on the sum of its lines. An inclusive tax changes no total.
    """
    taxes = [line.tax or 0 for line in lines]
    for rule in _rules(lines):
        mine = [index for index, line in enumerate(lines) if line.rule == rule and line.tax is None]
        shares = spread([_taxed(lines[index].net, rule) for index in mine])
        for index, share in zip(mine, shares, strict=True):
            taxes[index] = share
    net = sum(line.net for line in lines)
    discount = sum(line.discount for line in lines)
    added = sum(tax for line, tax in zip(lines, taxes, strict=True) if line.rule and not line.rule.inclusive)
    rates = tuple(_summed(rule, lines, taxes) for rule in _rules(lines))
    return Totals(net + discount, discount, sum(taxes), net + added, rates, tuple(taxes))


def spread(shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Round exact shares so that they come to their rounded sum, none off by a whole unit: by largest remainder.

    Of equal remainders the earlier share gets the unit. Shares the other way round come out the other way round.
    """
    total = sum(shares, Fraction(0))
    whole = rounded(total)
    sign = -1 if (total or next(filter(None, shares), total)) < 0 else 1  # of nothing in all, the first share's own
    exact = [share * sign for share in shares]
    parts = [share.numerator // share.denominator for share in exact]
    missing = whole * sign - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[:missing]:
        parts[index] += 1
    return tuple(part * sign for part in parts)


def by_weight(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Spread an amount over weights of nothing or more; none gets more than it weighs, what is too much is left."""
    whole = sum(weights)
    if not whole:
        return (0,) * len(weights)
    return spread([Fraction(min(amount, whole) * weight, whole) for weight in weights])


def tax_given_back(net: int, tax: int, given: Sequence[tuple[int, int]], amount: int) -> int:
    """How much of a line's own tax a credit of `amount` of its net takes back: the last one takes what is left.

    `given` is what earlier credits took back: of the net, and of the tax. All of it is positive.
    """
    left_net = net - sum(part for part, _ in given)
    left_tax = tax - sum(part for _, part in given)
    if amount >= left_net:
        return left_tax
    return max(0, min(left_tax, rounded(Fraction(tax * amount, net))))


def from_balance(total: Money, balances: Mapping[str, int]) -> Money:
    """How much of a total the customer's credit pays: from the balance of its own currency, never more than either."""
    held = balances.get(total.currency, 0)
    return Money(max(0, min(total.minor, held)), total.currency)


def _rules(lines: Sequence[Line]) -> tuple[TaxRule, ...]:
    """Every rule that speaks for a line, in the order of the lines."""
    return tuple(dict.fromkeys(line.rule for line in lines if line.rule is not None))


def _taxed(net: int, rule: TaxRule) -> Fraction:
    """The exact tax on, or in, a net amount."""
    return Fraction(net * rule.ppm, _MILLION + rule.ppm if rule.inclusive else _MILLION)


def _summed(rule: TaxRule, lines: Sequence[Line], taxes: Sequence[int]) -> TaxSum:
    mine = [(line.net, tax) for line, tax in zip(lines, taxes, strict=True) if line.rule == rule]
    return TaxSum(rule, sum(net for net, _ in mine), sum(tax for _, tax in mine))
