"""Coupons, promotion codes and discounts as merchants handle them: what is given, refused, removed and over. (T4)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.couponed import (
    APPLY,
    ARCHIVE,
    CODE,
    REMOVE,
    RETIRE,
    coupon,
    discounts,
    give,
    make,
    redeemed,
)
from tests.scenarios.story import happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

ACME = {"externalId": "acme"}
TWENTY = {"percentOff": "20", "duration": "FOREVER"}


def refused(kind: str, code: str, **facts: Any) -> dict[str, Any]:
    """A refusal as it is told, without its words."""
    return {"__typename": kind, "code": code, **facts}


def wordless(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without the words for people."""
    assert answer["message"]
    return {key: each for key, each in answer.items() if key != "message"}


async def test_a_coupon_is_made_once_under_its_key(story: Story) -> None:
    asked = {
        "key": "welcome", "name": "Welcome", "duration": "MONTHS", "months": 3, "productIds": ["hosting"],
        "amountsOff": [{"amount": "10", "currency": "usd"}, {"amount": "9.50", "currency": "EUR"}], "maximum": 2,
        "redeemBy": "2025-01-01T00:00:00Z",
    }  # fmt: skip
    answer = await make(story, asked)

    amounts = [{"amount": "9.50", "currency": "EUR"}, {"amount": "10.00", "currency": "USD"}]
    assert answer["coupon"] == {
        "id": "cou1", "key": "welcome", "name": "Welcome", "redeemed": 0, "maximum": 2, "redeemBy": "2025-01-01",
        "terms": {"amountsOff": amounts, "duration": "MONTHS", "months": 3, "products": ["hosting"]},
    }  # fmt: skip
    again = await make(story, asked)
    assert wordless(again) == refused("AlreadyExists", "ALREADY_EXISTS", field="key")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, ("INVALID_INPUT", "percentOff")),
        ({"percentOff": "20", "amountsOff": [{"amount": "1", "currency": "USD"}]}, ("INVALID_INPUT", "percentOff")),
        ({"percentOff": "0"}, ("AMOUNT_OUT_OF_RANGE", "percentOff")),
        ({"percentOff": "100.0001"}, ("AMOUNT_OUT_OF_RANGE", "percentOff")),
        ({"percentOff": "1.00001"}, ("AMOUNT_OUT_OF_RANGE", "percentOff")),
        ({"amountsOff": [{"amount": "1.001", "currency": "USD"}]}, ("AMOUNT_OUT_OF_RANGE", "amountsOff")),
        ({"amountsOff": [{"amount": "-1", "currency": "USD"}]}, ("AMOUNT_OUT_OF_RANGE", "amountsOff")),
        ({"amountsOff": [{"amount": "1", "currency": "XXX"}]}, ("INVALID_INPUT", "currency")),
        ({"amountsOff": [{"amount": "1", "currency": "USD"}] * 2}, ("INVALID_INPUT", "amountsOff")),
        ({"percentOff": "5", "duration": "MONTHS"}, ("INVALID_INPUT", "months")),
        ({"percentOff": "5", "months": 3}, ("INVALID_INPUT", "months")),
        ({"percentOff": "5", "duration": "MONTHS", "months": 121}, ("INVALID_INPUT", "months")),
        ({"percentOff": "5", "productIds": ["nowhere"]}, ("NOT_FOUND", "productIds")),
        ({"percentOff": "5", "redeemBy": "2024-01-01T00:00:00Z"}, ("DATE_OUT_OF_RANGE", "redeemBy")),
        ({"percentOff": "5", "maximum": 0}, ("INVALID_INPUT", "maximum")),
        ({"percentOff": "5", "key": "Not a key"}, ("INVALID_INPUT", "key")),
    ],
)
async def test_a_coupon_that_makes_no_sense_is_refused_by_name(
    story: Story, wrong: dict[str, Any], told: tuple[str, str]
) -> None:
    answer = await make(story, {"key": "odd", "name": "Odd", **wrong})

    assert (answer["code"], answer["field"]) == told
    assert (await story.world.ask("{ coupons { edges { node { id } } } }"))["coupons"]["edges"] == []


