"""A catalog written as a file, so that reading can be asked whether it says the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from billing.amounts import MAX_SCALE, format_amount
from billing.catalog.words import MODELS
from billing.entitlements.sources import FeatureKind

if TYPE_CHECKING:
    from billing.catalog.values import Catalog, EntitlementDef, FeatureDef, PlanDef, PriceDef

Written = dict[str, Any]

_MODEL_WORDS = {model: word for word, model in MODELS.items()}


def written(catalog: Catalog) -> bytes:
    """The file: JSON, which is YAML, with every field in full."""
    features = {feature.key: feature for feature in catalog.features}
    return json.dumps(
        {
            "catalog": 1,
            "products": {
                each.key: {
                    "name": each.name,
                    "description": each.description,
                    "default_plan": each.default_plan,
                    "after_cancellation": each.after_cancellation,
                }
                for each in catalog.products
            },
            "features": {each.key: _feature(each) for each in catalog.features},
            "plans": {each.key: _plan(each, features) for each in catalog.plans if not each.is_add_on},
            "addons": {each.key: _plan(each, features) for each in catalog.plans if each.is_add_on},
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def _feature(feature: FeatureDef) -> Written:
    return {
        "name": feature.name,
        "kind": feature.kind.lower(),
        "description": feature.description,
        "product": feature.product,
        "unit": feature.unit,
        "scale": feature.scale,
        "aggregation": feature.aggregation.lower(),
        "type": feature.config_type and feature.config_type.lower(),
        "values": list(feature.allowed_values),
        "thresholds": list(feature.thresholds),
    }


def _plan(plan: PlanDef, features: dict[str, FeatureDef]) -> Written:
    common: Written = {
        "name": plan.name,
        "product": plan.product,
        "kind": plan.kind.lower(),
        "description": plan.description,
        "includes": list(plan.includes),
        "prices": [_price(each, features) for each in plan.prices],
        "entitlements": {each.feature: _entitlement(each, features[each.feature]) for each in plan.entitlements},
        "metadata": dict(plan.metadata),
        "hidden": plan.hidden,
    }
    if plan.is_add_on:
        return common
    return common | {
        "rank": plan.rank,
        "base": plan.base,
        "trial_days": plan.trial_days,
        "instalments": plan.instalments,
        "access_after_completion": plan.access_after_completion.lower(),
        "addons": list(plan.add_ons),
    }


def _price(price: PriceDef, features: dict[str, FeatureDef]) -> Written:
    scale = features[price.feature].scale if price.usage == "METERED" and price.feature else 0
    return {
        "key": price.key,
        "currency": price.currency.lower(),
        "every": f"{price.interval.count} {price.interval.unit.lower()}s",
        "model": _MODEL_WORDS[price.model],
        "usage": price.usage.lower(),
        "feature": price.feature,
        "amount": _amount(price.unit_amount, MAX_SCALE),
        "package_size": _amount(price.package_size, scale),
        "tiers": [
            {
                "up_to": _amount(tier.up_to, scale),
                "unit_amount": _amount(tier.unit_amount, MAX_SCALE),
                "flat_amount": _amount(tier.flat_amount, MAX_SCALE),
            }
            for tier in price.tiers
        ],
    }


def _entitlement(given: EntitlementDef, feature: FeatureDef) -> object:
    if feature.kind is FeatureKind.BOOLEAN:
        return given.granted
    if feature.kind is FeatureKind.CONFIG:
        return {"value": given.value}
    return {
        "limit": "unlimited" if given.limit is None else _amount(given.limit, feature.scale),
        "hard": given.hard,
        "reset": given.reset.lower(),
        "anchor": given.reset_anchor.lower(),
        "per_quantity": given.per_quantity,
        "behaviour": given.behaviour.lower(),
        "priority": given.priority,
        "rollover_maximum": _amount(given.rollover_maximum, feature.scale),
        "rollover_minimum": _amount(given.rollover_minimum, feature.scale),
    }


def _amount(value: int | None, scale: int) -> str | None:
    return None if value is None else format_amount(value, scale)
