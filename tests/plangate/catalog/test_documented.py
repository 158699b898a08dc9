"""The description of the format is whole, and its example is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from billing.catalog.checks.texts import RESERVED_KEYS
from plangate.catalog import entitlements, features, plans, prices, reading
from plangate.catalog.reading import parse_catalog

TEXT = (Path(__file__).parents[3] / "docs" / "catalog.md").read_text(encoding="utf-8")

NAMES = {
    *reading.SECTIONS,
    *reading.SOURCE_FIELDS,
    *features.PRODUCT_FIELDS,
    *features.FEATURE_FIELDS,
    *features.KINDS,
    *features.CONFIG_TYPES,
    *features.AGGREGATIONS,
    *plans.PLAN_FIELDS,
    *plans.KINDS,
    *entitlements.CONFIG_FIELDS,
    *entitlements.METERED_FIELDS,
    *entitlements.RESETS,
    *entitlements.ANCHORS,
    *entitlements.BEHAVIOURS,
    *prices.PRICE_FIELDS,
    *prices.TIER_FIELDS,
    *prices.MODELS,
    *prices.USAGES,
    *prices.UNITS,
    *RESERVED_KEYS,
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_key_and_word_is_described(name: str) -> None:
    assert any(name in re.findall(r"[a-z_]+", code) for code in re.findall(r"`([^`]+)`", TEXT.partition("## Words")[2]))


def test_the_example_of_the_description_is_a_catalog() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)

    assert [[plan.key for plan in parse_catalog(block.encode()).plans] for block in blocks] == [
        ["closed", "free", "team", "more_calls"]
    ]
