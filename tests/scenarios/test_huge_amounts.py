"""Amounts whose sum outgrows a 64-bit integer are summed exactly, and nothing of theirs is a mistake of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios import documents
from tests.scenarios.metered import CALLS, report, stands, take
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

MOST = 2**62
CATALOG = """
catalog: 1
products: {app: {name: App}}
features: {calls: {name: Calls, kind: metered, unit: calls}}
plans:
  month: {name: Month, product: app, kind: free, entitlements: {calls: {limit: 10, reset: month}}}
  ever: {name: Ever, product: app, kind: free, rank: 9, entitlements: {calls: {limit: unlimited}}}
"""


@pytest.fixture
async def huge(story: Story) -> Story:
    """Three times 2^62 in three months, and then a plan whose counter holds all of it."""
    await story.catalog(CATALOG)
    acme = await story.subscribe("acme", "month")
    for month in (1, 2, 3):
        await story.advance(instant(2024, month, 10))
        assert (await report(story, MOST))["used"] == str(MOST)
    changed = await story.act(documents.CHANGE, subscriptionId=acme, planId="ever", timing="IMMEDIATE")
    assert changed["__typename"] == "SubscriptionChanged"
    return story


async def history(story: Story, bucket: str) -> Told:
    """The year's usage."""
    span = {"since": instant(2024).isoformat(), "until": instant(2025).isoformat()}
    told: Told = (await story.world.ask(documents.HISTORY, **CALLS, **span, bucket=bucket))["answer"]
    return told


async def test_a_history_of_huge_amounts_is_exact(huge: Story) -> None:
    await report(huge, -5, reason="void")
    year, months = await history(huge, "YEAR"), await history(huge, "MONTH")

    assert [(each["used"], each["corrected"], each["amount"]) for each in year["buckets"]] == [
        (str(3 * MOST), "-5", str(3 * MOST - 5))
    ]
    assert [each["amount"] for each in months["buckets"][:4]] == [str(MOST), str(MOST), str(MOST - 5), "0"]


async def test_a_counter_beyond_all_amounts_is_told_exactly_and_refuses_by_name(huge: Story) -> None:
    told = await stands(huge)
    assert (told["hasAccess"], told["used"], told["unlimited"]) == (True, str(3 * MOST), True)

    refused = {"__typename": "AmountOutOfRange", "code": "AMOUNT_OUT_OF_RANGE"}
    assert await take(huge, 1) == {**refused, "field": "amount"}
    assert await report(huge, 1) == {**refused, "field": "value"}
    assert await report(huge, 0, kind="SET") == {**refused, "field": "value"}
    asked = {"amount": "1", "idempotencyKey": "job"}
    assert await huge.act(documents.RESERVE, **CALLS, **asked) == {**refused, "field": "amount"}
    assert (await stands(huge))["used"] == str(3 * MOST)


async def test_corrections_lead_back_from_beyond_all_amounts(huge: Story) -> None:
    first = await report(huge, -MOST, reason="void", occurredAt=instant(2024, 1, 11))
    second = await report(huge, -MOST, reason="void")
    third = await report(huge, -MOST + 1, reason="void", occurredAt=instant(2024, 2, 11))

    assert [each["used"] for each in (first, second, third)] == [str(2 * MOST), str(MOST), "1"]
    assert (await take(huge, 2))["used"] == "3"
    assert (await stands(huge, at=instant(2024, 2, 12)))["used"] == "1"
    assert (await stands(huge))["used"] == "3"
