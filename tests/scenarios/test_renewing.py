"""Time alone: a trial becomes a subscription, periods follow each other, ends of months and clocks are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios import documents
from tests.scenarios.story import YEARLY, happened, held, instant, renewed

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def test_a_trial_becomes_a_subscription_that_renews_from_the_trials_end(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=3)

    assert await story.subscription(acme) == held(
        "enterprise", "2024-01-01 to 2024-01-31", status="TRIALING", quantity=3, trialEnd="2024-01-31"
    )
    expected = [
        happened(
            "2024-01-31",
            "subscription.trial_ended",
            status=("TRIALING", "ACTIVE"),
            periodStart=("2024-01-01", "2024-01-31"),
            periodEnd=("2024-01-31", "2024-02-29"),
        ),
        renewed("2024-01-31", "2024-02-29", "2024-03-31"),
        renewed("2024-02-29", "2024-03-31", "2024-04-30"),
    ]

    await story.advance("2024-04-15")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held(
        "enterprise", "2024-03-31 to 2024-04-30", quantity=3, trialEnd="2024-01-31"
    )


async def test_a_subscription_is_told_whole_when_it_begins(story: Story) -> None:
    await story.act(documents.UPSERT, externalId="acme")
    await story.news("acme")

    created = await story.create("acme", "team", quantity=4, addOns=[{"addOnId": "data_pack", "quantity": 2}])

    assert created == {
        "__typename": "SubscriptionCreated",
        "replayed": False,
        "subscription": held(
            "team", "2024-01-01 to 2024-02-01", quantity=4, addOns=[{"plan": "data_pack", "quantity": 2}]
        ),
    }
    assert await story.news("acme") == [
        happened(
            "2024-01-01",
            "subscription.created",
            "API",
            status=(None, "ACTIVE"),
            planId=(None, "team"),
            planVersionId=(None, "team v1"),
            interval=(None, "1 MONTH"),
            anchor=(None, "2024-01-01"),
            billingMode=(None, "FLEXIBLE"),
            currency=(None, "USD"),
            quantity=(None, 4),
            addOns=(None, {"data_pack": 2}),
            periodStart=(None, "2024-01-01"),
            periodEnd=(None, "2024-02-01"),
        )
    ]


async def test_what_starts_later_gives_nothing_before_and_begins_by_itself(story: Story) -> None:
    acme = await story.subscribe("acme", "team", startsAt=instant(2024, 1, 20))

    assert await story.subscription(acme) == held(
        "team", "2024-01-20 to 2024-02-20", status="NOT_STARTED", startsAt="2024-01-20", renewsAt=None
    )
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "SUBSCRIPTION_NOT_STARTED"
    expected = [
        happened("2024-01-20", "subscription.started", status=("NOT_STARTED", "ACTIVE")),
        renewed("2024-01-20", "2024-02-20", "2024-03-20"),
    ]

    await story.advance("2024-02-20")

    assert await story.news("acme") == expected
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "GRANTED"


async def test_a_trial_that_starts_later_runs_its_days_from_then(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", startsAt=instant(2024, 1, 10), trialDays=7)
    expected = [
        happened("2024-01-10", "subscription.started", status=("NOT_STARTED", "TRIALING")),
        happened(
            "2024-01-17",
            "subscription.trial_ended",
            status=("TRIALING", "ACTIVE"),
            periodStart=("2024-01-10", "2024-01-17"),
            periodEnd=("2024-01-17", "2024-02-17"),
        ),
    ]

    await story.advance("2024-01-31")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held(
        "enterprise", "2024-01-17 to 2024-02-17", startsAt="2024-01-10", trialEnd="2024-01-17"
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
async def test_the_last_day_of_january_comes_back_after_every_short_month(story: Story, zone: str) -> None:
    here = ZoneInfo(zone)
    days = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31"]
    days += ["2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31", "2025-01-31", "2025-02-28"]
    midnights = [datetime.fromisoformat(day).replace(tzinfo=here).astimezone(UTC) for day in days]
    told = [story.names.plain(midnight.isoformat()) for midnight in midnights]
    await story.jump(midnights[0])
    await story.subscribe("acme", "team", zone=zone)
    expected = [renewed(*told[place : place + 3]) for place in range(len(told) - 2)]

    await story.advance(midnights[-2])

    assert await story.news("acme") == expected


async def test_a_leap_days_year_ends_on_the_last_of_february(story: Story) -> None:
    await story.jump("2024-02-29")
    acme = await story.subscribe("acme", "team", interval=YEARLY)
    expected = [renewed("2024-02-29", "2025-02-28", "2026-02-28")]

    await story.advance("2025-06-01")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held(
        "team", "2025-02-28 to 2026-02-28", startsAt="2024-02-29", interval="1 YEAR"
    )


async def test_a_trials_days_are_days_of_the_customers_calendar(story: Story) -> None:
    await story.jump(instant(2024, 3, 20, 9))
    acme = await story.subscribe("acme", "enterprise", zone="Europe/Berlin")

    told = await story.subscription(acme)

    assert told["trialEnd"] == "2024-04-19T08:00:00", "ten in the morning, before and after the clocks went forward"


async def test_a_trial_is_had_once_per_product(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    again = await story.create("acme", "enterprise")
    refused = await story.create("acme", "enterprise", trialDays=14, resourceId="second")

    assert again["subscription"] == held("enterprise", "2024-01-01 to 2024-02-01")
    assert refused == {"__typename": "TrialAlreadyUsed", "code": "TRIAL_ALREADY_USED", "field": "trialDays"}


async def test_what_starts_in_the_past_or_in_eleven_years_is_refused(story: Story) -> None:
    await story.act(documents.UPSERT, externalId="acme")
    await story.news("acme")
    refused = {
        "__typename": "DateOutOfRange",
        "code": "DATE_OUT_OF_RANGE",
        "field": "startsAt",
        "earliest": "2024-01-01",
        "latest": "2034-01-01",
    }

    assert await story.create("acme", "team", startsAt=instant(2023, 12, 31)) == refused
    assert await story.create("acme", "team", startsAt=instant(2035)) == refused
    assert await story.news("acme") == []


async def test_two_years_of_renewals_are_told_alike_however_far_the_clock_stands(story: Story) -> None:
    acme = await story.subscribe("acme", "team")

    await story.jump(instant(2025, 12, 15) + timedelta(hours=5))

    assert await story.subscription(acme) == held("team", "2025-12-01 to 2026-01-01")
    assert await story.news("acme") == []
