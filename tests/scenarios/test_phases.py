"""What a phase's beginning costs and moves, and what editing gives back. (C9, C18, C19)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import invoice_ids
from tests.scenarios.couponed import CODE, REDEEMED, coupon
from tests.scenarios.ending_money import bill_as, cancel, waiting
from tests.scenarios.paying import MARK_PAID, method, payer
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.scheduling import CREATE, RELEASE, UPDATE, foreseen, planned, scheduled
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def ten(shop: Story, **more: Any) -> str:
    """A month of 10.00 from the first of January on."""
    return await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY, **more)


async def test_a_phase_without_proration_lets_billed_time_go_and_bills_what_comes_after_it(shop: Story) -> None:  # C18
    acme = await ten(shop)
    phases: list[dict[str, Any]] = [
        {"planId": "twenty", "prorationBehavior": "NONE", "lasts": {"endsAt": "2024-02-16T00:00:00Z"}},
        {"planId": "ten", "interval": {"unit": "YEAR"}, "prorationBehavior": "NONE"},
    ]
    await scheduled(shop, acme, *phases)

    await shop.advance("2024-03-10")

    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "20.00", "twenty 20.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "100.33", "ten 100.33 2024-03-01 to 2025-01-01"),
    ]


async def test_a_longer_interval_without_proration_is_billed_from_where_billed_time_ends(shop: Story) -> None:  # C18
    await bill_as(shop, changes={"proration": "NONE"})
    acme = await ten(shop)
    await shop.advance("2024-01-16")

    await shop.act(documents.CHANGE, subscriptionId=acme, interval={"unit": "YEAR"})

    assert await waiting(shop, "acme") == []
    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "109.84", "ten 109.84 2024-02-01 to 2025-01-01"),
    ]


async def test_a_phase_can_begin_a_period_of_its_own_from_which_all_is_counted(shop: Story) -> None:  # C9
    acme = await ten(shop)
    middle = {"endsAt": "2024-01-16T00:00:00Z"}
    trial = {"trial": True, "anchor": "PHASE_START", "lasts": {"cycles": 1}}
    refused = await shop.act(CREATE, subscriptionId=acme, phases=[trial], present=middle)
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "phases.0.anchor")
    phases: list[dict[str, Any]] = [
        {"anchor": "PHASE_START", "lasts": {"cycles": 2}},
        {"planId": "twenty", "anchor": "PHASE_START", "prorationBehavior": "NONE", "lasts": {"cycles": 1}},
        {"planId": "thirty", "anchor": "PHASE_START"},
    ]
    shown = await foreseen(shop, acme, *phases, present=middle)

    plan = await scheduled(shop, acme, *phases, present=middle)
    await shop.advance("2024-05-01")

    assert await planned(shop, plan) == [
        "COMPLETED RELEASE 2024-04-16",
        "2024-01-01 to 2024-01-16 ten x1",
        "2024-01-16 to 2024-03-16 ten x1",
        "2024-03-16 to 2024-04-16 twenty x1",
        "2024-04-16 to on thirty x1",
    ]
    assert (await bills(shop, "acme"))[1:] == [
        ("OPEN", "4.84", "ten 4.84 2024-02-01 to 2024-02-16"),
        ("OPEN", "10.00", "ten 10.00 2024-02-16 to 2024-03-16"),
        ("OPEN", "20.00", "twenty 20.00 2024-03-16 to 2024-04-16"),
        ("OPEN", "30.00", "thirty 30.00 2024-04-16 to 2024-05-16"),
    ], "time that was billed is not billed again"
    assert shown[1][:3] == ["2024-01-16 4.84", "2024-02-16 10.00", "2024-03-16 20.00"]
    assert await anchor(shop, acme) == "2024-04-16"


async def anchor(shop: Story, subscription_id: str) -> str:
    """From when its periods are counted."""
    asked = await shop.world.ask("query($id: ID!) { subscription(id: $id) { anchor } }", id=subscription_id)
    found: str = shop.names.plain(asked["subscription"]["anchor"])
    return found


async def test_a_phase_that_is_edited_away_gives_its_coupon_back(shop: Story) -> None:
    await coupon(shop, "only", percentOff="50", maximum=1)
    acme = await ten(shop)
    half: dict[str, Any] = {"planId": "twenty", "couponId": "only"}

    async def redeemed() -> int:
        found: int = (await shop.world.ask(REDEEMED, id="only"))["coupon"]["redeemed"]
        return found

    plan = await scheduled(shop, acme, half)
    other = await shop.subscribe("other", "ten", currency="USD", interval=MONTHLY)
    taken = await shop.act(CREATE, subscriptionId=other, phases=[half])
    assert (taken["__typename"], await redeemed()) == ("CouponExhausted", 1), "it is kept for its phase"

    kept_one = await shop.act(UPDATE, id=plan, phases=[half | {"quantity": 2}])
    assert (kept_one["__typename"], await redeemed()) == ("SubscriptionScheduleUpdated", 1)
    twice = await shop.act(UPDATE, id=plan, phases=[half | {"lasts": {"cycles": 1}}, half])
    assert (twice["__typename"], await redeemed()) == ("CouponExhausted", 1)
    await shop.act(UPDATE, id=plan, phases=[{"planId": "twenty"}])
    assert await redeemed() == 0
    await shop.act(UPDATE, id=plan, phases=[half])
    await shop.act(RELEASE, id=plan)
    assert await redeemed() == 0
    await scheduled(shop, acme, half)
    await cancel(shop, acme, timing="IMMEDIATE")
    assert await redeemed() == 0

    await scheduled(shop, other, half)
    await shop.advance("2024-02-02")
    assert await redeemed() == 1, "what began is used"


async def test_a_phase_takes_a_promotion_code_with_its_own_limits(shop: Story) -> None:
    made = await coupon(shop, "half", percentOff="50")
    for word, limits in (("ONE", {"maximum": 1}), ("FIRST", {"firstPurchaseOnly": True})):
        asked = {"couponId": "half", "code": word, **limits}
        answer = (await shop.world.ask(CODE, input=asked))["answer"]
        assert answer["__typename"] == "PromotionCodeCreated", (made, answer)
    acme = await ten(shop)

    async def redeemed() -> tuple[int, dict[str, int]]:
        found = (await shop.world.ask(REDEEMED, id="half"))["coupon"]
        codes = (each["node"] for each in found["promotionCodes"]["edges"])
        return found["redeemed"], {each["code"]: each["redeemed"] for each in codes}

    for wrong, refusal in (
        ({"promotionCode": "FIRST"}, "FirstPurchaseOnly"),
        ({"promotionCode": "NONE"}, "NotFound"),
        ({"promotionCode": "ONE", "couponId": "half"}, "InvalidInput"),
    ):
        refused = await shop.act(CREATE, subscriptionId=acme, phases=[{"planId": "twenty", **wrong}])
        assert (refused["__typename"], refused["field"].split(".")[:2]) == (refusal, ["phases", "0"])
    assert await redeemed() == (0, {"FIRST": 0, "ONE": 0})

    phase = {"planId": "twenty", "promotionCode": "one"}
    plan = await scheduled(shop, acme, phase)
    await shop.act(UPDATE, id=plan, phases=[{"planId": "thirty"}])
    assert await redeemed() == (0, {"FIRST": 0, "ONE": 0})
    await shop.act(UPDATE, id=plan, phases=[phase])
    assert await redeemed() == (1, {"FIRST": 0, "ONE": 1})
    await shop.advance("2024-02-02")
    assert (await bills(shop, "acme"))[-1][1] == "10.00"
    (applied,) = [each for each in await shop.events("acme") if each["type"] == "discount.applied"]
    assert applied["after"]["promotionCode"] == "ONE"


async def test_who_is_past_due_has_a_trial_phase_too_and_its_end_is_the_anchor(story: Story) -> None:
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-02")
    trial = {"trial": True, "lasts": {"endsAt": "2024-01-20T00:00:00Z"}}
    await scheduled(story, acme, trial, {"planId": "twenty"}, present={"endsAt": "2024-01-05T00:00:00Z"})
    assert (await story.subscription(acme))["status"] == "PAST_DUE"

    await story.advance("2024-01-06")
    tried = await story.subscription(acme)
    assert (tried["status"], tried["trialEnd"], tried["currentPeriod"]) == (
        "PAST_DUE",
        "2024-01-20",
        "2024-01-05 to 2024-01-20",
    )
    await method(story, "sandbox_succeeds", setDefault=True)
    ((invoice, _), *_) = await invoice_ids(story, "acme")
    await story.act(MARK_PAID, invoiceId=invoice)
    assert (await story.subscription(acme))["status"] == "TRIALING"
    await story.advance("2024-01-21")

    after = await story.subscription(acme)
    assert (after["status"], after["plan"], after["currentPeriod"]) == ("ACTIVE", "twenty", "2024-01-20 to 2024-02-20")
    assert await anchor(story, acme) == "2024-01-20"


async def test_what_has_not_begun_is_scheduled_from_its_beginning_on(shop: Story) -> None:
    acme = await ten(shop, startsAt="2024-02-10T00:00:00Z")
    plan = await scheduled(
        shop, acme, {"planId": "twenty", "lasts": {"cycles": 1}}, endBehavior="CANCEL", present={"cycles": 2}
    )
    assert (await shop.subscription(acme))["status"] == "NOT_STARTED"

    await shop.advance("2024-05-20")

    assert await planned(shop, plan) == [
        "COMPLETED CANCEL 2024-05-10",
        "2024-02-10 to 2024-04-10 ten x1",
        "2024-04-10 to 2024-05-10 twenty x1",
    ]
    assert [total for _, total, _ in await bills(shop, "acme")] == ["10.00", "10.00", "20.00"]
    assert (await shop.subscription(acme))["endedAt"] == "2024-05-10"


async def test_in_classic_a_last_phase_that_lasts_longer_moves_period_end_and_anchor(shop: Story) -> None:  # C9, C19
    await shop.advance("2024-01-31")
    acme = await ten(shop, billingMode="CLASSIC")
    await shop.advance("2024-02-10")
    ends: list[dict[str, Any]] = [{"endsAt": f"2024-03-{day}T00:00:00Z"} for day in (20, 25)]
    plan = await scheduled(shop, acme, {"planId": "thirty", "lasts": ends[0]}, endBehavior="CANCEL")
    assert await anchor(shop, acme) == "2024-01-31", "nothing is pending before the last phase"
    await shop.advance("2024-03-10")
    assert (await anchor(shop, acme), (await shop.subscription(acme))["cancelAt"]) == ("2024-03-20", "2024-03-20")

    await shop.act(UPDATE, id=plan, present=ends[1], phases=[])
    found = await shop.subscription(acme)
    assert (await anchor(shop, acme), found["currentPeriod"]) == ("2024-02-29", "2024-02-29 to 2024-03-25")

    await shop.act(UPDATE, id=plan, phases=[{"planId": "ten", "lasts": {"cycles": 1}}])
    found = await shop.subscription(acme)
    assert (await anchor(shop, acme), found["currentPeriod"]) == ("2024-01-31", "2024-02-29 to 2024-03-31")
    assert "cancelAt" not in found
