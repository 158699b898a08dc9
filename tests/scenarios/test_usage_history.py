"""The ledger in buckets of the local calendar: their sums are the ledger's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.metered import CALLS, report, subscribed, take
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from datetime import datetime

    from tests.scenarios.story import Story, Told


async def history(story: Story, since: datetime, until: datetime, bucket: str, **more: Any) -> Told:
    """Ask, and tell the whole answer."""
    asked = {**CALLS, "since": since.isoformat(), "until": until.isoformat(), "bucket": bucket, **more}
    told: Told = story.names.plain((await story.world.ask(documents.HISTORY, **asked))["answer"])
    return told


def sums(told: Told) -> list[tuple[str, str]]:
    """Where each bucket begins, and its sum."""
    return [(each["start"], each["amount"]) for each in told["buckets"]]


async def test_corrections_are_seen_in_the_bucket_of_their_date(story: Story) -> None:
    await subscribed(story)
    await take(story, 4)
    await story.advance("2024-01-03")
    await take(story, 3)
    await report(story, -2, reason="void", occurredAt=instant(2024, 1, 2))

    told = await history(story, instant(2024), instant(2024, 1, 4), "DAY")

    assert told == {
        "__typename": "UsageHistory",
        "zone": "UTC",
        "amount": "5",
        "buckets": [
            {"start": "2024-01-01", "end": "2024-01-02", "used": "4", "corrected": "0", "amount": "4"},
            {"start": "2024-01-02", "end": "2024-01-03", "used": "0", "corrected": "-2", "amount": "-2"},
            {"start": "2024-01-03", "end": "2024-01-04", "used": "3", "corrected": "0", "amount": "3"},
        ],
    }
    early = await report(story, -3, reason="void", occurredAt=instant(2023, 12, 31))
    assert early["code"] == "AMOUNT_OUT_OF_RANGE"
    most = await report(story, -3, reason="void", occurredAt=instant(2024, 1, 2))
    assert most["code"] == "AMOUNT_OUT_OF_RANGE", "on 2 January only 2 were left to take back"
    before = await report(story, -3, reason="void", occurredAt=instant(2024))
    assert before["code"] == "AMOUNT_OUT_OF_RANGE", "4 were used on 1 January, but 2 of them are taken back since"
    assert (await history(story, instant(2024), instant(2024, 1, 4), "YEAR"))["amount"] == "5"


async def test_buckets_are_those_of_the_local_calendar(story: Story) -> None:
    await subscribed(story, zone="Europe/Berlin")
    await story.advance(instant(2024, 4, 2))
    for day, hour in ((30, 22), (30, 23), (31, 0), (31, 1), (31, 21), (31, 22)):
        await report(story, 1, occurredAt=instant(2024, 3, day, hour, 30))

    days = await history(story, instant(2024, 3, 30, 12), instant(2024, 4, 1, 12), "DAY")
    hours = await history(story, instant(2024, 3, 31, 0), instant(2024, 3, 31, 3), "HOUR")
    months = await history(story, instant(2024, 3), instant(2024, 4, 2), "MONTH")

    assert sums(days) == [
        ("2024-03-30T12:00:00", "1"),
        ("2024-03-30T23:00:00", "4"),
        ("2024-03-31T22:00:00", "1"),
    ], "the 31st has 23 hours"
    assert sums(hours) == [("2024-03-31", "1"), ("2024-03-31T01:00:00", "1"), ("2024-03-31T02:00:00", "0")]
    assert sums(months) == [("2024-03-01", "5"), ("2024-03-31T22:00:00", "1")]
    assert months["zone"] == "Europe/Berlin"


async def test_the_number_of_buckets_is_bounded(story: Story) -> None:
    await subscribed(story)

    most = await history(story, instant(2024), instant(2024, 2, 11, 16), "HOUR")
    more = await history(story, instant(2024), instant(2024, 2, 11, 16, 1), "HOUR")
    none = await history(story, instant(2024), instant(2024), "DAY")

    assert len(most["buckets"]) == 1_000
    assert more == {"__typename": "TooManyBuckets", "code": "TOO_MANY_BUCKETS", "field": "bucket", "most": 1_000}
    assert (none["code"], none["field"]) == ("DATE_OUT_OF_RANGE", "until")
    other = await history(story, instant(2024), instant(2024, 1, 2), "DAY", feature="code_owners")
    assert other["code"] == "FEATURE_NOT_METERED"


async def test_one_resource_or_all_of_them(story: Story) -> None:
    await subscribed(story)
    await take(story, 1)
    await report(story, 5, resource="blog")
    span = (instant(2024), instant(2024, 1, 2), "DAY")

    assert (await history(story, *span))["amount"] == "6"
    assert (await history(story, *span, resource="blog"))["amount"] == "5"
    assert (await history(story, *span, resource="shop"))["amount"] == "0"
