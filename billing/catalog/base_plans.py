"""What a plan has from its base plan: copied when it is published, never looked up live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.catalog.values import Catalog, EntitlementDef, PlanDef


def with_base_plans(catalog: Catalog) -> Catalog:
    """The catalog with every plan's entitlements complete: its own, and its base's where it states none of its own.

    A base that is unknown or leads back to the plan gives nothing more; `problems` reports both.
    """
    plans = {plan.key: plan for plan in catalog.plans}
    return replace(catalog, plans=tuple(replace(plan, entitlements=_complete(plan, plans)) for plan in catalog.plans))


def base_line(plan: PlanDef, plans: Mapping[str, PlanDef]) -> tuple[PlanDef, ...]:
    """The plan, its base, the base of that and so on; it stops before a plan that is in it already."""
    line = [plan]
    seen = {plan.key}
    while (base := line[-1].base) is not None and base in plans and base not in seen:
        line.append(plans[base])
        seen.add(base)
    return tuple(line)


def _complete(plan: PlanDef, plans: Mapping[str, PlanDef]) -> tuple[EntitlementDef, ...]:
    given: dict[str, EntitlementDef] = {}
    for ancestor in reversed(base_line(plan, plans)):
        given |= {entitlement.feature: entitlement for entitlement in ancestor.entitlements}
    return tuple(given.values())
