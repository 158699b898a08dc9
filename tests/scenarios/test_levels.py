"""Usage that is told as a level: the latest or the largest counts, in answers, limits, thresholds and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.metered import ACME
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

CATALOG = """
catalog: 1
products: {crew: {name: Crew}}
features:
  people: {name: People, kind: metered, unit: people, aggregation: last, thresholds: [50, 100]}
  peak: {name: Peak, kind: metered, unit: calls, aggregation: max, thresholds: [50]}
plans:
  crew: {name: Crew, product: crew, kind: free, entitlements: {people: {limit: 10}, peak: {limit: 100, reset: month}}}
"""


async def tell(story: Story, feature: str, value: int, **more: Any) -> Told:
    """Report."""
    asked: dict[str, Any] = {"customer": ACME, "feature": feature, "value": str(value), **more}
    return await story.act(documents.REPORT, **asked, idempotencyKey=story.world.fresh_key())


async def stands(story: Story, feature: str = "people", **more: Any) -> tuple[Any, ...]:
    """Tell what is used, what remains and how far it is over."""
    told = await story.entitlement("acme", feature, **more)
    return told["used"], told["remaining"], told["overBy"], told["reason"]


async def history(story: Story, feature: str, until: Any, **more: Any) -> tuple[str, list[str]]:
    """Tell the level of all this time, and of each month."""
    span = {"since": instant(2024).isoformat(), "until": until.isoformat(), "bucket": "MONTH"}
    asked: dict[str, Any] = {"customer": ACME, "feature": feature, **span, **more}
    told: Told = (await story.world.ask(documents.HISTORY, **asked))["answer"]
    assert {each["corrected"] for each in told["buckets"]} == {"0"}
    return told["amount"], [each["amount"] for each in told["buckets"]]


async def thresholds(story: Story) -> list[Any]:
    """Tell the thresholds that were told of since the last look."""
    news = await story.events("acme")
    return [each["after"]["threshold"] for each in news if each["type"] == "entitlement.threshold_reached"]


async def test_the_latest_value_is_the_present_state_until_another_is_told(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "crew")
    await story.advance("2024-01-05")
    assert (await tell(story, "people", 6))["remaining"] == "4"
    assert (await tell(story, "people", 4))["used"] == "4", "of one instant what was told last stands"
    assert await thresholds(story) == [50]

    await story.advance("2024-01-10")
    over = await tell(story, "people", 12)
    assert (over["used"], over["remaining"], over["overBy"]) == ("12", "0", "2"), "reporting may exceed"
    assert await thresholds(story) == [100]
    await story.act(documents.GRANT, customer=ACME, feature="people", amount="5", idempotencyKey="gift")
    assert await stands(story) == ("10", "3", "0", "GRANTED"), "a grant bears what is above, while it runs"
    await tell(story, "people", 7)
    assert await stands(story) == ("7", "8", "0", "GRANTED"), "and nothing of it is burned"

    await story.advance("2024-03-02")
    assert await stands(story) == ("7", "8", "0", "GRANTED"), "it goes on where nothing resets"
    await tell(story, "people", 9, occurredAt=instant(2024, 1, 7))
    assert await stands(story) == ("7", "8", "0", "GRANTED"), "an older state told late is not the present one"
    assert (await stands(story, at=instant(2024, 1, 8)))[0] == "9"
    wrong = await tell(story, "people", -8, reason="mistaken", occurredAt=instant(2024, 1, 10))
    assert (wrong["__typename"], wrong["field"]) == ("AmountOutOfRange", "value"), "nobody told 8 of that instant"
    await tell(story, "people", -7, reason="mistaken", occurredAt=instant(2024, 1, 10))
    assert await stands(story) == ("10", "3", "0", "GRANTED"), "12 stand again"
    again = await tell(story, "people", -7, reason="mistaken", occurredAt=instant(2024, 1, 10))
    assert again["__typename"] == "AmountOutOfRange", "it was taken back before"
    assert (await tell(story, "people", 0))["used"] == "0"

    await tell(story, "people", 3, resource="north")
    await tell(story, "people", 2, resource="south")
    assert (await tell(story, "people", 4, resource="north"))["used"] == "6", "each resource has its own level"
    assert await history(story, "people", instant(2024, 3, 3)) == ("6", ["12", "0", "6"])
    assert await history(story, "people", instant(2024, 3, 3), resource="north") == ("4", ["0", "0", "4"])
    await story.catalog(CATALOG.replace("aggregation: last, ", ""))
    assert (await stands(story))[0] == "40", "what was told is added up once the catalog says so"


async def test_the_largest_value_stands_for_the_window_and_the_next_begins_from_nothing(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "crew")
    await story.advance("2024-01-05")
    for value, used in ((30, "30"), (20, "30"), (60, "60")):
        assert (await tell(story, "peak", value))["used"] == used
    assert await thresholds(story) == [50]
    lower = await tell(story, "peak", 40, kind="SET")
    assert (lower["__typename"], lower["field"]) == ("InvalidInput", "value"), "a total does not lower the largest"
    assert (await tell(story, "peak", 70, kind="SET"))["used"] == "70"
    mistaken = {"reason": "mistaken", "occurredAt": instant(2024, 1, 5)}
    assert (await tell(story, "peak", -70, **mistaken))["remaining"] == "40"

    await story.advance("2024-02-03")
    assert (await stands(story, "peak"))[0] == "0"
    await tell(story, "peak", 90, occurredAt=instant(2024, 1, 31))
    await tell(story, "peak", 10)
    assert (await stands(story, "peak"))[0] == "10"
    assert await history(story, "peak", instant(2024, 2, 4)) == ("90", ["90", "10"])


async def test_a_level_is_neither_consumed_nor_reserved(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "crew")
    await story.events("acme")

    for act in (documents.CONSUME, documents.RESERVE):
        for feature in ("people", "peak"):
            key = story.world.fresh_key()
            told = await story.act(act, customer=ACME, feature=feature, amount="1", idempotencyKey=key)
            assert (told["__typename"], told["code"], told["field"]) == (
                "FeatureNotSummed",
                "FEATURE_NOT_SUMMED",
                "feature",
            )

    assert await story.events("acme") == []
    assert await stands(story) == ("0", "10", "0", "GRANTED")
