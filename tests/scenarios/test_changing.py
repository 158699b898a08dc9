"""Changing plans and intervals: up at once, down when the period ends. (S6, S7)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios import documents
from tests.scenarios.story import YEARLY, ended, happened, held, moved, renewed, waits

if TYPE_CHECKING:
    from tests.scenarios.story import Story

JANUARY = "2024-01-01 to 2024-02-01"
FEBRUARY = "2024-02-01 to 2024-03-01"


async def test_the_cheaper_plan_waits_for_the_next_period(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=5, trialDays=0)
    await story.advance("2024-01-15")

    answer = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")

    change = waits("2024-02-01", plan="team", quantity=5)
    assert answer == {
        "__typename": "SubscriptionDowngraded",
        "replayed": False,
        "change": change,
        "subscription": held("enterprise", JANUARY, quantity=5, scheduledChanges=[change]),
    }
    assert (await story.entitlement("acme", "saml_sso"))["hasAccess"]
    scheduled = happened("2024-01-15", "subscription.change_scheduled", "API")
    expected = [moved("2024-02-01", "enterprise", "team"), renewed("2024-01-01", "2024-02-01", "2024-03-01")]
    assert await story.news("acme") == [scheduled]

    await story.advance("2024-02-01")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held("team", FEBRUARY, quantity=5)
    assert (await story.entitlement("acme", "saml_sso"))["reason"] == "NOT_IN_PLAN"


async def test_a_downgrade_goes_down(story: Story) -> None:
    acme = await story.subscribe("acme", "team")

    up = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="enterprise")
    same = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")

    assert up == {
        "__typename": "NotADowngrade",
        "code": "NOT_A_DOWNGRADE",
        "field": "planId",
        "currentRank": 20,
        "targetRank": 30,
    }
    assert same == {"__typename": "NothingChanges", "code": "NOTHING_CHANGES", "field": "planId"}
    assert await story.news("acme") == []


async def test_the_empty_plan_ends_everything_but_the_account(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", quantity=2, trialDays=10)
    await story.advance("2024-01-20")
    await story.news("acme")

    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="empty")
    expected = [
        happened("2024-01-20", "subscription.change_scheduled", "API"),
        moved("2024-02-11", "enterprise", "empty"),
        renewed("2024-01-11", "2024-02-11", "2024-03-11"),
    ]
    await story.advance("2024-02-11")

    assert await story.news("acme") == expected
    assert await story.may("acme") == {}
    assert await story.subscription(acme) == held(
        "empty", "2024-02-11 to 2024-03-11", quantity=2, trialEnd="2024-01-11"
    )
    back = await story.act(documents.CHANGE, subscriptionId=acme, planId="enterprise")
    assert back["subscription"] == held("enterprise", "2024-02-11 to 2024-03-11", quantity=2, trialEnd="2024-01-11")
    assert (await story.entitlement("acme", "saml_sso"))["hasAccess"]


async def test_up_is_now_and_keeps_the_period(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=2)
    await story.advance("2024-01-15")

    answer = await story.act(documents.CHANGE, subscriptionId=acme, planId="enterprise")

    assert answer == {
        "__typename": "SubscriptionChanged",
        "replayed": False,
        "subscription": held("enterprise", JANUARY, quantity=2),
    }
    assert await story.news("acme") == [moved("2024-01-15", "team", "enterprise", "API")]


async def test_a_longer_interval_begins_its_own_period_now(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.advance("2024-01-15")

    answer = await story.act(documents.CHANGE, subscriptionId=acme, interval=YEARLY)

    assert answer["subscription"] == held("team", "2024-01-15 to 2025-01-01", interval="1 YEAR")
    assert await story.news("acme") == [
        happened(
            "2024-01-15",
            "subscription.plan_changed",
            "API",
            periodStart=("2024-01-01", "2024-01-15"),
            periodEnd=("2024-02-01", "2025-01-01"),
            interval=("1 MONTH", "1 YEAR"),
        )
    ]
    expected = [renewed("2024-01-15", "2025-01-01", "2026-01-01")]

    await story.advance("2025-02-01")

    assert await story.news("acme") == expected


async def test_a_shorter_interval_waits_and_then_begins_its_own_period(story: Story) -> None:
    acme = await story.subscribe("acme", "team", interval=YEARLY)
    await story.advance("2024-06-15")

    answer = await story.act(documents.CHANGE, subscriptionId=acme, interval={"unit": "MONTH"})

    assert answer["change"] == waits("2025-01-01", plan="team")
    expected = [
        happened("2024-06-15", "subscription.change_scheduled", "API"),
        happened(
            "2025-01-01",
            "subscription.plan_changed",
            periodStart=("2024-01-01", "2025-01-01"),
            periodEnd=("2025-01-01", "2025-02-01"),
            interval=("1 YEAR", "1 MONTH"),
        ),
        renewed("2025-01-01", "2025-02-01", "2025-03-01"),
    ]
    await story.advance("2025-02-01")

    assert await story.news("acme") == expected
    assert await story.subscription(acme) == held("team", "2025-02-01 to 2025-03-01")


async def test_a_pending_change_is_taken_back_once(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    change = story.given["change"]

    first = await story.act(documents.UNDO_CHANGE, id=change)
    second = await story.act(documents.UNDO_CHANGE, id=change)

    assert first == second
    assert first == {
        "__typename": "ScheduledChangeUndone",
        "replayed": False,
        "change": waits("2024-02-01", plan="team", status="UNDONE"),
        "subscription": held("enterprise", JANUARY),
    }
    expected = [
        happened("2024-01-01", "subscription.change_scheduled", "API"),
        happened("2024-01-01", "subscription.change_undone", "API"),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
    ]
    await story.advance("2024-02-01")
    assert await story.news("acme") == expected


async def test_a_change_that_has_taken_effect_is_not_taken_back(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    await story.jump("2024-02-01")

    late = await story.act(documents.UNDO_CHANGE, id=story.given["change"])

    assert late == {
        "__typename": "AlreadyApplied",
        "code": "ALREADY_APPLIED",
        "field": "id",
        "status": "APPLIED",
    }
    assert await story.subscription(acme) == held("team", FEBRUARY)


async def test_a_change_is_refused_while_a_cancellation_is_pending(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    before = await story.subscription(acme)
    await story.news("acme")

    refused = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")
    seats = await story.act(documents.CHANGE, subscriptionId=acme, quantity=3)

    assert (
        refused
        == seats
        == {
            "__typename": "CancellationPending",
            "code": "CANCELLATION_PENDING",
            "field": "undoCancellation",
            "pendingUntil": "2024-02-01",
        }
    )
    assert await story.news("acme") == []
    assert await story.subscription(acme) == before


async def test_a_change_may_take_the_cancellation_back_in_one_act(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date="2024-01-20T00:00:00Z")
    await story.news("acme")

    answer = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team", undoCancellation=True)

    change = waits("2024-02-01", "sch2", plan="team")
    cancellation = {
        "timing": "ON_DATE",
        "channel": "API",
        "requestedAt": "2024-01-01",
        "effectiveAt": "2024-01-20",
        "undoneAt": "2024-01-01",
    }
    assert answer == {
        "__typename": "SubscriptionDowngraded",
        "replayed": False,
        "change": change,
        "subscription": held("enterprise", JANUARY, scheduledChanges=[change], cancellation=cancellation),
    }
    expected = [
        happened(
            "2024-01-01",
            "subscription.change_scheduled",
            "API",
            cancelAt=("2024-01-20", None),
            periodEnd=("2024-01-20", "2024-02-01"),
        ),
        moved("2024-02-01", "enterprise", "team"),
        renewed("2024-01-01", "2024-02-01", "2024-03-01"),
    ]
    await story.advance("2024-02-01")
    assert await story.news("acme") == expected


async def test_a_change_in_a_trial_keeps_the_trials_end(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise")
    await story.advance("2024-01-10")

    down = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="team")

    trial = "2024-01-01 to 2024-01-31"
    change = waits("2024-01-31", plan="team")
    assert down["subscription"] == held(
        "enterprise", trial, status="TRIALING", trialEnd="2024-01-31", scheduledChanges=[change]
    )
    expected = [
        happened("2024-01-10", "subscription.change_scheduled", "API"),
        happened(
            "2024-01-31",
            "subscription.trial_ended",
            status=("TRIALING", "ACTIVE"),
            periodStart=("2024-01-01", "2024-01-31"),
            periodEnd=("2024-01-31", "2024-02-29"),
        ),
        moved("2024-01-31", "enterprise", "team"),
    ]
    await story.advance("2024-01-31")
    assert await story.news("acme") == expected


async def test_another_currency_is_refused(story: Story) -> None:
    acme = await story.subscribe("acme", "team")

    refused = await story.act(documents.CHANGE, subscriptionId=acme, planId="enterprise", currency="EUR")

    assert refused == {"__typename": "CurrencyMismatch", "code": "CURRENCY_MISMATCH", "field": "currency"}
    assert await story.news("acme") == []


async def test_from_the_free_plan_a_currency_is_chosen_once(story: Story) -> None:
    acme = await story.subscribe("acme", "free")
    assert await story.subscription(acme) == held("free", JANUARY, currency=None)

    unsaid = await story.act(documents.CHANGE, subscriptionId=acme, planId="team")
    chosen = await story.act(documents.CHANGE, subscriptionId=acme, planId="team", currency="EUR")

    assert unsaid["code"] == "PRICE_NOT_AVAILABLE"
    assert chosen["subscription"] == held("team", JANUARY, currency="EUR")
    back = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free", timing="IMMEDIATE")
    assert back["subscription"] == held("free", JANUARY, currency="EUR")


async def test_nothing_changes_after_the_end(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    assert await story.news("acme") == [ended("2024-01-01", "API", periodEnd=("2024-02-01", "2024-01-01"))]
    over = {"__typename": "SubscriptionEnded", "code": "SUBSCRIPTION_ENDED", "endedAt": "2024-01-01"}

    assert await story.act(documents.CHANGE, subscriptionId=acme, planId="enterprise") == over
    assert await story.act(documents.CHANGE, subscriptionId=acme, quantity=3) == over
    assert await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="free") == over
    assert await story.news("acme") == []
