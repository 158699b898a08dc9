"""The identity of a version."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalog.digest import Digested, digest
from billing.catalog.values import Catalog, EntitlementDef, PlanDef, PlanKind, PriceDef, PriceModel, SourceNote, TierDef
from billing.instalments import AccessAfterCompletion
from tests.billing.catalog.conftest import MONTH

PLAN = PlanDef(
    "team",
    "app",
    "Team",
    PlanKind.PAID,
    includes=("docs", "mail"),
    add_ons=("extra", "more", "most"),
    prices=(
        PriceDef("eur_month", "EUR", MONTH, unit_amount=18 * 10**9),
        PriceDef("usd_month", "USD", MONTH, unit_amount=19 * 10**9),
    ),
    entitlements=(
        EntitlementDef("calls", limit=5),
        EntitlementDef("help", value={"hours": [9, 17], "days": 5}),
        EntitlementDef("sso"),
    ),
    metadata=(("colour", "blue"), ("shape", "round")),
)

OTHER: dict[str, Any] = {
    "key": "crew",
    "product": "shop",
    "name": "Crew",
    "kind": PlanKind.CUSTOM,
    "description": "New.",
    "includes": ("docs",),
    "rank": 2,
    "is_add_on": True,
    "add_ons": ("extra",),
    "base": "free",
    "trial_days": 14,
    "instalments": 3,
    "access_after_completion": AccessAfterCompletion.END,
    "prices": PLAN.prices[:1],
    "entitlements": PLAN.entitlements[:2],
    "metadata": (("colour", "red"),),
    "hidden": True,
    "archived": True,
}


def test_the_digest_of_a_plan_is_this_one() -> None:
    assert digest(PLAN) == "c96619284f8b91eea16bed3f100aacf0391ca4df0ef01b7e641e9a4c8a225321"


@given(
    st.permutations(PLAN.prices),
    st.permutations(PLAN.entitlements),
    st.permutations(PLAN.add_ons),
    st.permutations(PLAN.metadata),
)
def test_the_order_of_what_has_no_order_is_nothing(
    prices: list[PriceDef], entitlements: list[EntitlementDef], add_ons: list[str], metadata: list[tuple[str, str]]
) -> None:
    shuffled = replace(
        PLAN,
        prices=tuple(prices),
        entitlements=tuple(entitlements),
        add_ons=tuple(add_ons),
        includes=PLAN.includes[::-1],
        metadata=tuple(metadata),
    )

    assert digest(shuffled) == digest(PLAN)


@pytest.mark.parametrize("field", [field.name for field in fields(PlanDef)])
def test_every_field_of_a_plan_counts(field: str) -> None:
    assert digest(replace(PLAN, **{field: OTHER[field]})) != digest(PLAN)


def test_the_order_of_tiers_counts() -> None:
    tiers = (TierDef(10, 5), TierDef(None, 4))
    price = PriceDef("usd_month", "USD", MONTH, PriceModel.TIERED_GRADUATED, tiers=tiers)

    assert digest(replace(PLAN, prices=(price,))) != digest(replace(PLAN, prices=(replace(price, tiers=tiers[::-1]),)))


def test_one_and_true_are_different_values() -> None:
    number, flag = EntitlementDef("help", value=1), EntitlementDef("help", value=True)

    assert digest(replace(PLAN, entitlements=(number,))) != digest(replace(PLAN, entitlements=(flag,)))


def test_things_of_different_sorts_never_share_a_digest(catalog: Catalog) -> None:
    things: tuple[Digested, ...] = (catalog, *catalog.products, *catalog.features, *catalog.plans)

    assert len({digest(thing) for thing in things}) == len(things)


def test_a_catalogs_digest_knows_neither_order_nor_source(catalog: Catalog) -> None:
    other = Catalog(
        catalog.products[::-1], catalog.features[::-1], catalog.plans[::-1], SourceNote("A list", "https://example.com")
    )

    assert digest(other) == digest(catalog)
