"""Prices of a catalog file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.calendar import Interval, IntervalUnit
from billing.catalog.checks.prices import no_currency
from billing.catalog.format import PRICE, TIER
from billing.catalog.problem import hint
from billing.catalog.values import PriceDef, PriceModel, PriceUsage, TierDef
from billing.catalog.words import MODELS, UNITS, USAGES
from billing.catalog.written import default_key
from billing.money import CURRENCIES
from plangate.catalog.fields import Fields
from plangate.catalog.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.catalog.problem import Path
    from billing.catalog.values import FeatureDef
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node

_EVERY = re.compile(r"(?:([1-9][0-9]{0,3}) +)?([a-z]+?)s?", re.ASCII)


def price(findings: Findings, path: Path, node: Node, features: Mapping[str, FeatureDef]) -> PriceDef | None:
    """One entry of a plan's `prices`; None where its currency or interval cannot be read."""
    fields = Fields.of(findings, path, node, PRICE)
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
        where = (*path, "currency")
        findings.add(findings.line_of(where), no_currency(currency), where)
    return None


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
    fields = Fields.of(findings, path, node, TIER)
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
        message = f"`every` is day, week, month or year, or several such as 3 months.{guess}"
        fields.findings.add(node.line, message, (*fields.path, "every"))
        return None
    return Interval(UNITS[match[2]], int(match[1] or 1))
