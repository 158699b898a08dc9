"""The price lists of the examples, and bills of them as their merchants reckon: quantities by tier, lines, totals."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from billing.calendar import Interval, IntervalUnit
from billing.catalog.base_plans import with_base_plans
from billing.catalog.values import Catalog, PlanDef, PriceUsage
from billing.money import Money
from billing.pricing import Priced, price_of
from plangate.catalog.reading import read_catalog

FOLDER = Path(__file__).parents[3] / "examples" / "catalogs"
MESSENGER, API = (
    with_base_plans(read_catalog(FOLDER / f"{name}.yaml")) for name in ("team-messenger", "serverless-api")
)
MONTH, YEAR = Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR)


def plan(catalog: Catalog, key: str) -> PlanDef:
    """A plan or add-on of an example."""
    return next(each for each in catalog.plans if each.key == key)


def seats(key: str, every: Interval, quantity: int) -> Priced:
    """The licensed line of a plan or add-on of the messenger."""
    price = next(each for each in plan(MESSENGER, key).prices if each.interval == every)
    assert price.usage is PriceUsage.LICENSED
    return price_of(price, quantity)


def used(key: str, feature: str, quantity: int) -> Priced:
    """A metered line of the API product."""
    price = next(each for each in plan(API, key).prices if each.feature == feature)
    assert price.usage is PriceUsage.METERED
    return price_of(price, quantity)


def lines(*priced: Priced) -> list[str]:
    """What each line comes to, and the total of the rounded lines."""
    money = [each.money("USD") for each in priced]
    return [*(each.format() for each in money), sum(money, Money(0, "USD")).format()]


def by_tier(priced: Priced) -> list[int]:
    """Units in each tier that is reached."""
    return [share.quantity for share in priced.tiers]


def given(key: str, feature: str, quantity: int) -> int | None:
    """What a plan of the messenger gives for so many members, in 10^-scale units."""
    found = next(each for each in plan(MESSENGER, key).entitlements if each.feature == feature)
    return found.limit and found.limit * (quantity if found.per_quantity else 1)


def test_twelve_members_by_the_month() -> None:
    assert lines(seats("standard", MONTH, 12)) == ["96.00", "96.00"]
    assert [given("standard", each, 12) for each in ("members", "guests", "storage")] == [12, 60, 60_000]
    assert given("standard", "searchable_messages", 12) is None


def test_twenty_five_members_by_the_year_on_plus() -> None:
    assert lines(seats("plus", YEAR, 25)) == ["4002.00", "4002.00"]
    assert [given("plus", each, 25) for each in ("members", "guests", "storage")] == [25, 125, 125_000]


def test_ten_members_with_seven_guests_beyond_what_is_included() -> None:
    assert lines(seats("standard", MONTH, 10), seats("more_guests", MONTH, 7)) == ["80.00", "11.20", "91.20"]
    assert (given("standard", "guests", 10), given("more_guests", "guests", 1)) == (50, 1)


@pytest.mark.parametrize(
    ("requests", "cpu", "tiers", "bill"),
    [
        (
            15_000_000,
            105_000_000,
            ([10_000_000, 5_000_000], [30_000_000, 75_000_000]),
            ["5.00", "1.50", "1.50", "8.00"],
        ),
        (720, 129_600_000, ([720], [30_000_000, 99_600_000]), ["5.00", "0.00", "1.99", "6.99"]),
        (
            100_000_000,
            700_000_000,
            ([10_000_000, 90_000_000], [30_000_000, 670_000_000]),
            ["5.00", "27.00", "13.40", "45.40"],
        ),
    ],
    ids=["15 million requests of 7 ms", "an hourly job of 3 minutes", "100 million requests of 7 ms"],
)
def test_the_bills_that_the_api_product_publishes(
    requests: int, cpu: int, tiers: tuple[list[int], list[int]], bill: list[str]
) -> None:
    base = next(each for each in plan(API, "paid").prices if each.usage is PriceUsage.LICENSED)
    answered, computed = used("paid", "requests", requests), used("paid", "cpu_time", cpu)

    assert (by_tier(answered), by_tier(computed)) == tiers
    assert lines(price_of(base, 1), answered, computed) == bill


def test_packages_begun() -> None:
    published = used("image_store", "images_delivered", 100_000)
    one_more = used("image_store", "images_delivered", 100_001)

    assert (published.packages, one_more.packages) == (1, 2)
    assert lines(published, one_more, used("image_store", "images_stored", 1)) == ["1.00", "2.00", "5.00", "8.00"]


def test_all_units_at_the_price_of_the_tier_reached() -> None:
    small, large, larger = (used("image_transformations", "images_transformed", n) for n in (5_000, 200_000, 1_000_001))

    assert [by_tier(each) for each in (small, large, larger)] == [[5_000], [200_000], [1_000_001]]
    assert lines(small, large, larger) == ["0.00", "100.00", "400.00", "500.00"]
    assert larger.exact == Fraction(4_000_004, 10_000) * 10**9
