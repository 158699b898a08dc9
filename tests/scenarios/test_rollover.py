"""What is unspent when a window ends lasts through the next one, without anybody writing that down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.migrations.migration import migrate
from tests.scenarios import documents
from tests.scenarios.metered import CALLS, report, stands, subscribed, take
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

EXPLAIN = """query($ref: CustomerRef!) { entitlement(customer: $ref, feature: "calls") { ... on Entitlement {
  explain { rule sources { kind key won amount used left endsAt } } } } }"""


def numbers(told: dict[str, str]) -> tuple[str, str, str]:
    """What is used of the limit, what is left on top of it, and what remains in all."""
    return told["used"], told["allowanceLeft"], told["remaining"]


async def test_what_is_unspent_rolls_over_up_to_the_maximum_and_burns_first(story: Story) -> None:
    await subscribed(story)
    await take(story, 3)
    assert numbers(await stands(story, at=instant(2024, 2, 1))) == ("0", "6", "16"), "asked ahead"

    await story.jump("2024-02-10")

    assert numbers(await stands(story)) == ("0", "6", "16")
    assert numbers(await stands(story, at=instant(2024, 1, 31))) == ("3", "0", "7")
    taken = await take(story, 8)
    assert (taken["used"], taken["limit"], taken["remaining"]) == ("2", "10", "8")
    assert numbers(await stands(story)) == ("2", "0", "8")
    assert (await take(story, 9))["reason"] == "REQUESTED_EXCEEDS_LIMIT"
    assert numbers(await stands(story, at=instant(2024, 2, 9))) == ("0", "6", "16"), "the past is as it was"
    await story.world.worker().catch_up()
    assert numbers(await stands(story)) == ("2", "0", "8")
    assert numbers(await stands(story, at=instant(2024, 3, 1))) == ("0", "6", "16"), "8 of February's limit are unspent"
    assert numbers(await stands(story, at=instant(2024, 4, 1))) == ("0", "6", "16"), "what rolled over rolls once"


async def test_too_little_to_carry_falls_away(story: Story) -> None:
    await subscribed(story)
    await take(story, 9)
    assert numbers(await stands(story, at=instant(2024, 2, 1))) == ("0", "0", "10")
    await report(story, -1, reason="counted twice")
    assert numbers(await stands(story, at=instant(2024, 2, 1))) == ("0", "2", "12")


async def test_late_usage_takes_from_what_rolled_over(story: Story) -> None:
    await subscribed(story)
    await story.advance("2024-02-10")
    assert numbers(await stands(story)) == ("0", "6", "16")
    await take(story, 1)

    await report(story, 6, occurredAt=instant(2024, 1, 20))

    assert numbers(await stands(story)) == ("0", "3", "13")
    await report(story, 4, occurredAt=instant(2024, 1, 21))
    assert numbers(await stands(story)) == ("0", "0", "10"), "nothing was unspent after all"


async def test_a_correction_gives_back_what_had_rolled_over_last(story: Story) -> None:
    await subscribed(story)
    await story.advance("2024-02-10")
    await take(story, 9)

    await report(story, -4, reason="void")

    assert numbers(await stands(story)) == ("0", "1", "11")


async def test_the_plan_that_ended_with_the_window_decides(story: Story) -> None:
    acme = await subscribed(story)
    await story.act(documents.CHANGE, subscriptionId=acme, planId="plain", timing="END_OF_PERIOD")
    await story.advance("2024-02-10")
    assert numbers(await stands(story)) == ("0", "6", "14"), "the old plan had promised it"
    await story.advance("2024-03-10")
    assert numbers(await stands(story)) == ("0", "0", "8")


async def test_nothing_rolls_over_from_under_an_override(story: Story) -> None:
    await subscribed(story)
    await story.act(documents.OVERRIDE, **CALLS, limit="50", endsAt=instant(2024, 2, 2))
    assert numbers(await stands(story, at=instant(2024, 2, 3))) == ("0", "0", "10")
    assert numbers(await stands(story, at=instant(2024, 3, 3))) == ("0", "6", "16")


async def test_a_reservation_holds_of_limit_and_rolled_over_amount_together(story: Story) -> None:
    await subscribed(story)
    await story.advance("2024-02-10")
    asked: dict[str, Any] = {**CALLS, "amount": "13", "expiresInSeconds": 20 * 86_400, "idempotencyKey": "job"}

    held = await story.act(documents.RESERVE, **asked)

    assert (held["reserved"], held["remaining"]) == ("13", "3")
    told = await stands(story)
    assert (told["reserved"], *numbers(told)) == ("13", "0", "3", "3")
    done = {"id": story.given["reservation"], "amount": "12", "idempotencyKey": "done"}
    settled = await story.act(documents.SETTLE, **done)
    assert (settled["used"], settled["remaining"]) == ("6", "4"), "what had rolled over burned first"


async def test_it_is_told_among_the_sources(story: Story) -> None:
    await subscribed(story)
    await story.advance("2024-02-10")
    await take(story, 4)

    told = story.names.plain((await story.world.ask(EXPLAIN, ref={"externalId": "acme"}))["entitlement"]["explain"])

    carried = {"kind": "ALLOWANCE", "key": "ROLLED_OVER", "won": True, "amount": "6", "used": "4", "left": "2"}
    assert told["rule"] == "LARGEST_LIMIT"
    assert told["sources"][1:] == [{**carried, "endsAt": "2024-03-01"}]


async def test_seats_multiply_the_limit_now_and_when_a_change_is_due(story: Story) -> None:
    acme = await subscribed(story, quantity=2)
    assert (await stands(story))["limit"] == "20"

    await story.act(documents.CHANGE, subscriptionId=acme, quantity=3)
    assert (await stands(story))["limit"] == "30"
    await take(story, 25)
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=1, timing="END_OF_PERIOD")

    assert ((await stands(story))["limit"], (await stands(story))["validUntil"]) == ("30", "2024-02-01")
    then = await stands(story, at=instant(2024, 2, 1))
    assert (then["limit"], then["allowanceLeft"]) == ("10", "5"), "5 of the 30 were unspent"
    await story.jump("2024-02-02")
    assert numbers(await stands(story)) == ("0", "5", "15")


async def test_thresholds_are_told_once_a_window_and_limit_whichever_act_reaches_them(story: Story) -> None:
    acme = await subscribed(story)

    async def told() -> list[tuple[str, int]]:
        news = [event for event in await story.news("acme") if event[1] == "entitlement.threshold_reached"]
        return [(event[0], event[3]["threshold"][1]) for event in news]

    await take(story, 4)
    assert await told() == []
    await report(story, 1)
    assert await told() == [("2024-01-01", 50)]
    await report(story, -3, reason="void")
    await take(story, 3)
    assert await told() == [], "once a window"
    await story.act(documents.RESERVE, **CALLS, amount="5", idempotencyKey="job")
    assert await told() == [], "what is held is not used yet"
    await story.act(documents.SETTLE, id=story.given["reservation"], idempotencyKey="done")
    assert await told() == [("2024-01-01", 100)]
    await story.advance("2024-02-10")
    await report(story, 9, occurredAt=instant(2024, 1, 9))
    assert await told() == [], "a window that ended is silent"
    await take(story, 10)
    assert await told() == [("2024-02-10", 50), ("2024-02-10", 100)], "the next window tells anew"
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=5)
    await take(story, 14)
    assert await told() == [], "a raised limit of 50: 24 are less than half"
    await take(story, 1)
    assert await told() == [("2024-02-10", 50)], "crossed again"
    await report(story, -5, reason="void")
    await take(story, 5)
    assert await told() == [], "once a limit"
    await take(story, 25)
    assert await told() == [("2024-02-10", 100)]


async def test_a_threshold_that_stays_crossed_under_a_raised_limit_is_not_told_again(story: Story) -> None:
    acme = await subscribed(story, "plain")
    await take(story, 8)
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=2)
    await story.events("acme")

    await take(story, 1)
    assert [event["type"] for event in await story.events("acme")] == ["usage.consumed"], "8 of 16 were half before"
    await take(story, 7)
    told = [each["after"] for each in await story.events("acme") if each["type"] == "entitlement.threshold_reached"]
    assert [(each["threshold"], each["limit"]) for each in told] == [(100, "16")]


async def test_a_soft_limit_is_exceeded_and_every_answer_says_by_how_much(story: Story) -> None:
    await subscribed(story, "soft")
    await take(story, 8)

    over = await take(story, 5)

    assert (over["__typename"], over["used"], over["remaining"], over["overBy"]) == (
        "EntitlementGranted",
        "13",
        "0",
        "3",
    )
    told = await stands(story)
    assert (told["hasAccess"], told["overBy"], told["remaining"]) == (True, "3", "0")
    (event,) = [each for each in (await story.news("acme"))[-3:] if each[1] == "usage.consumed"]
    assert event[3]["overage"] == (None, "3")
    corrected = await report(story, -4, reason="void")
    assert (corrected["used"], corrected.get("overBy")) == ("9", None)
    records = """query($filter: UsageFilter!) { usageRecords(filter: $filter) { edges { node { amount overage } } } }"""
    listed = (await story.world.ask(records, filter={"customer": {"externalId": "acme"}}))["usageRecords"]["edges"]
    assert [(each["node"]["amount"], each["node"]["overage"]) for each in listed] == [
        ("-4", "-3"),
        ("5", "3"),
        ("8", "0"),
    ]


async def test_what_rolls_over_is_known_again_after_a_database_went_back_and_forth(story: Story) -> None:
    await subscribed(story)
    await take(story, 4)
    await story.advance("2024-02-02")
    before = await stands(story)
    assert numbers(before) == ("0", "6", "16")
    database = story.world.database
    await database.close()

    await migrate(database.url, "0003")
    await migrate(database.url)

    assert await stands(story) == before
    assert (await take(story, 16))["remaining"] == "0"
