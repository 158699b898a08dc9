"""Usage is told after the fact: differences, totals, corrections, late rows; each counts in its own window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.rows import rows
from models.tables import GrantRow, UsageBurnRow, UsageRow
from models.tables.base import table
from tests.scenarios import documents
from tests.scenarios.story import happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}


async def report(story: Story, value: str, feature: str = "lfs_bandwidth", **more: Any) -> Told:
    """Report and tell the whole answer."""
    key = story.world.fresh_key()
    return await story.act(documents.REPORT, customer=ACME, feature=feature, value=value, idempotencyKey=key, **more)


async def test_differences_add_up_and_may_go_over_the_limit(story: Story) -> None:
    await story.subscribe("acme", "team")

    first = await report(story, "200.5")
    over = await report(story, "60")

    assert first == {
        "__typename": "UsageReported",
        "record": {"amount": "200.5", "kind": "REPORT", "occurredAt": "2024-01-01"},
        "used": "200.5",
        "limit": "250",
        "remaining": "49.5",
        "resetsAt": "2024-02-01",
        "replayed": False,
    }
    assert (over["used"], over["remaining"], over["overBy"]) == ("260.5", "0", "10.5")
    told = await story.entitlement("acme", "lfs_bandwidth")
    assert (told["reason"], told["overBy"]) == ("LIMIT_REACHED", "10.5")
    reached = [
        happened(
            "2024-01-01",
            "entitlement.threshold_reached",
            "API",
            featureId=(None, "lfs_bandwidth"),
            resource=(None, ""),
            threshold=(None, threshold),
            used=(None, used),
            limit=(None, "250"),
            resetsAt=(None, "2024-02-01"),
        )
        for threshold, used in ((80, "200.5"), (100, "260.5"))
    ]
    reports = [
        happened(
            "2024-01-01",
            "usage.reported",
            "API",
            featureId=(None, "lfs_bandwidth"),
            resource=(None, ""),
            amount=(None, amount),
            **more,
        )
        for amount, more in (("200.5", {}), ("60", {"overage": (None, "10.5")}))
    ]
    assert await story.news("acme") == [reports[0], reached[0], reports[1], reached[1]]


async def test_a_total_is_written_as_the_difference(story: Story) -> None:
    await story.subscribe("acme", "team")
    await report(story, "40")

    more = await report(story, "100", kind="SET")
    less = await report(story, "30", kind="SET", reason="recounted")

    assert (more["record"]["amount"], more["used"]) == ("60", "100")
    assert less["record"] == {"amount": "-70", "kind": "SET", "occurredAt": "2024-01-01", "reason": "recounted"}
    assert (less["used"], less["remaining"]) == ("30", "220")


async def test_a_total_speaks_of_the_present_window(story: Story) -> None:
    await story.subscribe("acme", "team")
    await report(story, "40")
    await story.jump("2024-02-10")

    answer = await report(story, "100", kind="SET")

    assert (answer["record"]["amount"], answer["used"], answer["resetsAt"]) == ("100", "100", "2024-03-01")
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 31)))["used"] == "40"


async def test_a_correction_is_negative_has_a_reason_and_stops_at_nothing(story: Story) -> None:
    await story.subscribe("acme", "team")
    await report(story, "40")
    await story.news("acme")

    unreasoned = await report(story, "-15")
    too_much = await report(story, "-41", reason="wrong")
    nothing = await report(story, "0")
    corrected = await report(story, "-15", reason="double")

    assert unreasoned == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "reason"}
    assert too_much["code"] == nothing["code"] == "AMOUNT_OUT_OF_RANGE"
    assert (corrected["used"], corrected["record"]["reason"]) == ("25", "double")
    assert len(await story.news("acme")) == 1


async def test_late_usage_counts_in_the_window_in_which_it_happened(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.jump("2024-02-10")
    await report(story, "5")

    late = await report(story, "70", occurredAt=instant(2024, 1, 20))
    ahead = await report(story, "1", occurredAt=instant(2024, 2, 11))

    assert late["record"]["occurredAt"] == "2024-01-20"
    assert (late["used"], late["resetsAt"]) == ("5", "2024-03-01"), "the answer is about the present"
    assert ahead["code"] == "DATE_OUT_OF_RANGE"
    assert (await story.entitlement("acme", "lfs_bandwidth"))["used"] == "5"
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 31)))["used"] == "70"
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 19)))["used"] == "0"


async def test_late_usage_in_the_present_window_burns_what_is_left_of_it(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="100")
    await story.jump("2024-01-20")
    await report(story, "200")

    answer = await report(story, "80", occurredAt=instant(2024, 1, 10))

    assert (answer["used"], answer.get("overBy"), answer["remaining"]) == ("250", None, "70")


async def test_the_counter_goes_on_through_a_change_of_plan(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.advance("2024-01-10")
    await report(story, "240")

    await story.act(documents.CHANGE, subscriptionId=acme, addOns=[{"addOnId": "data_pack", "quantity": 1}])
    raised = await story.entitlement("acme", "lfs_bandwidth")
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free", timing="IMMEDIATE")
    lowered = await story.entitlement("acme", "lfs_bandwidth")

    assert (raised["used"], raised["limit"], raised["resetsAt"]) == ("240", "300", "2024-02-01")
    assert (lowered["used"], lowered["limit"], lowered["overBy"]) == ("240", "10", "230")
    assert lowered["reason"] == "LIMIT_REACHED"


@dataclass(frozen=True)
class Books:
    """What the ledger sums to, what of it the limit's counter and the grants bear, and what the grants say."""

    amount: int
    of_limit: int
    burned: int
    granted: dict[int, int]


