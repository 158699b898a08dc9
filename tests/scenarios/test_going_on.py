"""Whoever cancels goes on on the plan that the product names: what is kept, what is lost, and when. (S7, K1, C16)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.invoicing.policy import OnDispute
from tests.scenarios import documents
from tests.scenarios.couponed import coupon, give
from tests.scenarios.ending_money import kept
from tests.scenarios.paying import method
from tests.scenarios.scheduling import planned, scheduled
from tests.scenarios.story import MONTHLY, instant
from tests.scenarios.test_disputing import dispute_policy
from tests.scenarios.test_lists import listed
from tests.scenarios.test_payments_overview import overview

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

CATALOG = """
catalog: 1
products: {shop: {name: Shop, after_cancellation: window}}
features:
  pages: {name: Pages, kind: metered, unit: pages}
  export: {name: Export, kind: boolean}
  badge: {name: Badge, kind: boolean}
plans:
  full:
    name: Full
    product: shop
    kind: paid
    rank: 1
    trial_days: 0
    addons: [more, shiny]
    prices: [{currency: usd, every: month, model: flat, amount: 30}]
    entitlements: {pages: {limit: 100, reset: month}, export: true}
  window: {name: Window, product: shop, kind: free, addons: [shiny], entitlements: {pages: {limit: 5, reset: month}}}
addons:
  more:
    name: More
    product: shop
    kind: paid
    prices: [{currency: usd, every: month, model: flat, amount: 3}]
    entitlements: {pages: 50}
  shiny: {name: Shiny, product: shop, kind: free, entitlements: {badge: true}}
