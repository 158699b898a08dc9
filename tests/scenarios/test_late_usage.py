"""Usage that is told late is judged by what stood when it was used: that window, that plan, that override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.metered import ACME, report, stands, take
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

CATALOG = """
catalog: 1
products: {app: {name: App}}
features:
  calls: {name: Calls, kind: metered, unit: calls, thresholds: [80, 100]}
plans:
  period: {name: Period, product: app, kind: free, entitlements: {calls: {limit: 10, reset: subscription_period}}}
  month: {name: Month, product: app, kind: free, entitlements: {calls: {limit: 10, reset: month}}}
  big: {name: Big, product: app, kind: free, rank: 9, entitlements: {calls: {limit: 1000, reset: month}}}
"""
MANY = """mutation($input: UsageReportManyInput!) { answer: usageReportMany(input: $input) {
  ... on UsageManyReported { results { ... on UsageReported { used limit record { overage } } } } } }"""


async def overage(story: Story) -> list[tuple[str, str]]:
    """Each row of the ledger with how far it went above, newest first."""
    query = "query($filter: UsageFilter!) { usageRecords(filter: $filter) { edges { node { amount overage } } } }"
    listed = (await story.world.ask(query, filter={"customer": ACME}))["usageRecords"]["edges"]
    return [(each["node"]["amount"], each["node"]["overage"]) for each in listed]


async def test_a_late_report_counts_in_the_period_of_the_subscription_in_which_it_was_used(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "period")
    await story.advance("2024-01-20")
    await take(story, 5)
    await story.advance("2024-02-05")
    await take(story, 7)
    await story.events("acme")

    corrected = await report(story, -2, reason="void", occurredAt=instant(2024, 1, 25))
    added = await report(story, 9, occurredAt=instant(2024, 1, 25))

    assert (corrected["__typename"], corrected["used"]) == ("UsageReported", "7")
    assert (added["used"], added["remaining"]) == ("7", "3"), "February is as it was"
    assert await overage(story) == [("9", "2"), ("-2", "0"), ("7", "0"), ("5", "0")], "12 of January's 10"
    january = await stands(story, at=instant(2024, 1, 31))
    assert (january["used"], january["overBy"]) == ("12", "2")
    assert [each["type"] for each in await story.events("acme")] == ["usage.reported"] * 2, "no threshold is told of"
    refused = await report(story, -13, reason="void", occurredAt=instant(2024, 1, 26))
    assert (refused["__typename"], refused["field"]) == ("AmountOutOfRange", "value"), "January has 12"


async def test_a_late_report_is_judged_by_the_plan_of_then(story: Story) -> None:
    await story.catalog(CATALOG)
    acme = await story.subscribe("acme", "big")
    await take(story, 100)
    await story.advance("2024-02-03")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="month", timing="IMMEDIATE")

    late = await report(story, 50, occurredAt=instant(2024, 1, 25))
    same = await report(story, 30, occurredAt=instant(2024, 2, 2))

    assert (late["used"], late["limit"]) == ("0", "10"), "the numbers are those of now"
    assert (same["used"], same["overBy"]) == ("30", "20")
    assert await overage(story) == [("30", "0"), ("50", "0"), ("100", "0")], "1000 were allowed then"


async def test_a_late_report_is_judged_by_the_override_of_then(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "month")
    until = instant(2024, 1, 10)
    await story.act(documents.OVERRIDE, customer=ACME, feature="calls", limit="3", endsAt=until, reason="trial")
    await story.advance("2024-01-12")

    await report(story, 5, occurredAt=instant(2024, 1, 9))
    await report(story, 4, occurredAt=instant(2024, 1, 11))

    assert await overage(story) == [("4", "0"), ("5", "2")], "3 stood on the 9th, 10 on the 11th"


async def test_a_grant_bears_late_usage_of_its_life_with_what_is_left_of_it_now(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "month")
    calls: dict[str, Any] = {"customer": ACME, "feature": "calls"}
    await story.act(documents.GRANT, **calls, amount="5", expiresAt=instant(2024, 2, 10), idempotencyKey="gift")
    await story.advance("2024-02-03")
    await take(story, 12)
    await story.advance("2024-03-02")

    await report(story, 8, occurredAt=instant(2024, 2, 5))

    then = await stands(story, at=instant(2024, 2, 6))
    assert (then["used"], then["overBy"], then["allowanceLeft"]) == ("15", "5", "0"), "3 of the 5 were left"


async def test_what_was_used_before_any_plan_counts_without_a_limit(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.world.ask(documents.UPSERT, input=ACME)
    await story.advance("2024-01-05")
    await story.subscribe("acme", "month")

    told = await report(story, 12, occurredAt=instant(2024, 1, 2))

    assert (told["used"], told["limit"]) == ("0", "10")
    assert await overage(story) == [("12", "0")]


async def test_reports_of_many_pasts_in_one_call_are_each_judged_by_theirs(story: Story) -> None:
    await story.catalog(CATALOG)
    acme = await story.subscribe("acme", "big")
    await story.advance("2024-02-03")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="month", timing="IMMEDIATE")
    await story.advance("2024-02-20")
    days = [instant(2024, 1, 9), instant(2024, 2, 2), instant(2024, 2, 4), instant(2024, 1, 10)]
    reports = [
        {"customer": ACME, "feature": "calls", "value": "20", "occurredAt": day.isoformat(), "idempotencyKey": f"k{n}"}
        for n, day in enumerate(days)
    ]

    answer = (await story.world.ask(MANY, input={"reports": reports}))["answer"]

    assert [(each["used"], each["limit"], each["record"]["overage"]) for each in answer["results"]] == [
        ("0", "10", "0"),
        ("20", "10", "0"),
        ("40", "10", "20"),
        ("40", "10", "0"),
    ], "1000 on the 2nd, 10 on the 4th"
