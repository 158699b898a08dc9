"""Whoever voids an invoice, the same goes back, once, and the subscription goes on. (C1, C2, C7, K9)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import GIVE_UP, GRANT, ITEM, NOTE, VOID, dollars, entries, invoice_ids, known
from tests.scenarios.couponed import coupon, give
from tests.scenarios.ending_money import bill_as, cancel
from tests.scenarios.paying import PAUSE, payer
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

USD: dict[str, Any] = {"currency": "USD", "interval": MONTHLY}


async def test_every_way_to_void_gives_back_what_credits_had_brought(story: Story) -> None:  # C1, K9
    await story.catalog(CATALOG)
    for name in ("paused", "ended", "asked"):
        customer = await known(story, name)
        await story.act(GRANT, customer=customer, amount=dollars("10.00"))
    made = {name: await story.subscribe_also(name, "ten", **USD) for name in ("paused", "ended", "asked")}
    await story.advance("2024-01-16T12:00:00Z")
    await story.act(PAUSE, subscriptionId=made["paused"], behavior="VOID")
    for each in made.values():
        await story.act(documents.CHANGE, subscriptionId=each, planId="thirty")

    await cancel(story, made["ended"], timing="IMMEDIATE", openInvoices="VOID")
    _, (second, _) = await invoice_ids(story, "asked")
    await story.act(VOID, invoiceId=second)

    for name in made:
        assert (await bills(story, name))[1][:2] == ("VOID", "10.00"), name
        assert (await entries(story, name))[-1] == ("UNAPPLIED", "5.00", "5.00"), name
        told = [each["type"] for each in await story.events(name)]
        assert told[-2:] == ["invoice.voided", "balance.changed"], name


@pytest.mark.parametrize("act", [VOID, GIVE_UP, NOTE])
async def test_who_is_past_due_goes_on_once_nothing_that_failed_is_left(story: Story, act: str) -> None:  # C2
    await bill_as(story, dunning={"retry_days": [1], "after": "LEAVE_PAST_DUE"})
    acme = await payer(story, "sandbox_declines_lost_card")
    await story.advance("2024-02-01T12:00:00Z")
    assert (await story.subscription(acme))["status"] == "PAST_DUE"
    found = [invoice for invoice, _ in await invoice_ids(story, "acme")]
    more = {"to": "BALANCE"} if act == NOTE else {}

    standing: list[str] = []
    for invoice in found:
        await story.act(act, invoiceId=invoice, **more)
        standing.append((await story.subscription(acme))["status"])

    assert standing == ["PAST_DUE", "ACTIVE"]


async def test_a_discount_for_once_comes_back_unless_another_line_carries_it(story: Story) -> None:
    await story.catalog(CATALOG)
    await coupon(story, "welcome", duration="ONCE")
    await story.subscribe("acme", "ten", **USD, couponId="welcome")
    carried = await story.subscribe("other", "ten", **USD, couponId="welcome")
    await story.advance("2024-01-16T12:00:00Z")
    await story.act(documents.CHANGE, subscriptionId=carried, planId="thirty")
    for name in ("acme", "other"):
        await story.act(VOID, invoiceId=(await invoice_ids(story, name))[0][0])

    await story.advance("2024-03-02")

    assert [bill[:2] for bill in await bills(story, "acme")] == [("VOID", "8.00"), ("OPEN", "8.00"), ("OPEN", "10.00")]
    assert [total for _, total, _ in await bills(story, "other")] == ["8.00", "12.00", "30.00", "30.00"]
    told = [each["type"] for each in await story.events("acme") if each["type"].startswith("discount.")]
    assert told == ["discount.came_back", "discount.ended"]
    assert await balance(story, "other") == {}


async def test_an_invoice_that_a_credit_note_lowers_to_nothing_gives_a_discount_for_once_back(story: Story) -> None:
    await story.catalog(CATALOG)
    customer = await known(story, "acme")
    await coupon(story, "half", percentOff="50", duration="ONCE")
    await give(story, couponId="half", customer=customer)
    acme = await story.subscribe_also("acme", "ten", **USD)

    await cancel(story, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)
    await story.subscribe_also("acme", "twenty", **USD)

    assert [bill[:2] for bill in await bills(story, "acme")] == [("VOID", "5.00"), ("OPEN", "10.00")]


async def test_items_that_an_end_deletes_are_told_of(story: Story) -> None:  # C11
    await story.catalog(CATALOG)
    customer = await known(story, "acme")
    acme = await story.subscribe_also("acme", "ten", **USD)
    await story.act(ITEM, customer=customer, amount=dollars("4.00"), description="Setup")

    await cancel(story, acme, timing="IMMEDIATE", pendingItems="DELETE")

    kinds = [each["type"] for each in await story.events("acme")]
    assert [kind for kind in kinds if kind.startswith("invoice_item")] == [
        "invoice_item.created",
        "invoice_item.deleted",
    ]