"""
MONEY = """query($input: SubscriptionCancellationPreviewInput!) {
  answer: subscriptionCancellationPreview(input: $input) { ... on SubscriptionCancellationPreview { money {
    token lookedUntil invoicedNow { reason } upcoming { reason } unpaid { status autoAdvance } } } } }"""
BOTH: list[dict[str, Any]] = [{"addOnId": "more"}, {"addOnId": "shiny"}]
NAMES = ("period", "date", "cycles", "phases", "trial", "tries", "never")


@pytest.fixture
async def shop(story: Story) -> Story:
    """A shop whose customers look through the window afterwards."""
    await story.catalog(CATALOG)
    return await story.begin(story.world)


async def sold(shop: Story, name: str, **more: Any) -> str:
    """Subscribe somebody to the plan that costs something."""
    made = await shop.subscribe(name, "full", currency="USD", interval=MONTHLY, **more)
    shop.names.known[made] = name
    return made


async def cancel(shop: Story, subscription_id: str, **terms: Any) -> Told:
    """Cancel, and tell the subscription."""
    answer = await shop.act(documents.CANCEL, subscriptionId=subscription_id, **terms)
    told: Told = answer.get("subscription", answer)
    return told


async def everything(shop: Story, subscriptions: dict[str, str]) -> dict[str, Any]:
    """Whatever can be asked of it: each subscription, what is open, what is given, the lists and the overview."""
    states = ("ACTIVE", "CANCELED", "PENDING_CANCELLATION", "TRIALING", "NOT_STARTED")
    return {
        "each": {name: await shop.subscription(each) for name, each in subscriptions.items()},
        "open": {name: await shop.open_to(each, "CUSTOMER") for name, each in subscriptions.items()},
        "may": {name: await shop.may(name) for name in subscriptions},
        "pages": {name: await shop.entitlement(name, "pages") for name in subscriptions},
        "states": {state: await listed(shop, state=[state]) for state in states},
        "plans": {plan: await listed(shop, planKey=plan) for plan in ("full", "window")},
        "overview": await overview(shop),
    }


async def test_without_a_worker_everything_is_the_free_plans_from_the_instant_on(shop: Story) -> None:
    more: dict[str, dict[str, Any]] = {"trial": {"trialDays": 20}, "never": {"startsAt": instant(2024, 3)}}
    more["tries"] = {"trialDays": 20, "trialEnding": "CANCEL"}
    made = {name: await sold(shop, name, **more.get(name, {})) for name in NAMES}
    await cancel(shop, made["period"], timing="END_OF_PERIOD")
    await cancel(shop, made["date"], timing="ON_DATE", date=instant(2024, 1, 20))
    await cancel(shop, made["cycles"], timing="AFTER_CYCLES", cycles=2)
    await scheduled(shop, made["phases"], {"quantity": 2, "lasts": {"cycles": 1}}, endBehavior="CANCEL")
    await cancel(shop, made["trial"], timing="END_OF_PERIOD")
    await cancel(shop, made["never"], timing="ON_DATE", date=instant(2024, 2, 15))
    expected = {
        "2024-01-19T23:59:59": {"full": {"period", "date", "cycles", "phases", "trial", "tries"}, "window": set[str]()},
        "2024-01-20": {"full": {"period", "cycles", "phases", "trial", "tries"}, "window": {"date"}},
        "2024-02-01": {"full": {"cycles", "phases"}, "window": {"period", "date", "trial", "tries"}},
        "2024-03-01": {"full": set[str](), "window": {"period", "date", "trial", "tries", "cycles", "phases"}},
    }

    told: dict[str, Any] = {}
    for at, holds in expected.items():
        await shop.jump(at)
        told = await everything(shop, made)
        assert {plan: set(told["plans"][plan]) - {"never"} for plan in holds} == holds, at
        assert {name for name in NAMES if told["may"][name] == {"pages": "5"}} == holds["window"], at
        assert {name for name in NAMES if told["each"][name]["plan"] == "window"} == holds["window"], at
        over = {"never"} if at > "2024-02-15" else set[str]()
        assert set(told["states"]["CANCELED"]) == over, "what never began just ends"
        assert set(told["states"]["ACTIVE"]) >= holds["window"]
    assert told["overview"]["counts"] == {"ACTIVE": 6, "CANCELED": 1}
    assert told["overview"]["totals"] == []
    assert (
        told["open"]["date"] == told["open"]["cycles"] == {"CHANGE_PLAN", "DOWNGRADE", "MANAGE", "CANCEL_AT_PERIOD_END"}
    )
    gone_on = told["each"]["tries"]
    assert (gone_on["cancellation"]["reason"], gone_on["currentPeriod"]) == (
        "NO_PAYMENT_METHOD",
        "2024-02-21 to 2024-03-21",
    )

    await shop.world.worker().catch_up()

    open_invoices = (await overview(shop))["open"]
    assert await everything(shop, made) == {**told, "overview": {**told["overview"], "open": open_invoices}}


async def test_what_outlives_the_end_is_shown_before_and_is_what_stays(shop: Story) -> None:
    acme = await sold(shop, "acme", addOns=BOTH)
    acme_ref = {"externalId": "acme"}
    await coupon(shop, "gift", percentOff="50")
    await give(shop, couponId="gift", subscriptionId=acme)
    await shop.act(
        documents.GRANT,
        customer=acme_ref,
        feature="pages",
        amount="10",
        kind="PROMOTIONAL",
        expiresAt="2024-06-01T00:00:00Z",
    )
    key = shop.world.fresh_key
    await shop.act(documents.REPORT, customer=acme_ref, feature="pages", value="40", idempotencyKey=key())
    await shop.advance("2024-01-10")
    await shop.news("acme")

    asked = {"subscriptionId": acme, "timing": "IMMEDIATE"}
    shown = await shop.act(documents.CANCELLATION_PREVIEW, **asked)
    assert shown["continuesOn"] == "window"
    levels = {each["feature"]: each for each in shown["entitlements"]}
    assert {name: each["kind"] for name, each in levels.items()} == {
        "pages": "LOWERED",
        "export": "LOST",
        "badge": "SAME",
    }
    assert (levels["pages"]["after"]["limit"], levels["pages"]["used"], levels["pages"]["overBy"]) == ("5", "40", "35")

    seen = (await shop.world.ask(MONEY, input=asked))["answer"]["money"]
    assert (seen["invoicedNow"], seen["upcoming"], seen["lookedUntil"]) == ([], [], "2024-01-10T00:00:00Z")
    assert seen["unpaid"] == [{"status": "OPEN", "autoAdvance": False}]

    told = await cancel(shop, acme, timing="IMMEDIATE", reason="TOO_EXPENSIVE", previewToken=seen["token"])

    assert (told["plan"], told["status"], told["state"]) == ("window", "ACTIVE", "ACTIVE")
    assert told["addOns"] == [{"plan": "shiny", "quantity": 1}]
    assert told["currentPeriod"] == "2024-01-01 to 2024-02-01", "the anchor stays, and the counters go on"
    assert told["cancellation"]["reason"] == "TOO_EXPENSIVE"
    pages = await shop.entitlement("acme", "pages")
    assert (pages["limit"], pages["used"], pages["allowanceLeft"], pages["windowStart"]) == (
        "5",
        "40",
        "10",
        "2024-01-01",
    )
    assert await shop.may("acme") == {"pages": "5", "badge": True}
    news = await shop.news("acme")
    (moved,) = [each for each in news if each[1].startswith("subscription.")]
    assert moved[:3] == ("2024-01-10", "subscription.plan_changed", "API")
    assert (moved[3]["planId"], moved[3]["cause"]) == (("full", "window"), (None, "CANCELLATION"))
    assert moved[3]["reason"] == (None, "too_expensive")
    (ended,) = [each for each in news if each[1] == "discount.ended"]
    assert ended[3]["why"] == (None, "SUBSCRIPTION_ENDED")

    before = await kept(shop), await shop.subscription(acme)
    refused = await shop.act(documents.UNDO, subscriptionId=acme)
    assert (refused["code"], refused["endedAt"]) == ("ALREADY_ENDED", "2024-01-10")
    assert (await kept(shop), await shop.subscription(acme)) == before

    again = await shop.create("acme", "full", currency="USD", interval=MONTHLY)
    assert again["code"] == "ALREADY_SUBSCRIBED"
    twice = await shop.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE", reason="TOO_EXPENSIVE")
    assert (twice["__typename"], twice["field"]) == ("AlreadyEnded", "planId"), "the same request twice is one end"
    wrong = await shop.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE", planId="full")
    assert (wrong["__typename"], wrong["field"]) == ("AlreadyEnded", "planId")
    last = await cancel(shop, acme, timing="IMMEDIATE", planId="window")
    assert (last["status"], last["plan"]) == ("CANCELED", "window"), "cancelling where it leads ends it for good"
    assert (await shop.act(documents.UNDO, subscriptionId=acme))["code"] == "ALREADY_ENDED"


async def test_the_plan_is_the_one_that_was_shown_when_the_end_was_set(shop: Story) -> None:
    acme, other = await sold(shop, "acme"), await sold(shop, "other")
    plan = await scheduled(shop, other, {"quantity": 1, "lasts": {"cycles": 1}}, endBehavior="CANCEL")
    pending = await cancel(shop, acme, timing="END_OF_PERIOD")
    assert [each["plan"] for each in pending["scheduledChanges"]] == ["window"]
    await shop.catalog(CATALOG.replace(", after_cancellation: window", ""))
    await sold(shop, "late")

    late = await cancel(shop, (await listed_ids(shop))["late"], timing="IMMEDIATE")
    assert late["status"] == "CANCELED"
    refused = await cancel(shop, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")
    assert refused["status"] == "CANCELED", "without a plan to go on with, paid days may be used up"
    await shop.advance("2024-03-02")

    assert (await shop.subscription(other))["plan"] == "window"
    assert (await planned(shop, plan))[0] == "COMPLETED CANCEL 2024-03-01"


async def listed_ids(shop: Story) -> dict[str, str]:
    """The subscriptions by the names of their customers."""
    return {name: found for found, name in shop.names.known.items() if found.startswith("sub_")}


async def test_paid_days_are_not_used_up_on_another_plan(shop: Story) -> None:
    acme = await sold(shop, "acme")
    before = await kept(shop), await shop.subscription(acme)

    refused = await cancel(shop, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")

    assert (refused["__typename"], refused["code"], refused["field"]) == ("AccessOrPlan", "ACCESS_OR_PLAN", "access")
    assert (await kept(shop), await shop.subscription(acme)) == before


async def test_a_dispute_leads_there_too_and_only_once(shop: Story) -> None:  # C10
    await dispute_policy(shop, OnDispute.CANCEL_NOW)
    await shop.world.ask(documents.UPSERT, input={"externalId": "acme"})
    await method(shop, "sandbox_disputed")
    acme = await shop.subscribe_also("acme", "full", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-03")

    told = await shop.subscription(acme)

    assert (told["plan"], told["state"], told["cancellation"]["reason"]) == ("window", "ACTIVE", "PAYMENT_DISPUTED")
