"""What can be wrong with what a plan gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from billing.amounts import MAX_AMOUNT
from billing.catalog.checks.texts import repeated, text_problems
from billing.catalog.problem import Problem, hint, section, unknown
from billing.catalog.values import EntitlementDef
from billing.entitlements.sources import AddOnBehaviour, Aggregation, ConfigType, FeatureKind, ResetEvery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.problem import Known, Path
    from billing.catalog.values import FeatureDef, PlanDef

MOST_JSON = 4_096
MOST_PRIORITY = 1_000

_METERED_ONLY = {
    "limit": "limit",
    "hard": "hard",
    "reset": "reset",
    "reset_anchor": "anchor",
    "per_quantity": "per_quantity",
    "priority": "priority",
    "rollover_maximum": "rollover_maximum",
    "rollover_minimum": "rollover_minimum",
}
"""Fields of an entitlement that only a metered feature has, with their names in a file."""


def entitlement_problems(plan: PlanDef, known: Known) -> Iterator[Problem]:
    """Each entitlement names a feature that the plan may give, once, and fits its kind."""
    root = (section(plan), plan.key, "entitlements")
    yield from repeated((((*root, given.feature), given.feature) for given in plan.entitlements), "entitlement of")
    for given in plan.entitlements:
        path = (*root, given.feature)
        feature = known.features.get(given.feature)
        if feature is None:
            yield unknown(path, "features", given.feature, known.features)
            continue
        yield from _reach_problems(path, plan, feature)
        yield from _kind_problems(path, given, feature)
        yield from _add_on_problems(path, plan, given, feature)


def _reach_problems(path: Path, plan: PlanDef, feature: FeatureDef) -> Iterator[Problem]:
    if feature.product not in (None, plan.product, *plan.includes):
        message = f'"{feature.key}" belongs to the product "{feature.product}": add that to the plan\'s `includes`.'
        yield Problem(path, message)


def _kind_problems(path: Path, given: EntitlementDef, feature: FeatureDef) -> Iterator[Problem]:
    if feature.kind is not FeatureKind.METERED:
        plain = EntitlementDef(feature=given.feature)
        for name, written in _METERED_ONLY.items():
            if getattr(given, name) != getattr(plain, name):
                yield Problem(
                    (*path, written), f"Only metered features have `{written}`; this one is {feature.kind.lower()}."
                )
    if feature.kind is not FeatureKind.BOOLEAN and not given.granted:
        yield Problem(path, "Only a boolean feature is given or not given: leave this entitlement out.")
    if feature.kind is FeatureKind.CONFIG:
        yield from _value_problems((*path, "value"), given, feature)
    elif given.value is not None:
        yield Problem((*path, "value"), f"Only config features have a value; this one is {feature.kind.lower()}.")
    if feature.kind is FeatureKind.METERED:
        yield from _limit_problems(path, given)
        yield from _rollover_problems(path, given)
        if given.rollover_maximum is not None and feature.aggregation is not Aggregation.SUM:
            message = f"Only what is added up rolls over; this feature is {feature.aggregation.lower()}: take it out."
            yield Problem((*path, "rollover_maximum"), message)


def _value_problems(path: Path, given: EntitlementDef, feature: FeatureDef) -> Iterator[Problem]:
    value = given.value
    if feature.config_type is ConfigType.NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield Problem(path, "The value of this feature is a number.")
    if feature.config_type is ConfigType.ENUM and value not in feature.allowed_values:
        allowed = ", ".join(feature.allowed_values)
        yield Problem(
            path, f"The value of this feature is one of: {allowed}.{hint(str(value), feature.allowed_values)}"
        )
    if feature.config_type is ConfigType.JSON:
        if value is None:
            yield Problem(path, "Give this feature a value.")
        text = json.dumps(value, ensure_ascii=False)
        yield from text_problems(path, text, MOST_JSON)


def _limit_problems(path: Path, given: EntitlementDef) -> Iterator[Problem]:
    if given.limit is not None and not 0 <= given.limit <= MAX_AMOUNT:
        yield Problem((*path, "limit"), "A limit is zero or more and at most 2^62 units of the feature's last decimal.")
    if not 0 <= given.priority <= MOST_PRIORITY:
        yield Problem((*path, "priority"), f"A priority is 0 to {MOST_PRIORITY}; the lower one burns first.")


def _rollover_problems(path: Path, given: EntitlementDef) -> Iterator[Problem]:
    most, least = given.rollover_maximum, given.rollover_minimum
    if most is None:
        if least:
            yield Problem((*path, "rollover_minimum"), "Say how much rolls over: set `rollover_maximum` too.")
        return
    if not 0 < most <= MAX_AMOUNT:
        yield Problem((*path, "rollover_maximum"), "What rolls over is above zero: leave it out where nothing does.")
    if not 0 <= least <= most:
        yield Problem((*path, "rollover_minimum"), "The least that rolls over is at most `rollover_maximum`.")
    if given.reset is ResetEvery.NEVER:
        yield Problem((*path, "rollover_maximum"), "Only a limit with a `reset` rolls over.")
    if given.limit is None:
        yield Problem((*path, "rollover_maximum"), "Nothing rolls over of an unlimited feature: take it out.")


def _add_on_problems(path: Path, plan: PlanDef, given: EntitlementDef, feature: FeatureDef) -> Iterator[Problem]:
    behaviour = (*path, "behaviour")
    if not plan.is_add_on:
        if given.behaviour is not AddOnBehaviour.ADD:
            yield Problem(behaviour, "Only an add-on has a behaviour: take it out.")
        return
    if given.per_quantity:
        yield Problem((*path, "per_quantity"), "An add-on's limit always counts its own quantity: take it out.")
    if given.behaviour is not AddOnBehaviour.ADD and feature.kind is not FeatureKind.METERED:
        yield Problem(behaviour, "Only a limit is added to or replaced: take it out.")
