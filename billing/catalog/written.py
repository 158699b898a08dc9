"""A catalog as a file would write it: a tree of plain values, made from the format's own description.

Amounts are plain decimal texts. In full it has every field, and prices by key, so that two trees can be compared; in
short what is left out is what a file may leave out.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

from billing.amounts import MAX_SCALE, format_amount
from billing.catalog.format import ADD_ON, CONFIG, FEATURE, FORMAT, METERED, PLAN, PRODUCT, SOURCE, Field, Shape, Sort
from billing.catalog.problem import section
from billing.catalog.values import FeatureDef, PlanDef, PriceDef, PriceUsage, ProductDef
from billing.catalog.words import UNLIMITED
from billing.dataclass import dataclass
from billing.entitlements.sources import ConfigType, FeatureKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from billing.calendar import Interval
    from billing.catalog.values import Catalog, EntitlementDef
    from billing.entitlements.sources import Json

Tree: TypeAlias = "dict[str, Json]"
Thing: TypeAlias = ProductDef | FeatureDef | PlanDef


class Decimal(str):
    """A plain decimal: a text that a file writes without quotes."""

    __slots__ = ()


def in_full(thing: Thing, features: Mapping[str, FeatureDef]) -> Tree:
    """One thing with every field; `base` is left out, since what it gives is among the entitlements."""
    tree = _Writer(features, full=True, keyed=True).map(_shape(thing), thing)
    return {name: value for name, value in tree.items() if name != "base"}


def as_stated(thing: Thing, features: Mapping[str, FeatureDef]) -> Tree:
    """One thing with the fields that do not go without saying, and its prices by key."""
    return _Writer(features, full=False, keyed=True).map(_shape(thing), thing)


def _shape(thing: Thing) -> Shape:
    if isinstance(thing, ProductDef):
        return PRODUCT
    if isinstance(thing, FeatureDef):
        return FEATURE
    return ADD_ON if thing.is_add_on else PLAN


def in_short(catalog: Catalog) -> Tree:
    """The whole catalog as the content of a file."""
    writer = _Writer({feature.key: feature for feature in catalog.features}, full=False, keyed=False)
    tree: Tree = {"catalog": FORMAT}
    if catalog.source is not None:
        tree["source"] = writer.map(SOURCE, catalog.source)
    sections: dict[str, Tree] = {"products": {}, "features": {}, "plans": {}, "addons": {}}
    for product in catalog.products:
        sections["products"][product.key] = writer.map(PRODUCT, product)
    for feature in catalog.features:
        sections["features"][feature.key] = writer.map(FEATURE, feature)
    for plan in catalog.plans:
        sections[section(plan)][plan.key] = writer.map(ADD_ON if plan.is_add_on else PLAN, plan)
    return {**tree, **{name: things for name, things in sections.items() if things}}


def default_key(price: PriceDef) -> str:
    """The key of a price that writes none: usd_month, eur_3_months, usd_month_api_calls."""
    every = _every(price.interval).replace(" ", "_")
    return "_".join(part for part in (price.currency.lower(), every, price.feature) if part)


def _every(interval: Interval) -> str:
    unit = interval.unit.lower()
    return unit if interval.count == 1 else f"{interval.count} {unit}s"


def _defaults(thing: Any) -> Mapping[str, object]:  # noqa: ANN401  (any of the value classes)
    """What the fields of a value class are where nothing is said."""
    return {each.name: each.default for each in fields(thing)}


@dataclass(frozen=True, slots=True)
class _Writer:
    features: Mapping[str, FeatureDef]
    full: bool
    keyed: bool

    def map(self, shape: Shape, thing: Any, scale: int = 0) -> Tree:  # noqa: ANN401  (any of the value classes)
        """The fields of one thing, in the order of the shape."""
        if isinstance(thing, PriceDef):
            feature = self.features.get(thing.feature or "")
            scale = feature.scale if thing.usage is PriceUsage.METERED and feature is not None else 0
        tree: Tree = {}
        defaults = _defaults(thing)
        for field in shape.fields:
            held = getattr(thing, field.held)
            if self.full or field.needed or held not in (None, defaults[field.held]):
                tree[field.name] = self.value(field, held, scale)
        if isinstance(thing, PriceDef) and (self.keyed or thing.key == default_key(thing)):
            del tree["key"]
        if not self.full and shape.either and not any(name in tree for name in shape.either):
            field = shape.field(shape.either[0])
            tree[field.name] = self.value(field, getattr(thing, field.held), scale)
        return tree

    def value(self, field: Field, held: Any, scale: int) -> Json:  # noqa: ANN401, PLR0911  (each sort its own)
        """What stands in one field."""
        if field.sort is Sort.LIMIT:
            return UNLIMITED if held is None else Decimal(format_amount(held, scale))
        if held is None:
            return None
        if field.sort is Sort.CHOICE:
            return next(word for word, value in (field.words or {}).items() if value is held)
        if field.sort is Sort.EVERY:
            return _every(held)
        if field.sort in (Sort.MONEY, Sort.AMOUNT):
            return Decimal(format_amount(held, MAX_SCALE if field.sort is Sort.MONEY else scale))
        if field.sort in (Sort.TEXTS, Sort.WHOLES):
            return self.listed(field, held)
        if field.sort is Sort.METADATA:
            return dict(held)
        if field.sort is Sort.ENTITLEMENTS:
            return {given.feature: self.given(given) for given in held}
        if field.sort is Sort.ITEMS and field.shape is not None:
            return self.items(field.shape, held, scale)
        plain: Json = held
        return plain

    def listed(self, field: Field, held: Iterable[Any]) -> Json:
        """A list; in full a set is sorted, and the values of an enum keep their order, which means something."""
        return list(sorted(held) if self.full and field.name != "values" else held)

    def items(self, shape: Shape, held: Iterable[Any], scale: int) -> Json:
        """The items of a list; in full prices by key."""
        listed = [(getattr(each, "key", ""), self.map(shape, each, scale)) for each in held]
        if self.keyed and any(key for key, _ in listed):
            return dict(listed)
        return [tree for _, tree in listed]

    def given(self, given: EntitlementDef) -> Json:
        """One entitlement, as its feature's kind is written; in short as one word where that says it all."""
        feature = self.features[given.feature]
        if feature.kind is FeatureKind.BOOLEAN:
            return given.granted
        if feature.kind is FeatureKind.CONFIG:
            short = not self.full and feature.config_type is not ConfigType.JSON
            return given.value if short else self.map(CONFIG, given)
        tree = self.map(METERED, given, feature.scale)
        return tree["limit"] if not self.full and set(tree) == {"limit"} else tree
