"""Every word of a closed set has its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.catalog.values import (
    PLAN_KIND_MEANINGS,
    PRICE_MODEL_MEANINGS,
    PRICE_USAGE_MEANINGS,
    PlanKind,
    PriceModel,
    PriceUsage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum


@pytest.mark.parametrize(
    ("words", "meanings"),
    [(PlanKind, PLAN_KIND_MEANINGS), (PriceModel, PRICE_MODEL_MEANINGS), (PriceUsage, PRICE_USAGE_MEANINGS)],
)
def test_the_meanings_are_those_of_the_words(words: type[StrEnum], meanings: Mapping[StrEnum, str]) -> None:
    assert list(meanings) == list(words)
    assert all(meaning.endswith((".", ")")) for meaning in meanings.values())
