"""Ends now: the four pairs, what is dropped, and what becomes of what is unpaid. (C6, C7, C11-C14, K1, K7, K9)"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from billing.policies import CancellationMode, SelfServicePolicy
from tests.scenarios.ending_money import add_waiting, bill_as, cancel, customer, kept, use, waiting
from tests.scenarios.metered import take
from tests.scenarios.priced import CATALOG, balance, bills, invoices
from tests.scenarios.story import MONTHLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

FIRST = ("PAID", "10.00", "metered 10.00 2024-01-01 to 2024-02-01")
CREDIT = "metered back -3.23 2024-01-22 to 2024-02-01"
OLDER = "item 4.00 2024-01-05 to 2024-01-08"
NEXT = "ten 10.00 2024-01-22 to 2024-02-22"
USED = "metered used 30 3.00 2024-01-01 to 2024-01-22"
ITEM = "item 5.00"
LIMITED = """
catalog: 1
products: {app: {name: App}}
features:
  calls: {name: Calls, kind: metered, unit: calls}
plans:
  limited:
    name: Limited
    product: app
    kind: paid
    prices: [{currency: usd, every: month, model: flat, amount: 10}]
    entitlements: {calls: {limit: 10, reset: subscription_period}}
"""
PAIRS = list(product((False, True), repeat=2))
CHOICES = ("KEEP_RETRYING", "STOP_COLLECTION", "VOID", "MARK_UNCOLLECTIBLE")


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def full(shop: Story) -> str:
    """A paid month of 10.00, 3.00 of usage, an older proration and an item, on 22 January."""
    await customer(shop, "acme", credit=1000)
    acme = await shop.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-11")
    await use(shop, "acme", 30)
    await add_waiting(shop, acme, "acme")
    await shop.advance("2024-01-22")
    return acme


@pytest.mark.parametrize(
    ("pair", "final", "waits", "following"),
    [
        ((False, False), None, ["ITEM 5.00"], ("OPEN", "15.00", f"{NEXT}; {ITEM}")),
        ((False, True), ("DRAFT", "12.00", f"{OLDER}; {USED}; {ITEM}"), [], ("OPEN", "10.00", NEXT)),
        (
            (True, False),
            None,
            ["CREDIT -3.23", "ITEM 5.00", "PERIOD 4.00", "USAGE 3.00"],
            ("DRAFT", "18.77", f"{CREDIT}; {OLDER}; {NEXT}; {USED}; {ITEM}"),
        ),
        ((True, True), ("DRAFT", "8.77", f"{CREDIT}; {OLDER}; {USED}; {ITEM}"), [], ("OPEN", "10.00", NEXT)),
    ],
)
async def test_the_pair_decides_what_is_dropped_waits_and_is_invoiced(  # C6, C11, C13
    shop: Story,
    pair: tuple[bool, bool],
    final: tuple[str, str, str] | None,
    waits: list[str],
    following: tuple[str, str, str],
) -> None:
    acme = await full(shop)

    answer = await cancel(shop, acme, timing="IMMEDIATE", prorate=pair[0], invoiceNow=pair[1])

    made = [final] if final else []
    told = {"status": final[0], "total": {"amount": final[1]}} if final else None
    assert answer.get("finalInvoice") == told
    assert await bills(shop, "acme") == [FIRST, *made]
    assert await waiting(shop, "acme") == waits
    await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    assert await bills(shop, "acme") == [FIRST, *made, following]


@pytest.mark.parametrize("pair", PAIRS)
async def test_cleared_usage_and_deleted_items_are_gone_first_in_every_row(  # C11, C12
    shop: Story, pair: tuple[bool, bool]
) -> None:
    acme = await full(shop)

    answer = await cancel(
        shop,
        acme,
        timing="IMMEDIATE",
        prorate=pair[0],
        invoiceNow=pair[1],
        clearUsage=True,
        pendingItems="DELETE",
    )

    totals = {(False, True): "4.00", (True, True): "0.77"}
    final = {"status": "OPEN", "total": {"amount": totals[pair]}} if pair in totals else None
    assert answer.get("finalInvoice") == final
    assert await waiting(shop, "acme") == (["CREDIT -3.23", "PERIOD 4.00"] if pair == (True, False) else [])


@pytest.mark.parametrize(("prorate", "total"), [(False, "9.00"), (True, "8.77")])
async def test_a_policy_discards_usage_where_nothing_is_prorated(shop: Story, prorate: bool, total: str) -> None:
    await bill_as(shop, usage_without_proration="DISCARD", usage_grace_minutes=0)
    acme = await full(shop)

    answer = await cancel(shop, acme, timing="IMMEDIATE", prorate=prorate, invoiceNow=True)

    assert answer["finalInvoice"] == {"status": "OPEN", "total": {"amount": total}}
    assert await waiting(shop, "acme") == []


async def test_a_final_invoice_of_less_than_nothing_goes_to_the_balance(shop: Story) -> None:  # C7
    await customer(shop, "acme", credit=1000)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-22")

    answer = await cancel(shop, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)

    assert answer["finalInvoice"] == {"status": "PAID", "total": {"amount": "-3.23"}}
    assert await balance(shop, "acme") == {"USD": "3.23"}


@pytest.mark.parametrize("credit", [0, 1000])
async def test_customers_end_now_with_their_unused_paid_days_credited(shop: Story, credit: int) -> None:
    await shop.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE))
    await customer(shop, "acme", credit=credit)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-22")

    answer = await cancel(shop, acme, key=await shop.token("acme"))

    assert answer["__typename"] == "SubscriptionCanceled"
    (first, *_rest) = await invoices(shop, "acme")
    assert await balance(shop, "acme") == ({"USD": "3.23"} if credit else {})
    assert first["credited"] == {"amount": "0.00" if credit else "3.23"}, "what is unpaid is lowered, not paid out"
    assert first["remaining"] == {"amount": "0.00" if credit else "6.77"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timing", "IMMEDIATE"),
        ("date", "2024-03-01T00:00:00Z"),
        ("cycles", 2),
        ("prorate", True),
        ("invoiceNow", False),
        ("refund", "NONE"),
        ("clearUsage", False),
        ("openInvoices", "VOID"),
        ("pendingItems", "DELETE"),
        ("access", "UNTIL_PAID_THROUGH"),
        ("preset", "STRIPE"),
    ],
)
async def test_customers_say_nothing_of_when_and_of_money(shop: Story, name: str, value: Any) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    token = await shop.token("acme")
    before = await kept(shop)

    answer = await cancel(shop, acme, key=token, **{name: value})

    assert (answer["__typename"], answer["field"]) == ("MerchantOnly", name)
    assert await kept(shop) == before


@pytest.mark.parametrize("choice", CHOICES)
async def test_what_is_unpaid_is_dealt_with_when_the_end_comes(shop: Story, choice: str) -> None:  # C14, K9
    acme = await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-11")
    await use(shop, "acme", 30)
    await cancel(shop, acme, timing="END_OF_PERIOD", openInvoices=choice)
    await shop.advance("2024-01-31")
    assert [bill["status"] for bill in await invoices(shop, "acme")] == ["OPEN"], "until then all goes on"

    await shop.advance(instant(2024, 2, 1, 1))

    status = {"VOID": "VOID", "MARK_UNCOLLECTIBLE": "UNCOLLECTIBLE"}.get(choice, "OPEN")
    final = ("OPEN", "3.00", "metered used 30 3.00 2024-01-01 to 2024-02-01")
    assert await bills(shop, "acme") == [(status, *FIRST[1:]), final], "the final invoice is none of them"
    goes_on = [each["auto_advance"] for each in by_age((await kept(shop))["invoice"])]
    assert goes_on == [choice == "KEEP_RETRYING", True]


@pytest.mark.parametrize("choice", CHOICES)
async def test_a_draft_in_its_grace_is_stopped_voided_or_goes_on(shop: Story, choice: str) -> None:  # C14
    acme = await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(shop, "acme", 30)
    await shop.advance(instant(2024, 2, 1, 0, 30))

    await cancel(shop, acme, timing="IMMEDIATE", openInvoices=choice)
    await shop.advance("2024-02-02")

    draft = {"KEEP_RETRYING": "OPEN", "STOP_COLLECTION": "DRAFT", "VOID": "VOID"}.get(choice, "UNCOLLECTIBLE")
    assert [status for status, *_ in await bills(shop, "acme")][1] == draft
    second = (await invoices(shop, "acme"))[1]
    left = {"OPEN": "13.00", "UNCOLLECTIBLE": "13.00"}.get(draft, "0.00")
    assert (second["remaining"]["amount"], "number" in second) == (left, left == "13.00"), "what is asked is numbered"


async def test_what_is_given_back_of_a_draft_goes_onto_the_draft(shop: Story) -> None:
    acme = await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(shop, "acme", 30)
    await shop.advance(instant(2024, 2, 1, 0, 30))

    answer = await cancel(shop, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True, openInvoices="KEEP_RETRYING")
    await shop.advance("2024-02-02")

    assert answer["finalInvoice"] == {"status": "DRAFT", "total": {"amount": "0.00"}}, "usage of half an hour: none"
    status, total, lines = (await bills(shop, "acme"))[1]
    assert (status, total) == ("OPEN", "3.01"), "10.00 less 9.99, and the usage"
    assert "metered back -9.99 2024-02-01T00:30:00 to 2024-03-01" in lines
    assert await balance(shop, "acme") == {}


async def test_voiding_gives_the_customers_credit_back(shop: Story) -> None:
    await customer(shop, "acme", credit=400)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    assert await balance(shop, "acme") == {"USD": "0.00"}

    await cancel(shop, acme, timing="IMMEDIATE", openInvoices="VOID")

    assert await balance(shop, "acme") == {"USD": "4.00"}
    assert [each["type"] for each in await shop.events("acme")][-3:] == [
        "subscription.canceled",
        "invoice.voided",
        "balance.changed",
    ]


@pytest.mark.parametrize(("credit", "until"), [(1000, "2024-02-01"), (0, None)])
async def test_paid_days_may_be_used_up_after_the_end(shop: Story, credit: int, until: str | None) -> None:  # K1
    await customer(shop, "acme", credit=credit)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-22")

    answer = await cancel(shop, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")

    assert answer.get("subscription", {}).get("accessUntil") == until
    assert (await shop.entitlement("acme", "pages"))["hasAccess"] is (until is not None)
    await shop.jump("2024-02-01")
    assert not (await shop.entitlement("acme", "pages"))["hasAccess"]
    assert [total for _, total, _ in await bills(shop, "acme")] == ["10.00"]


async def test_what_ends_in_its_trial_is_never_invoiced(shop: Story) -> None:
    await customer(shop, "acme")
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY, trialDays=10)
    await shop.advance("2024-01-09")
    await add_waiting(shop, acme, "acme")

    await cancel(shop, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)

    assert await bills(shop, "acme") == []
    assert "ITEM 5.00" in await waiting(shop, "acme")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"timing": "ON_DATE", "date": "2024-03-01T00:00:00Z", "refund": "PRORATED"}, "REFUND_NEEDS_IMMEDIATE_END"),
        ({"timing": "END_OF_PERIOD", "refund": "PRORATED"}, "NOTHING_UNUSED"),
        ({"timing": "IMMEDIATE", "prorate": True, "refund": "LAST_PAYMENT"}, "REFUND_OR_CREDIT"),
        ({"timing": "IMMEDIATE", "prorate": True, "access": "UNTIL_PAID_THROUGH"}, "ACCESS_OR_MONEY"),
        ({"timing": "AFTER_CYCLES", "cycles": 2, "access": "UNTIL_PAID_THROUGH"}, "ACCESS_NEEDS_IMMEDIATE_END"),
        ({"timing": "ON_DATE", "date": "2024-02-10T00:00:00Z", "prorate": False}, "PRORATION_UNAVOIDABLE"),
        ({"timing": "AFTER_CYCLES", "cycles": 0}, "INVALID_INPUT"),
        ({"timing": "AFTER_CYCLES"}, "INVALID_INPUT"),
        ({"timing": "IMMEDIATE", "refund": "LAST_PAYMENT"}, "NOTHING_TO_REFUND"),
        ({}, "INVALID_INPUT"),
    ],
)
async def test_what_excludes_itself_is_refused_and_nothing_is_written(
    shop: Story, asked: dict[str, Any], code: str
) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    before = await kept(shop)

    answer = await cancel(shop, acme, **asked)

    assert answer["code"] == code
    assert await kept(shop) == before
    assert await shop.events("acme") == []


async def test_the_preset_of_stripe_ends_now_and_drops_what_waits(shop: Story) -> None:
    acme = await full(shop)

    answer = await cancel(shop, acme, preset="STRIPE")

    assert answer["effectiveAt"] == "2024-01-22"
    assert "finalInvoice" not in answer
    assert await waiting(shop, "acme") == ["ITEM 5.00"]


def by_age(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort rows as they were made."""
    return sorted(found, key=lambda each: (each["created_at"], each["id"]))


async def test_access_to_the_paid_end_keeps_the_limit_of_the_period(story: Story) -> None:  # K1
    await story.catalog(LIMITED)
    await customer(story, "acme", credit=1000)
    acme = await story.subscribe_also("acme", "limited", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-10")
    await take(story, 8)
    await story.advance("2024-01-12")
    await cancel(story, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")
    await story.advance("2024-01-14")

    granted, denied = await take(story, 2), await take(story, 1)

    assert (granted["used"], granted["resetsAt"]) == ("10", "2024-02-01")
    assert (denied["__typename"], denied["used"]) == ("EntitlementDenied", "10")
    await story.advance("2024-02-01")
    assert (await story.entitlement("acme", "calls"))["reason"] == "SUBSCRIPTION_ENDED"
