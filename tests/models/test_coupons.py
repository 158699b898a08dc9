"""Coupons and discounts as they are kept: counted once each, and told as what they are worth at an instant."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from billing.discounts import Coupon, CouponDuration, Discount
from billing.invoicing.invoices import CollectionMethod, InvoiceReason, InvoiceStatus
from models.tables import CouponRow, DiscountRow, InvoiceRow, PromotionCodeRow
from tests.models.world import CUSTOMER, ENV, START, SUBSCRIPTION, day, settle, undone, working

if TYPE_CHECKING:
    from models.session import Database

TEN = Coupon("cou", CouponDuration.ONCE, amounts=(("EUR", 900), ("USD", 1000)), products=("prd",), maximum=7)


def coupon(**changed: Any) -> CouponRow:
    """Ten dollars, nine euros, once, seven times."""
    usual: dict[str, Any] = {
        "id": "cou", "environment_id": ENV, "key": "ten", "name": "Ten off", "duration": CouponDuration.ONCE,
        "amounts": {"USD": 1000, "EUR": 900}, "products": ["prd"], "maximum": 7, "created_at": START,
    }  # fmt: skip
    return CouponRow(**(usual | changed))


def code(**changed: Any) -> PromotionCodeRow:
    """A code for the coupon, without a maximum of its own."""
    usual: dict[str, Any] = {
        "id": "prm", "environment_id": ENV, "coupon_id": "cou", "code": "TEN", "created_at": START,
    }  # fmt: skip
    return PromotionCodeRow(**(usual | changed))


def discount(id_: str, **changed: Any) -> DiscountRow:
    """The coupon on all that the customer has."""
    usual: dict[str, Any] = {
        "environment_id": ENV, "customer_id": CUSTOMER, "coupon_id": "cou", "starts_at": START, "created_at": START,
    }  # fmt: skip
    return DiscountRow(id=id_, **(usual | changed))


@pytest.mark.parametrize("of", ["coupon", "code"])
async def test_of_twenty_at_once_as_many_are_redeemed_as_the_maximum_says(shop: Database, of: str) -> None:
    await settle(shop, coupon(), code(maximum=7))

    async def redeem() -> bool:
        async with shop.working() as session:
            store = working(session).coupons
            return await (store.redeem("cou") if of == "coupon" else store.redeem_code("prm"))

    took = await asyncio.gather(*(redeem() for _ in range(20)))

    async with undone(shop) as session:
        kept = await working(session).coupons.coupon("ten")
        word = await working(session).coupons.code("TEN")
    assert sum(took) == 7
    assert kept is not None
    assert word is not None
    assert (kept.redeemed, word.redeemed) == ((7, 0) if of == "coupon" else (0, 7))


async def test_without_a_maximum_there_is_always_one_more_and_of_an_archived_one_never(shop: Database) -> None:
    await settle(shop, coupon(maximum=None, redeemed=10**12), code())

    async with undone(shop) as session:
        store = working(session).coupons
        assert (await store.redeem("cou"), await store.redeem_code("prm")) == (True, True)
        await store.archive("cou", START)
        await store.archive_code("prm", START)
        assert (await store.redeem("cou"), await store.redeem_code("prm")) == (False, False)


async def test_a_coupon_is_found_by_id_and_key_and_only_in_its_environment(shop: Database) -> None:
    await settle(shop, coupon())

    async with undone(shop) as session:
        store = working(session).coupons
        by_id, by_key = await store.coupon("cou"), await store.coupon("ten")
        assert by_id == by_key
        assert by_id is not None
        assert by_id.terms == TEN
        assert await store.coupon("eleven") is None


async def test_what_speaks_for_a_subscription_is_its_own_and_its_customers_that_were_not_over(shop: Database) -> None:
    await settle(
        shop,
        coupon(),
        discount("dis_1", ended_at=day(2)),
        discount("dis_2", created_at=day(3), starts_at=day(3), ends_at=day(9)),
        discount("dis_3", subscription_id=SUBSCRIPTION, created_at=day(4), starts_at=day(4)),
        discount("dis_4", subscription_id="sub_other"),
    )

    async with undone(shop) as session:
        store = working(session).discounts
        assert await store.that_speak(CUSTOMER, SUBSCRIPTION, day(3)) == [
            Discount("dis_2", TEN, "", day(3), day(9)),
            Discount("dis_3", TEN, SUBSCRIPTION, day(4)),
        ]
        assert [each.discount_id for each in await store.that_speak(CUSTOMER, SUBSCRIPTION, day(2))] == [
            "dis_1",
            "dis_2",
            "dis_3",
        ]


async def test_what_runs_is_told_without_a_worker_that_notes_its_end(shop: Database) -> None:
    await settle(shop, coupon(), discount("dis_1", ends_at=day(9), due_at=day(9)))

    async with undone(shop) as session:
        before = await working(session, day(8)).discounts.of_customers([CUSTOMER])
        after = await working(session, day(9)).discounts.of_customers([CUSTOMER])
        due = await working(session, day(9)).discounts.due(CUSTOMER, day(9))
        soonest = await working(session, day(9)).due.earliest(day(9), CUSTOMER)
    assert [each.id for each in before.values()] == ["dis_1"]
    assert after == {}
    assert [each.id for each in due] == ["dis_1"]
    assert soonest == (CUSTOMER, day(9))


async def test_one_discount_at_a_time_runs_on_a_customer_and_one_on_each_subscription(shop: Database) -> None:
    await settle(shop, coupon(), discount("dis_1", subscription_id=SUBSCRIPTION), discount("dis_2"))

    async with undone(shop) as session:
        store = working(session).discounts
        assert {key: each.id for key, each in (await store.of_customers([CUSTOMER])).items()} == {CUSTOMER: "dis_2"}
        assert {key: each.id for key, each in (await store.of_subscriptions([SUBSCRIPTION])).items()} == {
            SUBSCRIPTION: "dis_1"
        }
        await store.end("dis_2", START, used_by="inv")
        await store.add(discount("dis_3"))
        assert {key: each.id for key, each in (await store.of_customers([CUSTOMER])).items()} == {CUSTOMER: "dis_3"}
        ended = await store.by_id("dis_2")
        assert ended is not None
        assert (ended.ended_at, ended.used_by) == (START, "inv")


@pytest.mark.parametrize(
    ("status", "total", "bought"),
    [
        (InvoiceStatus.PAID, 1000, True),
        (InvoiceStatus.OPEN, 1000, True),
        (InvoiceStatus.VOID, 1000, False),
        (InvoiceStatus.DRAFT, 1000, False),
        (InvoiceStatus.PAID, 0, False),
    ],
)
async def test_who_was_never_asked_for_money_has_never_bought(
    shop: Database, status: InvoiceStatus, total: int, *, bought: bool
) -> None:
    invoice = InvoiceRow(
        id="inv", environment_id=ENV, customer_id=CUSTOMER, status=status, reason=InvoiceReason.RENEWAL,
        currency="USD", collection_method=CollectionMethod.SEND_INVOICE, total=total, created_at=START,
    )  # fmt: skip
    await settle(shop, invoice)

    async with undone(shop) as session:
        assert await working(session).coupons.bought(CUSTOMER) is bought
