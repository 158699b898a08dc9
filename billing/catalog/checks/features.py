"""What can be wrong with products and features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.catalog.checks.texts import (
    MOST_DESCRIPTION,
    MOST_NAME,
    MOST_UNIT,
    key_problems,
    name_problems,
    repeated,
    text_problems,
)
from billing.catalog.problem import Problem, section, unknown
from billing.catalog.values import FeatureDef, PlanKind
from billing.entitlements.sources import ConfigType, FeatureKind
from billing.entitlements.thresholds import HIGHEST_THRESHOLD, MOST_THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.problem import Known, Path
    from billing.catalog.values import ProductDef

MOST_ALLOWED_VALUES = 100


def product_problems(product: ProductDef, known: Known) -> Iterator[Problem]:
    """Its texts, and the plans that it names: plans of this product, and one to go on with that costs nothing. (S7)"""
    path = ("products", product.key)
    yield from key_problems(path, product.key)
    yield from name_problems(path, product.name)
    yield from text_problems((*path, "description"), product.description, MOST_DESCRIPTION)
    if product.default_plan is not None:
        yield from _own_plan_problems((*path, "default_plan"), product, product.default_plan, known)
    if product.after_cancellation is not None:
        yield from _after_problems((*path, "after_cancellation"), product, product.after_cancellation, known)


def _after_problems(path: Path, product: ProductDef, key: str, known: Known) -> Iterator[Problem]:
    yield from _own_plan_problems(path, product, key, known)
    plan = known.plans.get(key)
    if plan is not None and plan.kind not in (PlanKind.FREE, PlanKind.EMPTY):
        message = f'The plan "{key}" is {plan.kind.lower()}: whoever cancels goes on without paying. Name a free one.'
        yield Problem(path, message)


def _own_plan_problems(path: Path, product: ProductDef, key: str, known: Known) -> Iterator[Problem]:
    plan = known.plans.get(key)
    if plan is None:
        yield unknown(path, "plans", key, known.plans)
    elif section(plan) == "addons":
        yield Problem(path, f'"{key}" is an add-on: name one of `plans`.')
    elif plan.product != product.key:
        yield Problem(path, f'The plan "{key}" belongs to the product "{plan.product}": name one of "{product.key}".')


def feature_problems(feature: FeatureDef, known: Known) -> Iterator[Problem]:
    """Its texts, its product, and settings that fit its kind."""
    path = ("features", feature.key)
    yield from key_problems(path, feature.key)
    yield from name_problems(path, feature.name)
    yield from text_problems((*path, "description"), feature.description, MOST_DESCRIPTION)
    yield from text_problems((*path, "unit"), feature.unit, MOST_UNIT)
    if feature.product is not None and feature.product not in known.products:
        yield unknown((*path, "product"), "products", feature.product, known.products)
    if feature.kind is FeatureKind.METERED:
        yield from _metered_problems(path, feature)
        yield from _threshold_problems((*path, "thresholds"), feature)
    else:
        yield from _unmetered_problems(path, feature)
    yield from _config_problems(path, feature)


def _metered_problems(path: Path, feature: FeatureDef) -> Iterator[Problem]:
    if not 0 <= feature.scale <= MAX_SCALE:
        yield Problem((*path, "scale"), f"The scale is the number of decimals of its amounts: 0 to {MAX_SCALE}.")


def _threshold_problems(path: Path, feature: FeatureDef) -> Iterator[Problem]:
    if len(feature.thresholds) > MOST_THRESHOLDS:
        yield Problem(path, f"There are at most {MOST_THRESHOLDS} thresholds.")
    for index, percent in enumerate(feature.thresholds):
        if not 1 <= percent <= HIGHEST_THRESHOLD:
            yield Problem((*path, index), f"A threshold is a percent of the limit: 1 to {HIGHEST_THRESHOLD}.")
    listed = (((*path, index), str(percent)) for index, percent in enumerate(feature.thresholds))
    yield from repeated(listed, "threshold")


def _unmetered_problems(path: Path, feature: FeatureDef) -> Iterator[Problem]:
    plain = FeatureDef(key="", name="", kind=feature.kind)
    for name in ("unit", "scale", "aggregation", "thresholds"):
        if getattr(feature, name) != getattr(plain, name):
            yield Problem(
                (*path, name), f"Only metered features have `{name}`: take it out, or make the feature metered."
            )


def _config_problems(path: Path, feature: FeatureDef) -> Iterator[Problem]:
    if feature.kind is FeatureKind.CONFIG and feature.config_type is None:
        yield Problem((*path, "type"), "Say what the configuration holds: number, enum or json.")
    if feature.kind is not FeatureKind.CONFIG and feature.config_type is not None:
        yield Problem((*path, "type"), "Only config features have a `type`: take it out, or make the feature config.")
    values = (*path, "values")
    if feature.config_type is not ConfigType.ENUM and feature.allowed_values:
        yield Problem(values, "Only a config feature of type enum has `values`: take them out.")
    if feature.config_type is ConfigType.ENUM and not 1 <= len(feature.allowed_values) <= MOST_ALLOWED_VALUES:
        yield Problem(values, f"List the values that are allowed: 1 to {MOST_ALLOWED_VALUES}.")
    yield from repeated((((*values, index), value) for index, value in enumerate(feature.allowed_values)), "value")
    for index, value in enumerate(feature.allowed_values):
        yield from text_problems((*values, index), value, MOST_NAME)
