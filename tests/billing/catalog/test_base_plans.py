"""What a plan has from its base."""

from __future__ import annotations

from dataclasses import replace

from billing.catalog.base_plans import with_base_plans
from billing.catalog.digest import digest
from billing.catalog.values import Catalog, EntitlementDef, PlanDef
from billing.entitlements.sources import ResetEvery


def _plan(catalog: Catalog, key: str) -> PlanDef:
    return next(plan for plan in catalog.plans if plan.key == key)


def test_a_plan_has_its_bases_entitlements_and_its_own_in_their_place(catalog: Catalog) -> None:
    assert _plan(with_base_plans(catalog), "team").entitlements == (
        EntitlementDef("calls", limit=1000, reset=ResetEvery.MONTH),
        EntitlementDef("help", value="mail"),
        EntitlementDef("sso"),
    )


def test_a_base_of_a_base_counts_too(catalog: Catalog) -> None:
    big = replace(_plan(catalog, "team"), key="big", base="team", entitlements=(EntitlementDef("help", value="phone"),))
    complete = with_base_plans(replace(catalog, plans=(big, *catalog.plans)))

    assert _plan(complete, "big").entitlements == (
        EntitlementDef("calls", limit=1000, reset=ResetEvery.MONTH),
        EntitlementDef("help", value="phone"),
        EntitlementDef("sso"),
    )


def test_only_entitlements_are_copied(catalog: Catalog) -> None:
    team = _plan(catalog, "team")

    assert replace(_plan(with_base_plans(catalog), "team"), entitlements=team.entitlements) == team


def test_copying_twice_is_copying_once(catalog: Catalog) -> None:
    assert with_base_plans(with_base_plans(catalog)) == with_base_plans(catalog)


def test_bases_in_a_circle_end(catalog: Catalog) -> None:
    free, team, extra = catalog.plans
    circle = replace(catalog, plans=(replace(free, base="team"), team, extra))

    assert [sorted(each.feature for each in plan.entitlements) for plan in with_base_plans(circle).plans] == [
        ["calls", "help", "sso"],
        ["calls", "help", "sso"],
        ["calls"],
    ]


def test_a_change_of_the_base_is_a_change_of_the_plan(catalog: Catalog) -> None:
    free, team, extra = catalog.plans
    changed = replace(
        catalog, plans=(replace(free, entitlements=(EntitlementDef("help", value="phone"),)), team, extra)
    )

    assert digest(_plan(changed, "team")) == digest(team)
    assert digest(_plan(with_base_plans(changed), "team")) != digest(_plan(with_base_plans(catalog), "team"))
