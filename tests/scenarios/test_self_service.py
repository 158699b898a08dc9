"""What customers do themselves: the policy says how a cancellation ends and which ways are open. (K3, P4, P14-P17)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.policies import CancellationMode, SelfServicePolicy
from tests.scenarios import documents
from tests.scenarios.story import ended, happened, held, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

JANUARY = "2024-01-01 to 2024-02-01"
NAMED = """query($id: ID!, $of: CustomerRef!) {
  subscription(id: $id) { scheduledChanges { actor } cancellation { actor } }
  events(filter: {customer: $of, types: ["subscription.cancellation_scheduled"]}) { edges { node { actor } } } }"""


async def test_by_default_a_customers_cancellation_ends_with_the_period(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    token = await story.token("acme")
    assert "CANCEL_AT_PERIOD_END" in await story.open_to(acme, "CUSTOMER")

    answer = await story.act(documents.CANCEL, key=token, subscriptionId=acme, reason="TOO_EXPENSIVE")

    change = {"id": "sch1", "kind": "CANCEL", "status": "PENDING", "appliesAt": "2024-02-01"}
    why = {
        "timing": "END_OF_PERIOD",
        "reason": "TOO_EXPENSIVE",
        "channel": "CUSTOMER",
        "requestedAt": "2024-01-01",
        "effectiveAt": "2024-02-01",
    }
    pending = held(
        "team",
        JANUARY,
        state="PENDING_CANCELLATION",
        renewsAt=None,
        cancelAt="2024-02-01",
        scheduledChanges=[change],
        cancellation=why,
    )
    assert answer == {
        "__typename": "SubscriptionCanceled",
        "replayed": False,
        "effectiveAt": "2024-02-01",
        "subscription": pending,
    }
    assert await story.act(documents.CANCEL, key=token, subscriptionId=acme) == answer
    open_now = await story.open_to(acme, "CUSTOMER")
    assert {"UNDO_CANCELLATION"} == open_now & {"UNDO_CANCELLATION", "CANCEL_AT_PERIOD_END", "CANCEL_NOW", "DOWNGRADE"}
    kept = await story.act(documents.UNDO, key=token, subscriptionId=acme)
    assert kept["subscription"] == held("team", JANUARY, cancellation=why | {"undoneAt": "2024-01-01"})
    assert await story.news("acme") == [
        happened(
            "2024-01-01",
            "subscription.cancellation_scheduled",
            "CUSTOMER",
            cancelAt=(None, "2024-02-01"),
            reason=(None, "too_expensive"),
        ),
        happened("2024-01-01", "subscription.cancellation_undone", "CUSTOMER", cancelAt=("2024-02-01", None)),
    ]


async def test_the_policy_may_end_it_at_once(story: Story) -> None:
    await story.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE))
    acme = await story.subscribe("acme", "team")
    token = await story.token("acme")
    await story.advance("2024-01-10")
    token = await story.token("acme")

    answer = await story.act(documents.CANCEL, key=token, subscriptionId=acme)

    assert answer["effectiveAt"] == "2024-01-10"
    assert answer["subscription"]["status"] == "CANCELED"
    assert answer["subscription"]["endedCause"] == "REQUEST"
    assert await story.news("acme") == [ended("2024-01-10", "CUSTOMER", periodEnd=("2024-02-01", "2024-01-10"))]
    assert await story.may("acme") == {}


async def test_where_the_policy_is_off_the_instructions_are_shown(story: Story) -> None:
    await story.policy(SelfServicePolicy(allow_cancel=False, allow_change=False, instructions="Write to us."))
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    token = await story.token("acme")

    cancel = await story.act(documents.CANCEL, key=token, subscriptionId=acme)
    lower = await story.act(documents.DOWNGRADE, key=token, subscriptionId=acme, planId="team")

    refused = {
        "__typename": "ActionNotAllowed",
        "code": "ACTION_NOT_ALLOWED",
        "reasonCode": "POLICY_FORBIDS",
        "instructions": "Write to us.",
    }
    assert cancel == refused | {"action": "CANCEL_AT_PERIOD_END"}
    assert lower == refused | {"action": "DOWNGRADE"}
    assert await story.open_to(acme, "CUSTOMER") == {"MANAGE", "CONTACT_SUPPORT"}
    assert {"CANCEL_NOW", "DOWNGRADE"} <= await story.open_to(acme, "MERCHANT")
    assert await story.news("acme") == []


async def test_what_is_pending_already_can_be_kept_though_the_policy_is_off(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    token = await story.token("acme")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    await story.policy(SelfServicePolicy(allow_cancel=False))

    kept = await story.act(documents.UNDO, key=token, subscriptionId=acme)

    assert kept["subscription"]["state"] == "ACTIVE"


async def test_a_customer_never_says_when(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    token = await story.token("acme")

    now = await story.act(documents.CANCEL, key=token, subscriptionId=acme, timing="IMMEDIATE")
    dated = await story.act(documents.CANCEL, key=token, subscriptionId=acme, date=instant(2024, 1, 20))
    lower = await story.act(documents.DOWNGRADE, key=token, subscriptionId=acme, planId="team", timing="IMMEDIATE")

    refused = {"__typename": "MerchantOnly", "code": "MERCHANT_ONLY"}
    assert now == lower == refused | {"field": "timing"}
    assert dated == refused | {"field": "date"}
    assert await story.news("acme") == []


async def test_a_customer_picks_a_cheaper_plan_and_takes_it_back(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0)
    token = await story.token("acme")

    lower = await story.act(documents.DOWNGRADE, key=token, subscriptionId=acme, planId="free")
    back = await story.act(documents.UNDO_CHANGE, key=token, id=story.given["change"])

    assert lower["change"]["appliesAt"] == "2024-02-01"
    assert back["subscription"] == held("enterprise", JANUARY)
    assert [(event[1], event[2]) for event in await story.news("acme")] == [
        ("subscription.change_scheduled", "CUSTOMER"),
        ("subscription.change_undone", "CUSTOMER"),
    ]


async def test_a_plan_by_agreement_is_changed_by_the_merchant(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise_agreement")
    token = await story.token("acme")

    lower = await story.act(documents.DOWNGRADE, key=token, subscriptionId=acme, planId="team")

    assert lower == {
        "__typename": "ActionNotAllowed",
        "code": "ACTION_NOT_ALLOWED",
        "action": "DOWNGRADE",
        "reasonCode": "CUSTOM_PRICED",
    }
    assert "CONTACT_SUPPORT" in await story.open_to(acme, "CUSTOMER")
    assert "MANAGE" not in await story.open_to(acme, "CUSTOMER")


async def test_anothers_subscription_is_not_found(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.subscribe("beta", "team")
    token = await story.token("beta")
    missing = {"__typename": "NotFound", "code": "NOT_FOUND", "field": "subscriptionId"}

    assert await story.act(documents.CANCEL, key=token, subscriptionId=acme) == missing
    assert await story.act(documents.UNDO, key=token, subscriptionId=acme) == missing
    assert await story.act(documents.DOWNGRADE, key=token, subscriptionId=acme, planId="free") == missing
    assert await story.subscription(acme) == held("team", JANUARY)
    assert await story.news("acme") == []


async def test_what_has_not_begun_ends_at_once_whatever_the_policys_mode(story: Story) -> None:
    acme = await story.subscribe("acme", "team", startsAt=instant(2024, 1, 20).isoformat())
    token = await story.token("acme")
    assert "CANCEL_NOW" in await story.open_to(acme, "CUSTOMER")

    answer = await story.act(documents.CANCEL, key=token, subscriptionId=acme)

    assert answer["effectiveAt"] == "2024-01-01"
    assert answer["subscription"]["status"] == "CANCELED"


async def test_the_merchants_people_are_named_to_the_merchant_alone(story: Story) -> None:
    acme = await story.subscribe("acme", "enterprise", trialDays=0, quantity=4)
    await story.act(documents.CHANGE, subscriptionId=acme, quantity=2, actor="kim")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD", actor="lee")
    token = await story.token("acme")

    async def named(key: str | None) -> list[str | None]:
        told = await story.world.ask(NAMED, key=key, id=acme, of={"externalId": "acme"})
        (scheduled,) = told["events"]["edges"]
        changes = [change["actor"] for change in told["subscription"]["scheduledChanges"]]
        return [*changes, told["subscription"]["cancellation"]["actor"], scheduled["node"]["actor"]]

    assert await named(None) == ["kim", "lee", "lee", "lee"]
    assert await named(token) == [None] * 4
