"""What a merchant's bookkeeping does by hand: items, invoices, credit. (C7, C11, C14)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import (
    BILL,
    DELETE_ITEM,
    FINALIZE,
    GRANT,
    ITEM,
    dollars,
    entries,
    item,
    known,
    pending,
)
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def test_an_item_waits_for_the_next_invoice_and_is_on_it_once(shop: Story) -> None:  # C11
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")
    await item(shop, "acme", "4.50", "Training")
    await item(shop, "acme", "-1.25", "Sorry", subscriptionId=acme)
    assert await pending(shop, "acme") == [("Training", "4.50"), ("Sorry", "-1.25")]

    await shop.advance("2024-03-02")

    assert await pending(shop, "acme") == []
    assert [(status, total) for status, total, _ in await bills(shop, "acme")] == [
        ("OPEN", "10.00"),
        ("OPEN", "13.25"),
        ("OPEN", "10.00"),
    ]


async def test_an_item_is_deleted_while_it_waits_and_not_when_it_is_billed(shop: Story) -> None:  # C11
    acme = await known(shop, "acme")
    first, second = await item(shop, "acme", "5.00"), await item(shop, "acme", "6.00")

    assert await shop.act(DELETE_ITEM, id=first) == {"__typename": "InvoiceItemDeleted", "id": shop.names.of(first)}
    assert await pending(shop, "acme") == [("Training", "6.00")]
    gone = {"__typename": "NotFound", "code": "NOT_FOUND", "field": "id"}
    assert await shop.act(DELETE_ITEM, id=first) == gone

    made = await shop.act(BILL, customer=acme, currency="USD", autoAdvance=False)
    assert (made["invoice"]["status"], made["invoice"]["total"]) == ("DRAFT", {"amount": "6.00"})
    refused = {"__typename": "InvoiceItemBilled", "code": "INVOICE_ITEM_BILLED", "field": "id"}
    assert await shop.act(DELETE_ITEM, id=second) == refused | {"invoiceId": made["invoice"]["id"]}


async def test_a_draft_waits_for_being_finalized_and_is_final_once(shop: Story) -> None:  # C14
    acme = await known(shop, "acme")
    lines = [{"amount": "20.00", "description": "Setup"}, {"amount": "0.01", "description": "Stamp"}]
    drafted = await shop.world.ask(
        BILL, input={"customer": acme, "currency": "usd", "lines": lines, "autoAdvance": False}
    )
    draft = drafted["answer"]["invoice"]["id"]
    await shop.advance("2024-02-01")
    assert await bills(shop, "acme") == [("DRAFT", "20.01", "item 20.00; item 0.01")]

    final = (await shop.act(FINALIZE, invoiceId=draft))["invoice"]

    assert (final["status"], final["number"], final["remaining"]) == ("OPEN", "INV-000001", {"amount": "20.01"})
    refused = {"__typename": "InvoiceNotDraft", "code": "INVOICE_NOT_DRAFT", "field": "invoiceId"}
    assert await shop.act(FINALIZE, invoiceId=draft) == refused | {"invoiceStatus": "OPEN"}


async def test_an_invoice_by_hand_takes_what_no_live_subscription_will(shop: Story) -> None:  # C11
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await item(shop, "acme", "3.00", "Own")
    await item(shop, "acme", "4.00", "Of the subscription", subscriptionId=acme)
    named: dict[str, Any] = {"customer": {"externalId": "acme"}, "currency": "USD"}

    await shop.act(BILL, **named)
    assert await pending(shop, "acme") == [("Of the subscription", "4.00")]
    nothing = {"__typename": "NothingToInvoice", "code": "NOTHING_TO_INVOICE", "field": "lines"}
    assert await shop.act(BILL, **named) == nothing
    await shop.act(BILL, **named, subscriptionId=acme)

    assert (await bills(shop, "acme"))[1:] == [("OPEN", "3.00", "item 3.00"), ("OPEN", "4.00", "item 4.00")]


async def test_lines_that_are_given_leave_what_waits_alone(shop: Story) -> None:
    acme = await known(shop, "acme")
    await item(shop, "acme", "3.00", "Waits")

    await shop.act(BILL, customer=acme, currency="USD", lines=[{"amount": "8.00", "description": "Given"}])

    assert await pending(shop, "acme") == [("Waits", "3.00")]
    assert await bills(shop, "acme") == [("OPEN", "8.00", "item 8.00")]


async def test_credit_is_spent_by_the_next_invoices_and_every_movement_has_its_invoice(shop: Story) -> None:  # C7
    acme = await known(shop, "acme")
    granted = await shop.act(GRANT, customer=acme, amount=dollars("12.00"), note="Sorry")
    entry = {"kind": "GRANT", "amount": {"amount": "12.00"}, "balance": {"amount": "12.00"}}
    assert granted == {"__typename": "CreditGranted", "entry": entry}

    await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-02-02")
    await shop.act(BILL, customer=acme, currency="USD", lines=[{"amount": "-7.00", "description": "Back"}])

    assert await entries(shop, "acme") == [
        ("GRANT", "12.00", "12.00"),
        ("APPLIED", "-10.00", "2.00"),
        ("APPLIED", "-2.00", "0.00"),
        ("NEGATIVE_INVOICE", "7.00", "7.00"),
    ]
    assert await balance(shop, "acme") == {"USD": "7.00"}
    assert [(status, total) for status, total, _ in await bills(shop, "acme")] == [
        ("PAID", "10.00"),
        ("OPEN", "10.00"),
        ("PAID", "-7.00"),
    ]


async def test_another_currency_than_the_subscriptions_is_refused(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    of: dict[str, Any] = {"customer": {"externalId": "acme"}, "subscriptionId": acme}
    refused = {"__typename": "CurrencyMismatch", "code": "CURRENCY_MISMATCH", "currency": "USD"}

    euro = {"amount": "1.00", "currency": "EUR"}
    assert await shop.act(ITEM, **of, description="Fee", amount=euro) == refused | {"field": "amount"}
    lines = [{"amount": "1.00", "description": "Fee"}]
    assert await shop.act(BILL, **of, currency="EUR", lines=lines) == refused | {"field": "currency"}
    assert await pending(shop, "acme") == []


@pytest.mark.parametrize("amount", ["0.00", "0", "0.001", "10000000000.01", "-10000000000.01", "9" * 19])
async def test_an_amount_is_neither_nothing_nor_absurd_nor_finer_than_its_currency(shop: Story, amount: str) -> None:
    acme = await known(shop, "acme")
    refused = {"__typename": "AmountOutOfRange", "code": "AMOUNT_OUT_OF_RANGE", "field": "amount.amount"}

    assert await shop.act(ITEM, customer=acme, amount=dollars(amount), description="Fee") == refused
    assert await shop.act(GRANT, customer=acme, amount=dollars(amount)) == refused
    lines = [{"amount": amount, "description": "Fee"}]
    billed = await shop.act(BILL, customer=acme, currency="USD", lines=lines)
    assert billed == refused | {"field": "lines.amount"}
    assert (await pending(shop, "acme"), await bills(shop, "acme"), await entries(shop, "acme")) == ([], [], [])


async def test_a_negative_grant_and_an_item_of_what_has_ended_are_refused(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    named: dict[str, Any] = {"customer": {"externalId": "acme"}}

    granted = await shop.act(GRANT, **named, amount=dollars("-1.00"))
    assert granted == {"__typename": "AmountOutOfRange", "code": "AMOUNT_OUT_OF_RANGE", "field": "amount.amount"}
    ended = await shop.act(ITEM, **named, subscriptionId=acme, amount=dollars("1.00"), description="Fee")
    assert ended == {"__typename": "SubscriptionEnded", "code": "SUBSCRIPTION_ENDED", "field": "subscriptionId"}
    assert await pending(shop, "acme") == []
