"""Prices of a catalog file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.calendar import Interval, IntervalUnit
from billing.catalog.checks.prices import LONGEST, no_currency
from billing.catalog.problem import hint
from billing.catalog.values import PriceDef, PriceModel, PriceUsage, TierDef
from billing.money import CURRENCIES
from plangate.catalog.fields import Fields
from plangate.catalog.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.catalog.problem import Path
    from billing.catalog.values import FeatureDef
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

PRICE_FIELDS = ("key", "currency", "every", "amount", "model", "usage", "feature", "package_size", "tiers")
TIER_FIELDS = ("up_to", "unit_amount", "flat_amount")

MODELS: Mapping[str, PriceModel] = {
    "flat": PriceModel.FLAT,
    "per_unit": PriceModel.PER_UNIT,
    "graduated": PriceModel.TIERED_GRADUATED,
    "volume": PriceModel.TIERED_VOLUME,
    "package": PriceModel.PACKAGE,
}
USAGES: Mapping[str, PriceUsage] = {each.lower(): each for each in PriceUsage}
UNITS: Mapping[str, IntervalUnit] = {unit.lower(): unit for unit in LONGEST}

_EVERY = re.compile(r"(?:([1-9][0-9]{0,3}) +)?([a-z]+?)s?", re.ASCII)


def price(findings: Findings, path: Path, node: Node, features: Mapping[str, FeatureDef]) -> PriceDef | None:
    """One entry of a plan's `prices`; None where its currency or interval cannot be read."""
    fields = Fields.of(findings, path, node, PRICE_FIELDS)
    fields.wants("currency", "three letters, such as usd")
    fields.wants("every", "how often it recurs, such as month")
    currency, interval = fields.text("currency").upper(), _interval(fields)
    usage = fields.choice("usage", USAGES, PriceUsage.LICENSED)
    feature = fields.key("feature")
    scale = _scale(usage, features.get(feature or ""))
    found = PriceDef(
        key="",
        currency=currency,
        interval=interval or Interval(IntervalUnit.MONTH),
        model=fields.choice("model", MODELS, PriceModel.FLAT),
        usage=usage,
        feature=feature,
        unit_amount=_money(fields, "amount"),
        package_size=fields.amount("package_size", scale),
        tiers=tuple(
            _tier(findings, (*path, "tiers", at), tier, scale) for at, tier in enumerate(fields.items("tiers"))
        ),
    )
    key = fields.key("key") or default_key(found)
    if interval is not None and currency:
        return replace(found, key=key)
    if currency and currency not in CURRENCIES:
        findings.add(findings.line_of((*path, "currency")), no_currency(currency))
    return None


def default_key(price: PriceDef) -> str:
    """The key of a price that writes none: usd_month, eur_3_months, usd_month_api_calls."""
    unit = price.interval.unit.lower()
    every = unit if price.interval.count == 1 else f"{price.interval.count}_{unit}s"
    return "_".join(part for part in (price.currency.lower(), every, price.feature) if part)


def _scale(usage: PriceUsage, feature: FeatureDef | None) -> int:
    """Decimals of what is counted: a metered feature's, none for seats, any where the feature is not known."""
    if usage is PriceUsage.LICENSED:
        return 0
    return feature.scale if feature is not None and 0 <= feature.scale <= MAX_SCALE else MAX_SCALE


def _money(fields: Fields, name: str) -> int | None:
    """An amount of money in billionths; one that is written and unreadable is no further reason to find fault."""
    amount = fields.amount(name)
    if amount is None and fields.has(name):
        fields.findings.broken.add(("prices", str(fields.path[1])))
        return 0
    return amount


def _tier(findings: Findings, path: Path, node: Node, scale: int) -> TierDef:
    fields = Fields.of(findings, path, node, TIER_FIELDS)
    if not fields.has("flat_amount"):
        fields.wants("unit_amount", "what one unit costs, or give a `flat_amount`")
    return TierDef(
        fields.amount("up_to", scale), _money(fields, "unit_amount") or 0, _money(fields, "flat_amount") or 0
    )


def _interval(fields: Fields) -> Interval | None:
    node = fields.node("every")
    if node is None:
        return None
    written = node.text if isinstance(node, Scalar) else ""
    match = _EVERY.fullmatch(written)
    if match is None or match[2] not in UNITS:
        guess = hint(match[2] if match else written, UNITS)
        fields.findings.add(node.line, f"`every` is day, week, month or year, or several such as 3 months.{guess}")
        return None
    return Interval(UNITS[match[2]], int(match[1] or 1))
