"""Every example is a catalog, and the first one has what a demo needs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from billing.catalog.base_plans import with_base_plans
from billing.catalog.digest import digest
from billing.catalog.values import Catalog, EntitlementDef, PlanDef, PlanKind, PriceDef, PriceModel, PriceUsage, TierDef
from billing.entitlements.sources import FeatureKind, ResetEvery
from plangate.catalog.reading import read_catalog

FOLDER = Path(__file__).parents[3] / "examples" / "catalogs"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))


def _plans(catalog: Catalog) -> dict[str, PlanDef]:
    return {plan.key: plan for plan in with_base_plans(catalog).plans}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_read_and_says_where_its_facts_are_from(file: Path) -> None:
    catalog = read_catalog(file)

    assert catalog.source is not None
    assert catalog.source.url.startswith("https://")
    assert catalog.source.retrieved.startswith("20")
    assert digest(catalog) == digest(read_catalog(file))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_readme_of_the_examples_names_it(file: Path) -> None:
    assert f"catalogs/{file.name}" in (FOLDER.parent / "README.md").read_text(encoding="utf-8")


def test_code_hosting_has_every_sort_of_thing() -> None:
    catalog = read_catalog(FOLDER / "code-hosting.yaml")
    prices = [price for plan in catalog.plans for price in plan.prices]

    assert Counter(feature.kind for feature in catalog.features) == {
        FeatureKind.METERED: 6,
        FeatureKind.BOOLEAN: 10,
        FeatureKind.CONFIG: 3,
    }
    assert [(plan.key, plan.kind, plan.rank) for plan in catalog.plans if not plan.is_add_on] == [
        ("empty", PlanKind.EMPTY, 0),
        ("free", PlanKind.FREE, 10),
        ("team", PlanKind.PAID, 20),
        ("enterprise", PlanKind.PAID, 30),
        ("enterprise_agreement", PlanKind.CUSTOM, 40),
    ]
    assert [plan.key for plan in catalog.plans if plan.is_add_on] == [
        "data_pack",
        "secret_protection",
        "code_security",
        "assistant_business",
    ]
    assert {price.currency for price in prices} == {"USD", "EUR"}
    assert {(price.interval.count, price.interval.unit.lower()) for price in prices} == {(1, "month"), (1, "year")}


def test_the_empty_plan_gives_nothing_and_costs_nothing() -> None:
    empty = _plans(read_catalog(FOLDER / "code-hosting.yaml"))["empty"]

    assert (empty.prices, empty.entitlements) == ((), ())


def test_the_free_plan_has_a_small_hard_monthly_limit_to_reach() -> None:
    free = _plans(read_catalog(FOLDER / "code-hosting.yaml"))["free"]

    assert EntitlementDef("lfs_bandwidth", limit=10_000, hard=True, reset=ResetEvery.MONTH) in free.entitlements


def test_the_middle_plan_costs_per_seat_and_bills_minutes_beyond_what_it_includes() -> None:
    team = _plans(read_catalog(FOLDER / "code-hosting.yaml"))["team"]
    month = team.prices[0].interval

    assert team.prices[0] == PriceDef(
        "usd_month_seats", "USD", month, PriceModel.PER_UNIT, feature="seats", unit_amount=4_000_000_000
    )
    assert team.prices[4] == PriceDef(
        "usd_month_actions_minutes",
        "USD",
        month,
        PriceModel.TIERED_GRADUATED,
        PriceUsage.METERED,
        "actions_minutes",
        tiers=(TierDef(3000, 0), TierDef(None, 6_000_000)),
    )
    assert EntitlementDef("seats", limit=1, per_quantity=True) in team.entitlements
    assert EntitlementDef("actions_minutes", limit=3000, hard=False, reset=ResetEvery.MONTH) in team.entitlements
    assert EntitlementDef("private_repositories") in team.entitlements