async def books(story: Story) -> Books:
    """Read the ledger: the grants by their amounts."""
    async with story.world.database.reading() as connection:
        used = await rows(connection, select(table(UsageRow)))
        burned = await rows(connection, select(table(UsageBurnRow)))
        grants = await rows(connection, select(table(GrantRow)))
    amount, of_limit = sum(each["amount"] for each in used), sum(each["limit_amount"] for each in used)
    bears = sum(each["amount"] for each in burned)
    assert of_limit + bears == amount, "the ledger law"
    return Books(amount, of_limit, bears, {each["amount"]: each["used"] for each in grants})


async def take(story: Story, amount: str) -> Told:
    """Consume and tell the whole answer."""
    key = story.world.fresh_key()
    return await story.act(documents.CONSUME, customer=ACME, feature="lfs_bandwidth", amount=amount, idempotencyKey=key)


async def test_a_correction_gives_back_to_the_grant_what_it_had_burned(story: Story) -> None:
    await story.subscribe("acme", "free")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5", expiresAt=instant(2024, 1, 20))
    assert (await take(story, "15"))["remaining"] == "0"
    await story.advance("2024-01-05")

    corrected = await report(story, "-15", reason="void")

    assert (corrected["used"], corrected["limit"], corrected["remaining"]) == ("0", "10", "15")
    assert await books(story) == Books(0, 0, 0, {5_000: 0})
    told = await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, 4))
    assert (told["used"], told["allowanceLeft"], told["remaining"]) == ("10", "0", "0")
    await story.advance("2024-01-20")
    told = await story.entitlement("acme", "lfs_bandwidth")
    assert (told["used"], told["remaining"]) == ("0", "10"), "what was given back did not raise the limit"
    assert (await take(story, "11"))["__typename"] == "EntitlementDenied"
    assert (await take(story, "10"))["remaining"] == "0"


async def test_a_lower_total_gives_back_what_burned_last_first(story: Story) -> None:
    await story.subscribe("acme", "free")
    for amount in ("5", "7"):
        await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount=amount)
    await take(story, "14")
    await take(story, "5")
    assert await books(story) == Books(19_000, 10_000, 9_000, {5_000: 5_000, 7_000: 4_000})

    lowered = await report(story, "6", kind="SET", reason="recounted")
    assert (lowered["record"]["amount"], lowered["used"]) == ("-13", "0")
    assert await books(story) == Books(6_000, 0, 6_000, {5_000: 5_000, 7_000: 1_000})

    again = await report(story, "2", kind="SET", reason="recounted")
    assert (again["record"]["amount"], again["used"], again["remaining"]) == ("-4", "0", "20")
    assert await books(story) == Books(2_000, 0, 2_000, {5_000: 2_000, 7_000: 0})
    assert (await report(story, "-3", reason="too much"))["code"] == "AMOUNT_OUT_OF_RANGE"


async def test_a_correction_gives_nothing_back_that_burned_in_another_window(story: Story) -> None:
    await story.subscribe("acme", "free")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5")
    await take(story, "13")
    await story.advance("2024-02-10")
    await take(story, "11")

    corrected = await report(story, "-11", reason="void")

    assert (corrected["used"], corrected["remaining"]) == ("0", "12")
    assert await books(story) == Books(13_000, 10_000, 3_000, {5_000: 3_000})
    late = await report(story, "-12", reason="void", occurredAt=instant(2024, 1, 20))
    assert (late["used"], late["remaining"]) == ("0", "14")
    assert await books(story) == Books(1_000, 0, 1_000, {5_000: 1_000})
