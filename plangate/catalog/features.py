"""Products and features of a catalog file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.format import FEATURE, PRODUCT
from billing.catalog.values import FeatureDef, ProductDef
from billing.catalog.words import AGGREGATIONS, CONFIG_TYPES, FEATURE_KINDS
from billing.entitlements.sources import USUAL_THRESHOLDS, Aggregation, FeatureKind
from plangate.catalog.fields import Fields

if TYPE_CHECKING:
    from billing.catalog.problem import Path
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node


def product(findings: Findings, path: Path, key: str, node: Node) -> ProductDef:
    """One entry of `products`."""
    fields = Fields.of(findings, path, node, PRODUCT)
    return ProductDef(
        key=key,
        name=fields.text("name", key),
        description=fields.text("description"),
        default_plan=fields.key("default_plan"),
        after_cancellation=fields.key("after_cancellation"),
        archived=fields.flag("archived"),
    )


def feature(findings: Findings, path: Path, key: str, node: Node) -> FeatureDef | None:
    """One entry of `features`; None where its kind is not readable, since nothing about it can be judged then."""
    fields = Fields.of(findings, path, node, FEATURE)
    kind = fields.choice("kind", FEATURE_KINDS, None)
    found = FeatureDef(
        key=key,
        name=fields.text("name", key),
        kind=kind or FeatureKind.BOOLEAN,
        description=fields.text("description"),
        product=fields.key("product"),
        unit=fields.text("unit"),
        scale=fields.whole("scale"),
        aggregation=fields.choice("aggregation", AGGREGATIONS, Aggregation.SUM),
        config_type=fields.choice("type", CONFIG_TYPES, None),
        allowed_values=fields.texts("values"),
        thresholds=fields.wholes("thresholds", USUAL_THRESHOLDS),
        archived=fields.flag("archived"),
    )
    return None if kind is None else found
