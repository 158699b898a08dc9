"""The words that a catalog file has for the values of closed sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.checks.prices import LONGEST
from billing.catalog.values import PlanKind, PriceModel, PriceUsage
from billing.entitlements.sources import (
    AddOnBehaviour,
    Aggregation,
    ConfigType,
    FeatureKind,
    ResetAnchor,
    ResetEvery,
)
from billing.instalments import AccessAfterCompletion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.calendar import IntervalUnit

FEATURE_KINDS: Mapping[str, FeatureKind] = {each.lower(): each for each in FeatureKind}
CONFIG_TYPES: Mapping[str, ConfigType] = {each.lower(): each for each in ConfigType}
AGGREGATIONS: Mapping[str, Aggregation] = {each.lower(): each for each in Aggregation}
PLAN_KINDS: Mapping[str, PlanKind] = {each.lower(): each for each in PlanKind}
RESETS: Mapping[str, ResetEvery] = {each.lower(): each for each in ResetEvery}
ANCHORS: Mapping[str, ResetAnchor] = {each.lower(): each for each in ResetAnchor}
BEHAVIOURS: Mapping[str, AddOnBehaviour] = {each.lower(): each for each in AddOnBehaviour}
AFTER_COMPLETION: Mapping[str, AccessAfterCompletion] = {each.lower(): each for each in AccessAfterCompletion}
USAGES: Mapping[str, PriceUsage] = {each.lower(): each for each in PriceUsage}
UNITS: Mapping[str, IntervalUnit] = {unit.lower(): unit for unit in LONGEST}
MODELS: Mapping[str, PriceModel] = {
    "flat": PriceModel.FLAT,
    "per_unit": PriceModel.PER_UNIT,
    "graduated": PriceModel.TIERED_GRADUATED,
    "volume": PriceModel.TIERED_VOLUME,
    "package": PriceModel.PACKAGE,
}

UNLIMITED = "unlimited"
"""The limit that is none."""