async def test_a_discount_is_on_the_subscription_or_on_all_that_the_customer_has(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await coupon(story, "twenty")

    answer = await story.act(APPLY, couponId="twenty", subscriptionId=acme)

    own = {
        "id": "dis1",
        "name": "Twenty",
        "startsAt": "2024-01-01",
        "terms": TWENTY,
        "subscription": {"id": "sub1"},
    }
    assert answer == {"__typename": "DiscountApplied", "replayed": False, "discount": own}
    whole = await story.act(APPLY, couponId="twenty", customer=ACME)
    assert whole["discount"] == {"id": "dis2", "name": "Twenty", "startsAt": "2024-01-01", "terms": TWENTY}
    assert await discounts(story, "acme") == (whole["discount"], [own])
    assert await redeemed(story, "twenty") == (2, {})
    assert await story.news("acme") == [
        happened("2024-01-01", "discount.applied", "API", couponId=(None, "cou1"), subscriptionId=(None, "sub1")),
        happened("2024-01-01", "discount.applied", "API", couponId=(None, "cou1")),
    ]


async def test_one_discount_at_a_time_is_on_one_target(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await coupon(story, "twenty")
    targets: list[dict[str, Any]] = [{"subscriptionId": acme}, {"customer": ACME}]
    for target in targets:
        await give(story, couponId="twenty", **target)

        answer = await story.act(APPLY, couponId="twenty", **target)

        assert wordless(answer)["__typename"] == "AlreadyDiscounted"
        assert answer["field"] == next(iter(target))
    assert await redeemed(story, "twenty") == (2, {})


async def test_months_end_by_time_and_the_event_says_so(story: Story) -> None:
    await story.subscribe("acme", "free")
    await coupon(story, "quarter", duration="MONTHS", months=3)
    await give(story, couponId="quarter", customer=ACME)
    await story.news("acme")

    await story.advance("2024-04-02")

    ended = happened("2024-04-01", "discount.ended", couponId=(None, "cou1"), why=(None, "EXPIRED"))
    assert [each for each in await story.news("acme") if each[1].startswith("discount")] == [ended]
    assert await discounts(story, "acme") == (None, [None])


async def test_what_is_over_is_not_told_though_no_worker_came(story: Story) -> None:
    await story.subscribe("acme", "free")
    await coupon(story, "quarter", duration="MONTHS", months=3)
    await give(story, couponId="quarter", customer=ACME)

    await story.jump("2024-04-01")

    assert await discounts(story, "acme") == (None, [None])
    await give(story, couponId="quarter", customer=ACME)


async def test_the_months_of_a_trial_are_not_counted(story: Story) -> None:
    """A trial of 30 days from 1 January: three months begin on the 31st."""
    acme = await story.subscribe("acme", "team", trialDays=30)
    await coupon(story, "quarter", duration="MONTHS", months=3)

    answer = await story.act(APPLY, couponId="quarter", subscriptionId=acme)

    assert answer["discount"]["endsAt"] == "2024-04-30"


async def test_a_discount_ends_with_its_subscription_and_the_customers_goes_on(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await coupon(story, "twenty")
    await give(story, couponId="twenty", subscriptionId=acme)
    whole = await give(story, couponId="twenty", customer=ACME)
    await story.news("acme")

    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    ended = [each for each in await story.news("acme") if each[1] == "discount.ended"]
    why = (None, "SUBSCRIPTION_ENDED")
    about = {"couponId": (None, "cou1"), "subscriptionId": (None, "sub1")}
    assert ended == [happened("2024-01-01", "discount.ended", "API", **about, why=why)]
    left, [own] = await discounts(story, "acme")
    assert (left["id"], own) == (story.names.of(whole), None)
    late = await story.act(APPLY, couponId="twenty", subscriptionId=acme)
    assert wordless(late) == refused(
        "SubscriptionEnded", "SUBSCRIPTION_ENDED", field="subscriptionId", endedAt="2024-01-01"
    )


async def test_removing_twice_is_removing_once(story: Story) -> None:
    await story.subscribe("acme", "free")
    await coupon(story, "twenty")
    given = await give(story, couponId="twenty", customer=ACME)
    await story.advance("2024-01-05")
    await story.news("acme")

    first = await story.act(REMOVE, id=given)
    await story.advance("2024-01-09")
    second = await story.act(REMOVE, id=given)

    assert first["discount"]["endedAt"] == second["discount"]["endedAt"] == "2024-01-05"
    assert await story.news("acme") == [happened("2024-01-05", "discount.removed", "API", couponId=(None, "cou1"))]
    assert await redeemed(story, "twenty") == (1, {})


async def test_what_gives_no_more_discounts_is_refused_by_name_and_counts_nothing(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await story.subscribe("other", "free")
    await coupon(story, "once", maximum=1)
    await coupon(story, "soon", redeemBy="2024-01-02T00:00:00Z")
    await coupon(story, "gone")
    await coupon(story, "euros", amountsOff=[{"amount": "5", "currency": "EUR"}])
    await coupon(story, "elsewhere", productIds=["assistant"])
    await give(story, couponId="once", customer={"externalId": "other"})
    await story.act(ARCHIVE, couponId="gone")
    await story.advance("2024-01-02")
    await story.news("acme")

    told = {
        key: wordless(await story.act(APPLY, couponId=key, subscriptionId=acme))
        for key in ("once", "soon", "gone", "euros", "elsewhere", "unheard")
    }

    elsewhere = told["elsewhere"].pop("productIds")
    assert len(elsewhere) == 1
    assert told == {
        "once": refused("CouponExhausted", "COUPON_EXHAUSTED", maximum=1),
        "soon": refused("CouponExpired", "COUPON_EXPIRED", expiredAt="2024-01-02"),
        "gone": refused("CouponArchived", "COUPON_ARCHIVED", archivedAt="2024-01-01"),
        "euros": refused("CouponCurrencyMismatch", "COUPON_CURRENCY_MISMATCH", currencies=["EUR"]),
        "elsewhere": refused("CouponNotForProduct", "COUPON_NOT_FOR_PRODUCT"),
        "unheard": refused("NotFound", "NOT_FOUND", field="couponId"),
    }
    assert await story.news("acme") == []
    assert [(await redeemed(story, key))[0] for key in ("once", "soon", "gone", "euros", "elsewhere")] == [
        1,
        0,
        0,
        0,
        0,
    ]


async def test_a_promotion_code_gives_its_coupon_under_limits_of_its_own(story: Story) -> None:
    for name in ("acme", "other", "third"):
        await story.subscribe(name, "free")
    await coupon(story, "twenty")
    made = await story.act(CODE, code="spring-24", couponId="twenty", maximum=1, expiresAt=instant(2024, 1, 9))
    assert made["promotionCode"] == {
        "id": "prm1", "code": "SPRING-24", "redeemed": 0, "maximum": 1, "expiresAt": "2024-01-09",
        "firstPurchaseOnly": False, "coupon": "twenty",
    }  # fmt: skip
    assert wordless(await story.act(CODE, code="SPRING-24", couponId="twenty")) == refused(
        "AlreadyExists", "ALREADY_EXISTS", field="code"
    )

    given = await story.act(APPLY, promotionCode=" Spring-24", customer=ACME)

    assert given["discount"]["name"] == "Twenty"
    full = await story.act(APPLY, promotionCode="SPRING-24", customer={"externalId": "other"})
    assert wordless(full) == refused("CouponExhausted", "COUPON_EXHAUSTED", field="promotionCode", maximum=1)
    assert await redeemed(story, "twenty") == (1, {"SPRING-24": 1})
    await story.act(CODE, code="LATE", couponId="twenty", expiresAt=instant(2024, 1, 9))
    await story.act(CODE, code="MINE", couponId="twenty", customer=ACME)
    await story.act(CODE, code="RETIRED", couponId="twenty")
    await story.act(RETIRE, promotionCodeId="retired")
    await story.advance("2024-01-09")
    for code, told in {
        "LATE": refused("CouponExpired", "COUPON_EXPIRED", field="promotionCode", expiredAt="2024-01-09"),
        "MINE": refused("CouponNotForCustomer", "COUPON_NOT_FOR_CUSTOMER", field="promotionCode"),
        "RETIRED": refused("CouponArchived", "COUPON_ARCHIVED", field="promotionCode", archivedAt="2024-01-01"),
        "UNHEARD": refused("NotFound", "NOT_FOUND", field="promotionCode"),
    }.items():
        assert wordless(await story.act(APPLY, promotionCode=code, customer={"externalId": "third"})) == told
    assert (await redeemed(story, "twenty"))[0] == 1


async def test_one_of_each_two_is_given(story: Story) -> None:
    acme = await story.subscribe("acme", "free")
    await coupon(story, "twenty")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"customer": ACME}, "couponId"),
        ({"couponId": "twenty", "promotionCode": "X1", "customer": ACME}, "couponId"),
        ({"couponId": "twenty"}, "customer"),
        ({"couponId": "twenty", "customer": ACME, "subscriptionId": acme}, "customer"),
    ]
    for asked, field in wrong:
        assert wordless(await story.act(APPLY, **asked)) == refused("InvalidInput", "INVALID_INPUT", field=field)


async def test_customers_see_what_they_have_off_and_give_themselves_nothing(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    await coupon(story, "twenty")
    await story.act(CODE, code="TWENTY", couponId="twenty")
    await give(story, promotionCode="TWENTY", subscriptionId=acme)
    token = await story.token("acme")

    answer = await story.act(APPLY, key=token, promotionCode="TWENTY", customer=ACME)

    assert wordless(answer) == refused("MerchantOnly", "MERCHANT_ONLY")
    seen = "query($id: ID!) { subscription(id: $id) { discount { name coupon { id } promotionCode { id } } } }"
    assert (await story.world.ask(seen, key=token, id=acme))["subscription"] == {
        "discount": {"name": "Twenty", "coupon": None, "promotionCode": None}
    }
    assert await redeemed(story, "twenty") == (1, {"TWENTY": 1})
