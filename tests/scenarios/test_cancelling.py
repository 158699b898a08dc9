"""Ending: at the period's end, on a date, now; keeping after all; nothing but details afterwards. (K8, K14, C3, C16)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.story import ended, happened, held, instant, moved, renewed

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

JANUARY = "2024-01-01 to 2024-02-01"


def ends(at: str, name: str = "sch1") -> Told:
    """Write a pending cancellation as it is told among the changes."""
    return {"id": name, "kind": "CANCEL", "status": "PENDING", "appliesAt": at}


def said(timing: str, at: str, requested: str = "2024-01-01", **other: Any) -> Told:
    """Write who asked for an end as it is told."""
    told = {"timing": timing, "channel": "API", "requestedAt": requested, "effectiveAt": at}
    return told | other


def ending(plan: str, period: str, at: str, **other: Any) -> Told:
    """Write a subscription that will not renew."""
    usual = {"state": "PENDING_CANCELLATION", "cancelAt": at, "renewsAt": None, "scheduledChanges": [ends(at)]}
    return held(plan, period, **(usual | other))


def over(plan: str, period: str, at: str, **other: Any) -> Told:
    """Write a subscription that has ended."""
    usual = {"status": "CANCELED", "state": "CANCELED", "renewsAt": None, "endedAt": at, "endedCause": "AUTOMATIC"}
    return held(plan, period, **(usual | other))


def scheduled(at: str, cancel_at: str, by: str = "API", **also: Any) -> Any:
    """Write the event of a cancellation that was asked for."""
    return happened(at, "subscription.cancellation_scheduled", by, cancelAt=(None, cancel_at), **also)


async def test_the_end_of_the_period_ends_what_it_gave(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.advance("2024-01-10")

    answer = await story.act(
        documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", reason="UNUSED", comment="No time.", actor="kim"
    )

    why = said("END_OF_PERIOD", "2024-02-01", "2024-01-10", reason="UNUSED", comment="No time.", actor="kim")
    assert answer == {
        "__typename": "SubscriptionCanceled",
        "replayed": False,
        "effectiveAt": "2024-02-01",
        "subscription": ending("team", JANUARY, "2024-02-01", cancellation=why),
    }
    (asked,) = await story.events("acme")
    assert asked["actor"] == "kim"
    assert asked["after"]["reason"] == "unused"
    assert "No time." not in str(asked), "events hold a digest of personal words, never the words"
    expected = [ended("2024-02-01")]
    assert (await story.entitlement("acme", "code_owners"))["hasAccess"]

    await story.advance("2024-03-15")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == over("team", JANUARY, "2024-02-01", cancellation=why)
    assert await story.may("acme") == {}
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "SUBSCRIPTION_ENDED"


async def test_the_end_of_a_trial_is_its_end(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise")

    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    expected = [scheduled("2024-01-01", "2024-01-31"), ended("2024-01-31", status="TRIALING")]
    await story.advance("2024-02-15")

    assert await story.news("acme") == expected
    assert (await story.entitlement("acme", "saml_sso"))["reason"] == "TRIAL_ENDED"


async def test_now_is_now(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=3)
    await story.advance("2024-01-10")

    answer = await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    why = said("IMMEDIATE", "2024-01-10", "2024-01-10")
    gone = over(
        "team",
        "2024-01-01 to 2024-01-10",
        "2024-01-10",
        naturalPeriodEnd="2024-02-01",
        quantity=3,
        endedCause="REQUEST",
        cancellation=why,
    )
    assert answer == {
        "__typename": "SubscriptionCanceled",
        "replayed": False,
        "effectiveAt": "2024-01-10",
        "subscription": gone,
    }
    assert await story.news("acme") == [ended("2024-01-10", "API", periodEnd=("2024-02-01", "2024-01-10"))]
    assert await story.may("acme") == {}


async def test_keeping_after_all_and_then_a_date_inside_the_period(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")

    kept = await story.act(documents.UNDO, subscriptionId=acme)
    undone = said("END_OF_PERIOD", "2024-02-01", undoneAt="2024-01-01")
    assert kept == {
        "__typename": "SubscriptionCancellationUndone",
        "replayed": False,
        "subscription": held("team", JANUARY, cancellation=undone),
    }
    dated = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 1, 20))
    assert dated["subscription"] == ending(
        "team",
        "2024-01-01 to 2024-01-20",
        "2024-01-20",
        naturalPeriodEnd="2024-02-01",
        scheduledChanges=[ends("2024-01-20", "sch2")],
        cancellation=said("ON_DATE", "2024-01-20"),
    )

    again = await story.act(documents.UNDO, subscriptionId=acme)
    twice = await story.act(documents.UNDO, subscriptionId=acme)

    assert again == twice
    undone = said("ON_DATE", "2024-01-20", undoneAt="2024-01-01")
    assert again["subscription"] == held("team", JANUARY, cancellation=undone)
    expected = [
        scheduled("2024-01-01", "2024-02-01"),
        happened("2024-01-01", "subscription.cancellation_undone", "API", cancelAt=("2024-02-01", None)),
        scheduled("2024-01-01", "2024-01-20", periodEnd=("2024-02-01", "2024-01-20")),
        happened(
            "2024-01-01",
            "subscription.cancellation_undone",
            "API",
            cancelAt=("2024-01-20", None),
            periodEnd=("2024-01-20", "2024-02-01"),
        ),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
    ]
    await story.advance("2024-02-01")
    assert await story.news("acme") == expected


async def test_a_date_beyond_the_period_renews_until_then_and_shortens_the_last_one(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.advance("2024-01-10")

    answer = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 3, 15))

    why = said("ON_DATE", "2024-03-15", "2024-01-10")
    assert answer["subscription"] == ending("team", JANUARY, "2024-03-15", renewsAt="2024-02-01", cancellation=why)
    expected = [
        scheduled("2024-01-10", "2024-03-15"),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
        renewed("2024-02-01", "2024-03-01", "2024-03-15"),
    ]
    await story.advance("2024-03-14")
    assert await story.news("acme") == expected
    assert await story.subscription(acme) == ending(
        "team",
        "2024-03-01 to 2024-03-15",
        "2024-03-15",
        naturalPeriodEnd="2024-04-01",
        cancellation=why,
    )
    assert (await story.entitlement("acme", "code_owners"))["hasAccess"]

    await story.advance("2024-03-15")

    assert await story.news("acme") == [ended("2024-03-15")]
    assert await story.may("acme") == {}
    assert await story.subscription(acme) == over(
        "team", "2024-03-01 to 2024-03-15", "2024-03-15", naturalPeriodEnd="2024-04-01", cancellation=why
    )


async def test_the_shortened_last_period_is_restored_when_it_is_kept(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 3, 15))
    await story.advance("2024-03-10")

    kept = await story.act(documents.UNDO, subscriptionId=acme)

    undone = said("ON_DATE", "2024-03-15", undoneAt="2024-03-10")
    assert kept["subscription"] == held("team", "2024-03-01 to 2024-04-01", cancellation=undone)


async def test_moving_the_date_replaces_it(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 1, 20))

    later = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 1, 25))

    assert later["subscription"] == ending(
        "team",
        "2024-01-01 to 2024-01-25",
        "2024-01-25",
        naturalPeriodEnd="2024-02-01",
        scheduledChanges=[ends("2024-01-25", "sch2")],
        cancellation=said("ON_DATE", "2024-01-25"),
    )
    expected = [
        scheduled("2024-01-01", "2024-01-20", periodEnd=("2024-02-01", "2024-01-20")),
        happened(
            "2024-01-01",
            "subscription.cancellation_scheduled",
            "API",
            cancelAt=("2024-01-20", "2024-01-25"),
            periodEnd=("2024-01-20", "2024-01-25"),
        ),
        ended("2024-01-25"),
    ]
    await story.advance("2024-03-01")
    assert await story.news("acme") == expected


async def test_asking_for_the_same_end_twice_is_one_cancellation(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    first = await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", reason="UNUSED")

    second = await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", reason="OTHER")
    dated = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 2, 1))

    assert first == second == dated
    assert len(await story.news("acme")) == 1


async def test_the_cancellation_goes_before_the_change_of_the_same_instant(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0, quantity=4)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    change = story.given["change"]
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=2)
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    waiting = [each["id"] for each in (await story.subscription(acme))["scheduledChanges"]]
    await story.news("acme")
    expected = [ended("2024-02-01")]

    await story.advance("2024-02-01")

    assert await story.news("acme") == expected
    assert (await story.subscription(acme))["plan"] == "enterprise"
    became = {
        name: (await story.world.ask("query($id: ID!) { node(id: $id) { ... on ScheduledChange { status } } }", id=id))
        for id, name in story.names.known.items()
        if name in waiting
    }
    assert sorted(each["node"]["status"] for each in became.values()) == ["APPLIED", "DROPPED"]
    late = await story.act(documents.UNDO_CHANGE, id=change)
    assert late["status"] == "REPLACED", "a new quantity had taken its place"


async def test_a_change_before_the_date_happens_and_one_after_it_falls_away(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 2, 10))
    await story.news("acme")
    expected = [
        moved("2024-02-01", "enterprise", "team"),
        renewed("2024-01-01", "2024-02-01", "2024-02-10"),
        ended("2024-02-10"),
    ]

    await story.advance("2024-04-01")

    assert await story.news("acme") == expected


async def test_after_the_end_nothing_is_undone_also_when_the_worker_is_late(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    await story.news("acme")
    late = {"__typename": "AlreadyEnded", "code": "ALREADY_ENDED", "endedAt": "2024-02-01"}
    await story.jump("2024-02-01")

    undo = await story.act(documents.UNDO, subscriptionId=acme)
    cancel = await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    assert undo == cancel == late
    assert await story.news("acme") == [], "a refusal writes nothing, not even what is due"
    assert await story.act(documents.UNDO_CHANGE, id=await _pending(story)) == {
        "__typename": "AlreadyApplied",
        "code": "ALREADY_APPLIED",
        "field": "id",
        "status": "APPLIED",
    }
    await story.world.worker().catch_up()
    assert await story.news("acme") == [ended("2024-02-01")]
    assert await story.act(documents.UNDO, subscriptionId=acme) == late


async def _pending(story: Story) -> str:
    return next(id for id, name in story.names.known.items() if name == "sch1")


async def test_a_moment_before_the_end_it_can_still_be_kept(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 1, 20))
    await story.jump(instant(2024, 1, 19, 23, 59))

    kept = await story.act(documents.UNDO, subscriptionId=acme)

    assert kept["__typename"] == "SubscriptionCancellationUndone"
    await story.advance("2024-01-25")
    assert (await story.subscription(acme))["state"] == "ACTIVE"


async def test_without_a_cancellation_there_is_nothing_to_undo(story: Story) -> None:
    acme = await story.subscribe("acme", "team")

    answer = await story.act(documents.UNDO, subscriptionId=acme)

    assert answer == {
        "__typename": "NoCancellationPending",
        "code": "NO_CANCELLATION_PENDING",
        "field": "subscriptionId",
    }
    assert await story.news("acme") == []


async def test_dates_behind_and_beyond_ten_years_are_refused(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.jump("2024-01-10")
    refused = {
        "__typename": "DateOutOfRange",
        "code": "DATE_OUT_OF_RANGE",
        "field": "date",
        "earliest": "2024-01-10",
        "latest": "2034-01-10",
    }

    for date in ("2024-01-01T00:00:00Z", "2024-01-10T00:00:00Z", "2034-02-01T00:00:00Z"):
        assert await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=date) == refused
    assert await story.news("acme") == []


async def test_a_merchant_says_when_and_the_date_goes_with_on_date(story: Story) -> None:
    acme = await story.subscribe("acme", "team")

    unsaid = await story.act(documents.CANCEL, subscriptionId=acme)
    undated = await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE")
    dated = await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE", date=instant(2024, 2, 1))

    assert unsaid == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "timing"}
    assert undated == dated == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "date"}
    assert await story.news("acme") == []


async def test_what_has_not_begun_may_be_called_off(story: Story) -> None:
    now = await story.subscribe("acme", "team", startsAt=instant(2024, 2, 1))
    later = await story.subscribe("beta", "team", startsAt=instant(2024, 2, 1))

    off = await story.act(documents.CANCEL, subscriptionId=now, timing="IMMEDIATE")
    await story.act(documents.CANCEL, subscriptionId=later, timing="ON_DATE", date=instant(2024, 2, 1))
    await story.advance("2024-02-15")

    assert off["subscription"]["currentPeriod"] == "2024-02-01 to 2024-02-01"
    assert await story.news("acme") == [
        ended("2024-01-01", "API", status="NOT_STARTED", periodEnd=("2024-03-01", "2024-02-01"))
    ]
    assert await story.news("beta") == [
        scheduled("2024-01-01", "2024-02-01"),
        ended("2024-02-01", status="NOT_STARTED", periodEnd=("2024-03-01", "2024-02-01")),
    ]


async def test_another_subscription_is_made_after_the_end(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    again = await story.subscribe_also("acme", "team")

    assert again != acme
    assert (await story.subscription(again))["status"] == "ACTIVE"
    assert (await story.subscription(acme))["status"] == "CANCELED"
    assert (await story.entitlement("acme", "code_owners"))["reason"] == "GRANTED"
