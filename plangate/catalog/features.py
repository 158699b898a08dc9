"""Products and features of a catalog file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.values import FeatureDef, ProductDef
from billing.entitlements.sources import Aggregation, ConfigType, FeatureKind
from plangate.catalog.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.catalog.problem import Path
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

PRODUCT_FIELDS = ("name", "description", "default_plan")
FEATURE_FIELDS = ("name", "description", "kind", "product", "unit", "scale", "aggregation", "type", "values")

KINDS: Mapping[str, FeatureKind] = {kind.lower(): kind for kind in FeatureKind}
CONFIG_TYPES: Mapping[str, ConfigType] = {each.lower(): each for each in ConfigType}
AGGREGATIONS: Mapping[str, Aggregation] = {each.lower(): each for each in Aggregation}


def product(findings: Findings, path: Path, key: str, node: Node) -> ProductDef:
    """One entry of `products`."""
    fields = Fields.of(findings, path, node, PRODUCT_FIELDS)
    fields.wants("name", "what people read")
    return ProductDef(
        key=key,
        name=fields.text("name", key),
        description=fields.text("description"),
        default_plan=fields.key("default_plan"),
    )


def feature(findings: Findings, path: Path, key: str, node: Node) -> FeatureDef | None:
    """One entry of `features`; None where its kind is not readable, since nothing about it can be judged then."""
    fields = Fields.of(findings, path, node, FEATURE_FIELDS)
    fields.wants("name", "what people read")
    fields.wants("kind", "boolean, config or metered")
    kind = fields.choice("kind", KINDS, None)
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
    )
    return None if kind is None else found
