"""What a quantity costs, exactly, in 10^-9 of the currency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalog.values import PriceModel, TierDef
from billing.pricing import priced, total_of

ONE = 1_000_000_000
TIERS = (TierDef(5, 2 * ONE, 0), TierDef(10, ONE, 3 * ONE), TierDef(None, ONE // 2, 0))


@pytest.mark.parametrize(
    ("model", "quantity", "total"),
    [
        (PriceModel.FLAT, 1, 7),
        (PriceModel.FLAT, 9, 7),
        (PriceModel.PER_UNIT, 1, 7),
        (PriceModel.PER_UNIT, 9, 63),
        (PriceModel.PACKAGE, 0, 0),
        (PriceModel.PACKAGE, 1, 7),
        (PriceModel.PACKAGE, 10, 7),
        (PriceModel.PACKAGE, 11, 14),
        (PriceModel.TIERED_GRADUATED, 0, 0),
        (PriceModel.TIERED_GRADUATED, 5, 10),
        (PriceModel.TIERED_GRADUATED, 6, 14),
        (PriceModel.TIERED_GRADUATED, 10, 18),
        (PriceModel.TIERED_GRADUATED, 12, 19),
        (PriceModel.TIERED_VOLUME, 0, 0),
        (PriceModel.TIERED_VOLUME, 5, 10),
        (PriceModel.TIERED_VOLUME, 6, 9),
        (PriceModel.TIERED_VOLUME, 10, 13),
        (PriceModel.TIERED_VOLUME, 12, 6),
    ],
)
def test_each_model_prices_the_whole_quantity(model: PriceModel, quantity: int, total: int) -> None:
    assert total_of(model, quantity, unit_amount=7 * ONE, package_size=10, tiers=TIERS) == total * ONE


def test_a_price_without_an_amount_costs_nothing() -> None:
    assert total_of(PriceModel.PER_UNIT, 4, unit_amount=None) == 0


@given(st.integers(0, 500), st.integers(0, 500))
def test_graduated_tiers_never_get_cheaper_by_taking_more(few: int, more: int) -> None:
    def price(quantity: int) -> int:
        return total_of(PriceModel.TIERED_GRADUATED, quantity, unit_amount=None, tiers=TIERS)

    assert price(few) <= price(few + more)


def test_the_parts_of_a_quantity_are_the_quantity_and_their_amounts_the_total() -> None:
    graduated = priced(PriceModel.TIERED_GRADUATED, 12, unit_amount=None, tiers=TIERS)
    volume = priced(PriceModel.TIERED_VOLUME, 12, unit_amount=None, tiers=TIERS)

    assert [(share.up_to, share.quantity, int(share.amount / ONE)) for share in graduated.tiers] == [
        (5, 5, 10),
        (10, 5, 8),
        (None, 2, 1),
    ]
    assert [(share.up_to, share.quantity, int(share.amount / ONE)) for share in volume.tiers] == [(None, 12, 6)]
    assert (int(graduated.exact / ONE), int(volume.exact / ONE)) == (19, 6)


def test_a_part_of_a_unit_costs_its_part_and_a_line_is_rounded_once() -> None:
    third = priced(PriceModel.PER_UNIT, 1_005, unit_amount=ONE, scale=3)
    many = priced(
        PriceModel.TIERED_GRADUATED, 1_500, unit_amount=None, tiers=(TierDef(500, 9 * ONE), TierDef(None, ONE)), scale=3
    )

    assert (int(third.exact), third.money("USD").format(), third.money("JPY").format()) == (1_005_000_000, "1.01", "1")
    assert (int(many.exact), [share.quantity for share in many.tiers]) == (5_500_000_000, [500, 1_000])
