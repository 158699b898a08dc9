"""The identity of a version: equal content has an equal digest, in whatever order a file writes it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TypeAlias

from billing.catalog.values import Catalog, FeatureDef, PlanDef, ProductDef
from billing.entitlements.sources import USUAL_THRESHOLDS
from billing.instalments import AccessAfterCompletion

LATER = (
    ("rollover_maximum", None),
    ("rollover_minimum", 0),
    ("thresholds", USUAL_THRESHOLDS),
    ("after_cancellation", None),
    ("instalments", 0),
    ("access_after_completion", AccessAfterCompletion.KEEP),
)
"""Fields that the format did not have at first, with what they are where nothing is said."""

Digested: TypeAlias = ProductDef | FeatureDef | PlanDef | Catalog


def digest(content: Digested) -> str:
    """The SHA-256 of the canonical JSON, in lower-case hex.

    Sets (prices, entitlements, compatible add-ons, metadata, a catalog's things) are sorted; tiers and the allowed
    values of a feature keep their order, which means something. A catalog's source note does not count. Take a plan
    from `with_base_plans`, so that a change of its base is a change of the plan.
    """
    canonical = json.dumps(
        asdict(_sorted(content), dict_factory=_written),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return sha256(f"{type(content).__name__}/1:{canonical}".encode("ascii")).hexdigest()


def _written(fields: list[tuple[str, object]]) -> dict[str, object]:
    """Leave out what came into the format later and goes without saying: what was published before keeps its digest."""
    return {name: value for name, value in fields if (name, value) not in LATER}


def _sorted(content: Digested) -> Digested:
    if isinstance(content, FeatureDef):
        return replace(content, thresholds=tuple(sorted(content.thresholds)))
    if isinstance(content, PlanDef):
        return _sorted_plan(content)
    if isinstance(content, Catalog):
        return Catalog(
            products=tuple(sorted(content.products, key=lambda product: product.key)),
            features=tuple(
                replace(feature, thresholds=tuple(sorted(feature.thresholds)))
                for feature in sorted(content.features, key=lambda feature: feature.key)
            ),
            plans=tuple(sorted(map(_sorted_plan, content.plans), key=lambda plan: plan.key)),
        )
    return content


def _sorted_plan(plan: PlanDef) -> PlanDef:
    return replace(
        plan,
        includes=tuple(sorted(plan.includes)),
        add_ons=tuple(sorted(plan.add_ons)),
        prices=tuple(sorted(plan.prices, key=lambda price: price.key)),
        entitlements=tuple(sorted(plan.entitlements, key=lambda entitlement: entitlement.feature)),
        metadata=tuple(sorted(plan.metadata)),
    )
