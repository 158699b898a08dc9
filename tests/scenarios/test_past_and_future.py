"""An entitlement at another instant: the past reads what was kept, the future what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

ACME = {"externalId": "acme"}


async def test_the_past_stays_as_it_was(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.advance("2024-01-10")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="enterprise")
    await story.advance("2024-01-20")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await story.advance("2024-06-01")

    told = [
        (await story.entitlement("acme", "saml_sso", at=instant(2024, 1, day)))["reason"] for day in (1, 9, 10, 19, 20)
    ]

    assert told == ["NOT_IN_PLAN", "NOT_IN_PLAN", "GRANTED", "GRANTED", "SUBSCRIPTION_ENDED"]
    assert (await story.entitlement("acme", "actions_minutes", at=instant(2024, 1, 5)))["limit"] == "3000"
    assert (await story.entitlement("acme", "actions_minutes", at=instant(2024, 1, 15)))["limit"] == "50000"


async def test_the_past_is_the_same_without_a_worker(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=10)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 2, 5))
    await story.jump("2024-05-01")
    days = [instant(2024, 1, 5), instant(2024, 1, 11), instant(2024, 2, 4), instant(2024, 2, 5), instant(2024, 3, 1)]

    without = [await story.entitlement("acme", "saml_sso", at=day) for day in days]
    await story.world.worker().catch_up()

    assert [told["reason"] for told in without] == [
        "GRANTED",
        "NOT_IN_PLAN",
        "NOT_IN_PLAN",
        "SUBSCRIPTION_ENDED",
        "SUBSCRIPTION_ENDED",
    ]
    assert [await story.entitlement("acme", "saml_sso", at=day) for day in days] == without


async def test_the_future_is_what_is_known(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5", expiresAt=instant(2024, 2, 10))

    assert (await story.entitlement("acme", "saml_sso", at=instant(2024, 1, 31, 23, 59)))["hasAccess"]
    assert (await story.entitlement("acme", "saml_sso", at=instant(2024, 2, 1)))["reason"] == "NOT_IN_PLAN"
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 2, 9)))["remaining"] == "255"
    assert (await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 2, 10)))["remaining"] == "250"
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    assert (await story.entitlement("acme", "code_owners", at=instant(2024, 2, 1)))["reason"] == "SUBSCRIPTION_ENDED"
    assert (await story.entitlement("acme", "code_owners"))["validUntil"] == "2024-02-01"


async def test_what_was_granted_later_is_not_there_before(story: Story) -> None:
    await story.subscribe("acme", "team")
    await story.advance("2024-01-10")
    await story.act(documents.GRANT, customer=ACME, feature="lfs_bandwidth", amount="5")
    grant = story.given["grant"]
    await story.act(documents.OVERRIDE, customer=ACME, feature="code_owners", revoked=True)
    await story.advance("2024-01-20")
    await story.act(documents.REVOKE, id=grant)
    await story.act(documents.CLEAR, customer=ACME, feature="code_owners")
    await story.advance("2024-01-25")

    days = [instant(2024, 1, day) for day in (9, 10, 19, 20)]
    left = [(await story.entitlement("acme", "lfs_bandwidth", at=day))["remaining"] for day in days]
    owners = [(await story.entitlement("acme", "code_owners", at=day))["reason"] for day in days]

    assert left == ["250", "255", "255", "250"]
    assert owners == ["GRANTED", "REVOKED", "REVOKED", "GRANTED"]


async def test_until_when_an_override_was_certain_is_told_as_it_was_known_then(story: Story) -> None:
    await story.subscribe("acme", "team")
    bandwidth: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth"}
    acts: list[tuple[str, dict[str, Any]]] = [
        (documents.OVERRIDE, {"limit": "60", "endsAt": instant(2024, 3, 2)}),
        (documents.OVERRIDE, {"limit": "80", "startsAt": instant(2024, 1, 25)}),
        (documents.OVERRIDE, {"limit": "90", "startsAt": instant(2024, 1, 20)}),
        (documents.CLEAR, {}),
        (documents.OVERRIDE, {"limit": "50", "endsAt": instant(2024, 1, 30)}),
        (documents.OVERRIDE, {"unlimited": True}),
    ]
    told: dict[int, Any] = {}
    for day, (act, asked) in enumerate(acts, start=2):
        await story.advance(instant(2024, 1, day))
        answer = await story.act(act, **bandwidth, **asked)
        assert answer["__typename"] in ("OverrideWasSet", "OverrideCleared")
        told[day] = await story.entitlement("acme", "lfs_bandwidth")
    await story.advance("2024-04-01")

    assert [told[day]["validUntil"] for day in (2, 3, 4)] == ["2024-02-01", "2024-01-25", "2024-01-20"]
    assert {day: await story.entitlement("acme", "lfs_bandwidth", at=instant(2024, 1, day)) for day in told} == told


async def test_before_the_customer_was_subscribed_there_was_nothing(story: Story) -> None:
    await story.jump("2024-01-10")
    await story.subscribe("acme", "team")

    assert (await story.entitlement("acme", "code_owners", at=instant(2024, 1, 9)))[
        "reason"
    ] == "NO_ACTIVE_SUBSCRIPTION"
    assert (await story.entitlement("acme", "code_owners", at=instant(2024, 1, 10)))["reason"] == "GRANTED"


async def test_before_the_environment_nothing_is_kept(story: Story) -> None:
    await story.subscribe("acme", "team")

    answer = await story.entitlement("acme", "code_owners", at=instant(2023, 12, 31))

    assert answer == {
        "__typename": "HistoryNotKept",
        "code": "HISTORY_NOT_KEPT",
        "field": "at",
        "keptSince": "2024-01-01",
    }
