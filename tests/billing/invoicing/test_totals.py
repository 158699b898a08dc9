"""What an invoice comes to: splits that sum exactly, inclusive tax that adds nothing, credits with their own tax."""

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing.invoicing.policy import TaxRule
from billing.invoicing.totals import Line, TaxSum, Totals, by_weight, from_balance, spread, tax_given_back, totals
from billing.money import Money, rounded

AMOUNTS = st.integers(-(10**9), 10**9)
PRICES = st.integers(0, 10**9)
RULES = st.builds(TaxRule, ppm=st.integers(0, 1_000_000), inclusive=st.booleans())
SHARES = st.lists(st.fractions(-1000, 1000, max_denominator=997), max_size=12)
CALMLY = settings(deadline=None)
VAT = TaxRule(190_000, "USt.", "DE")
INSIDE = TaxRule(190_000, "USt.", "DE", inclusive=True)


def test_tax_is_rounded_once_per_rate_and_spread_over_the_lines() -> None:
    """Three lines of 0.13 at 19 %: 7.41 cents are 7, where three rounded taxes of 2 would be 6."""
    assert totals([Line(13, VAT)] * 3) == Totals(39, 0, 7, 46, (TaxSum(VAT, 39, 7),), (3, 2, 2))


def test_an_inclusive_tax_is_told_and_not_added() -> None:
    """119.00 with 19 % in it stays 119.00; 19.00 of it is tax."""
    assert totals([Line(11900, INSIDE)]) == Totals(11900, 0, 1900, 11900, (TaxSum(INSIDE, 11900, 1900),), (1900,))


def test_discount_comes_before_tax_and_lines_without_a_rule_are_not_taxed() -> None:
    """100.00 less 20.00 at 19 % and an untaxed 5.00 beside it."""
    lines = [Line(8000, VAT, discount=2000), Line(500)]

    assert totals(lines) == Totals(10500, 2000, 1520, 10020, (TaxSum(VAT, 8000, 1520),), (1520, 0))


def test_every_rate_is_summed_on_its_own_and_a_credit_keeps_its_own_rate_and_tax() -> None:
    """A line that was taxed at 19 % is taken back at 19 %, though the customer is taxed at 7 % by now."""
    reduced = TaxRule(70_000, "USt.", "DE")
    lines = [Line(1000, reduced), Line(-500, VAT, tax=-95), Line(1000, reduced)]

    assert totals(lines) == Totals(
        1500, 0, 45, 1545, (TaxSum(reduced, 2000, 140), TaxSum(VAT, -500, -95)), (70, -95, 70)
    )


def test_a_hundred_percent_off_comes_to_nothing() -> None:
    """No total and no tax, whichever way the rule goes."""
    for rule in (VAT, INSIDE, None):
        assert totals([Line(0, rule, discount=2000)]).total == 0
        assert totals([Line(0, rule, discount=2000)]).tax == 0


def test_nothing_comes_to_nothing() -> None:
    """An invoice without lines is one of zero."""
    assert totals([]) == Totals(0, 0, 0, 0, (), ())


@CALMLY
@given(SHARES)
def test_a_spread_comes_to_its_rounded_sum_and_no_part_is_off_by_a_unit(shares: list[Fraction]) -> None:
    """Largest remainder, for shares of either sign."""
    parts = spread(shares)

    assert sum(parts) == rounded(sum(shares, Fraction(0)))
    assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))


@CALMLY
@given(SHARES)
@example([Fraction(1, 2), Fraction(-1, 2)])
@example([Fraction(0), Fraction(-1, 3), Fraction(2, 3)])
def test_a_spread_the_other_way_round_is_the_spread_the_other_way_round(shares: list[Fraction]) -> None:
    """What an invoice spreads, its mirror takes back line for line."""
    assert spread([-share for share in shares]) == tuple(-part for part in spread(shares))


@CALMLY
@given(PRICES, st.lists(PRICES, max_size=12))
def test_an_amount_spread_by_weight_is_never_more_than_any_weight(amount: int, weights: list[int]) -> None:
    """All of it is spread, or as much as the weights hold."""
    parts = by_weight(amount, weights)

    assert sum(parts) == min(amount, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@CALMLY
@given(st.lists(st.tuples(AMOUNTS, st.none() | RULES), max_size=12))
def test_the_lines_taxes_sum_to_the_invoices_tax_rate_by_rate(asked: list[tuple[int, TaxRule | None]]) -> None:
    """The oracle adds up each rate by itself; the total is net plus what is not included."""
    lines = [Line(net, rule) for net, rule in asked]
    found = totals(lines)

    rules = {rule for _, rule in asked if rule is not None}
    sums = {rule: sum(net for net, other in asked if other == rule) for rule in rules}
    exact = {rule: Fraction(net * rule.ppm, 10**6 + (rule.ppm if rule.inclusive else 0)) for rule, net in sums.items()}
    assert {each.rule: (each.net, each.tax) for each in found.rates} == {
        rule: (sums[rule], rounded(exact[rule])) for rule in rules
    }
    assert found.tax == sum(found.taxes) == sum(rounded(each) for each in exact.values())
    assert found.total == sum(net for net, _ in asked) + sum(rounded(exact[r]) for r in rules if not r.inclusive)


@CALMLY
@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.integers(0, 1_000_000))
def test_an_inclusive_rule_leaves_the_total_unchanged(nets: list[int], ppm: int) -> None:
    """Whatever the rate, and also below zero."""
    assert totals([Line(net, TaxRule(ppm, inclusive=True)) for net in nets]).total == sum(nets)


@CALMLY
@given(st.lists(AMOUNTS, max_size=12), RULES)
def test_lines_that_sum_to_zero_are_taxed_with_nothing(nets: list[int], rule: TaxRule) -> None:
    """A charge and a deduction of the same amount leave no tax behind."""
    found = totals([Line(net, rule) for net in [*nets, -sum(nets)]])

    assert (found.tax, found.total) == (0, 0)


@CALMLY
@given(PRICES, PRICES, st.lists(PRICES, max_size=8))
def test_credits_of_all_of_a_line_take_back_exactly_its_tax(net: int, tax: int, pieces: list[int]) -> None:
    """In however many pieces: none takes more than is left, and the last takes the rest."""
    given_back: list[tuple[int, int]] = []
    for piece in [*pieces, net]:
        amount = min(piece, net - sum(part for part, _ in given_back))
        given_back.append((amount, tax_given_back(net, tax, given_back, amount)))

    assert sum(part for _, part in given_back) == tax
    assert all(0 <= part <= tax for _, part in given_back)


def test_a_credit_takes_back_its_share_of_the_lines_own_tax() -> None:
    """20.00 with 3.80 of tax in three thirds."""
    pieces: list[tuple[int, int]] = []
    for amount in (667, 667, 666):
        pieces.append((amount, tax_given_back(2000, 380, pieces, amount)))

    assert pieces == [(667, 127), (667, 127), (666, 126)]


@pytest.mark.parametrize(
    ("total", "balances", "applied"),
    [
        (1000, {"EUR": 300}, 300),
        (1000, {"EUR": 3000}, 1000),
        (1000, {"USD": 3000}, 0),
        (0, {"EUR": 300}, 0),
        (-1000, {"EUR": 300}, 0),
    ],
    ids=["part", "all", "another currency", "nothing due", "less than nothing due"],
)
def test_a_balance_pays_its_own_currency_and_no_more_than_is_due(
    total: int, balances: dict[str, int], applied: int
) -> None:
    """Nothing is converted, and nothing is taken where nothing is owed."""
    assert from_balance(Money(total, "EUR"), balances) == Money(applied, "EUR")
