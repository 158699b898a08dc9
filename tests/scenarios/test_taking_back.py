"""Taking final invoices back: void, given up, and by credit notes. (C7, C11, C17)"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import (
    BILL,
    FINALIZE,
    GIVE_UP,
    GRANT,
    NOTE,
    VOID,
    dollars,
    entries,
    invoice_ids,
    known,
    noted,
)
from tests.scenarios.priced import CATALOG, balance, bills, invoices
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def test_voiding_gives_the_credit_back_and_leaves_nothing_to_pay(shop: Story) -> None:  # C7
    acme = await known(shop, "acme")
    await shop.act(GRANT, customer=acme, amount=dollars("4.00"))
    await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    ((invoice, _),) = await invoice_ids(shop, "acme")

    voided = (await shop.act(VOID, invoiceId=invoice))["invoice"]

    assert (voided["status"], voided["remaining"], voided["balanceApplied"]) == (
        "VOID",
        {"amount": "0.00"},
        {"amount": "4.00"},
    )
    assert await entries(shop, "acme") == [
        ("GRANT", "4.00", "4.00"),
        ("APPLIED", "-4.00", "0.00"),
        ("UNAPPLIED", "4.00", "4.00"),
    ]
    told = [each["type"] for each in await shop.events("acme")][-2:]
    assert told == ["invoice.voided", "balance.changed"]
    refused = {"__typename": "InvoiceCannotMove", "code": "INVOICE_CANNOT_MOVE", "field": "invoiceId"}
    assert await shop.act(VOID, invoiceId=invoice) == refused | {"invoiceStatus": "VOID", "paid": "0.00"}


async def test_time_of_a_voided_invoice_is_neither_due_again_nor_given_back(shop: Story) -> None:  # C17
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    ((invoice, _),) = await invoice_ids(shop, "acme")
    await shop.act(VOID, invoiceId=invoice)
    await shop.advance("2024-01-16T12:00:00Z")

    await shop.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    await shop.advance("2024-02-02")

    assert await bills(shop, "acme") == [
        ("VOID", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "15.00", "thirty 15.00 2024-01-16T12:00:00 to 2024-02-01"),
        ("OPEN", "30.00", "thirty 30.00 2024-02-01 to 2024-03-01"),
    ]
    assert await balance(shop, "acme") == {}


async def test_what_a_voided_invoice_gave_back_of_others_goes_to_the_balance(shop: Story) -> None:  # C7
    acme = await known(shop, "acme")
    await shop.act(GRANT, customer=acme, amount=dollars("10.00"))
    made = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-16T12:00:00Z")
    await shop.act(documents.CHANGE, subscriptionId=made, planId="thirty")
    _, (second, _) = await invoice_ids(shop, "acme")
    assert (await bills(shop, "acme"))[1][:2] == ("OPEN", "10.00")

    await shop.act(VOID, invoiceId=second)

    assert (await bills(shop, "acme"))[1][:2] == ("VOID", "10.00")
    assert (await entries(shop, "acme"))[-1] == ("UNAPPLIED", "5.00", "5.00")


async def test_a_draft_is_voided_without_a_number_and_what_was_paid_is_not(shop: Story) -> None:
    acme = await known(shop, "acme")
    lines = [{"amount": "5.00", "description": "Fee"}]
    asked: dict[str, Any] = {"customer": acme, "currency": "USD", "lines": lines}
    await shop.act(BILL, **asked, autoAdvance=False)
    await shop.act(GRANT, customer=acme, amount=dollars("5.00"))
    await shop.act(BILL, **asked)
    (draft, _), (paid, _) = await invoice_ids(shop, "acme")
    refused = {"__typename": "InvoiceCannotMove", "code": "INVOICE_CANNOT_MOVE", "field": "invoiceId", "paid": "0.00"}

    assert await shop.act(GIVE_UP, invoiceId=draft) == refused | {"invoiceStatus": "DRAFT"}
    for act in (VOID, GIVE_UP):
        assert await shop.act(act, invoiceId=paid) == refused | {"invoiceStatus": "PAID"}
    not_final = {"__typename": "InvoiceNotFinal", "code": "INVOICE_NOT_FINAL", "field": "invoiceId"}
    assert await shop.act(NOTE, invoiceId=draft, to="BALANCE") == not_final | {"invoiceStatus": "DRAFT"}
    assert (await shop.act(VOID, invoiceId=draft))["invoice"]["status"] == "VOID"
    assert [status for status, _, _ in await bills(shop, "acme")] == ["VOID", "PAID"]
    assert await balance(shop, "acme") == {"USD": "0.00"}
    node = await shop.world.ask("query($id: ID!) { node(id: $id) { ... on Invoice { status number } } }", id=draft)
    assert node["node"] == {"status": "VOID", "number": None}


async def test_an_invoice_that_was_given_up_asks_on_and_can_be_voided(shop: Story) -> None:
    await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    ((invoice, _),) = await invoice_ids(shop, "acme")

    given_up = (await shop.act(GIVE_UP, invoiceId=invoice))["invoice"]
    assert (given_up["status"], given_up["remaining"], given_up["autoAdvance"]) == (
        "UNCOLLECTIBLE",
        {"amount": "10.00"},
        False,
    )
    assert (await shop.act(GIVE_UP, invoiceId=invoice))["code"] == "INVOICE_CANNOT_MOVE"
    assert (await shop.act(VOID, invoiceId=invoice))["invoice"]["status"] == "VOID"


async def test_a_credit_note_lowers_what_is_unpaid_and_gives_the_rest_back(shop: Story) -> None:  # C7
    acme = await known(shop, "acme")
    await shop.act(GRANT, customer=acme, amount=dollars("6.00"))
    lines = [{"amount": "8.00", "description": "Fee"}, {"amount": "2.00", "description": "Stamp"}]
    await shop.act(BILL, customer=acme, currency="USD", lines=lines)
    ((invoice, (fee, stamp)),) = await invoice_ids(shop, "acme")

    assert await noted(shop, invoiceId=invoice, lines=[{"lineId": stamp}]) == ("2.00", "0.00", "2.00", "0.00", "0.00")
    part = [{"lineId": fee, "amount": "3.00"}]
    assert await noted(shop, invoiceId=invoice, lines=part) == ("3.00", "0.00", "2.00", "1.00", "0.00")
    assert (await bills(shop, "acme"))[0][0] == "PAID"
    otherwise = await noted(shop, invoiceId=invoice, amount="1.50", to="OUT_OF_BAND", reason="Cash")
    assert otherwise == ("1.50", "0.00", "0.00", "0.00", "1.50")
    assert await noted(shop, invoiceId=invoice) == ("3.50", "0.00", "0.00", "3.50", "0.00")

    refused = {"__typename": "CreditTooLarge", "code": "CREDIT_TOO_LARGE", "left": "0.00", "currency": "USD"}
    assert await shop.act(NOTE, invoiceId=invoice, to="BALANCE", amount="0.01") == refused | {"field": "amount"}
    again = await shop.act(NOTE, invoiceId=invoice, to="BALANCE", lines=[{"lineId": fee}])
    assert again == refused | {"field": "lines"}
    assert await balance(shop, "acme") == {"USD": "4.50"}
    told = [each["type"] for each in await shop.events("acme")]
    assert (told.count("credit_note.created"), told.count("invoice.paid")) == (4, 1)


async def test_more_than_is_left_of_a_line_or_of_the_invoice_is_refused(shop: Story) -> None:
    acme = await known(shop, "acme")
    lines = [{"amount": "8.00", "description": "Fee"}, {"amount": "-3.00", "description": "Off"}]
    await shop.act(BILL, customer=acme, currency="USD", lines=lines)
    ((invoice, (fee, off)),) = await invoice_ids(shop, "acme")
    too_large = {"__typename": "CreditTooLarge", "code": "CREDIT_TOO_LARGE", "currency": "USD"}

    async def refused(**asked: Any) -> Any:
        return await shop.act(NOTE, invoiceId=invoice, to="BALANCE", **asked)

    assert await refused(amount="5.01") == too_large | {"field": "amount", "left": "5.00"}
    assert await refused(lines=[{"lineId": fee, "amount": "8.01"}]) == too_large | {"field": "lines", "left": "8.00"}
    assert await refused(lines=[{"lineId": fee, "amount": "5.01"}]) == too_large | {"field": "lines", "left": "5.00"}
    assert await refused(lines=[{"lineId": off}]) == too_large | {"field": "lines", "left": "0.00"}
    twice = await refused(lines=[{"lineId": fee, "amount": "1.00"}, {"lineId": fee, "amount": "1.00"}])
    assert twice == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "lines"}
    both = await refused(amount="1.00", lines=[{"lineId": fee}])
    assert both == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "amount"}
    (only,) = await invoices(shop, "acme")
    assert (only["remaining"], only.get("creditNotes")) == ({"amount": "5.00"}, None)


async def test_tax_goes_back_by_the_lines_own_share_and_all_of_it_in_the_end(shop: Story) -> None:
    acme = await known(shop, "acme")
    await taxed(shop)
    lines = [{"amount": "9.99", "description": "Fee"}, {"amount": "0.51", "description": "Stamp"}]
    await shop.act(BILL, customer=acme, currency="USD", lines=lines)
    ((invoice, _),) = await invoice_ids(shop, "acme")
    assert (await bills(shop, "acme"))[0][:2] == ("OPEN", "12.50")

    given = [await noted(shop, invoiceId=invoice, amount=amount) for amount in ("5.00", "0.01", "7.49")]

    assert [total for total, *_ in given] == ["5.00", "0.01", "7.49"]
    assert sum(Decimal(tax) for _, tax, *_ in given) == Decimal("2.00")
    assert (await bills(shop, "acme"))[0][0] == "VOID"


async def test_a_change_after_a_credit_note_gives_back_no_more_than_is_left_of_the_line(shop: Story) -> None:  # C17
    acme = await known(shop, "acme")
    await shop.act(GRANT, customer=acme, amount=dollars("10.00"))
    made = await shop.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    ((invoice, (line,)),) = await invoice_ids(shop, "acme")
    await noted(shop, invoiceId=invoice, lines=[{"lineId": line, "amount": "8.00"}], to="OUT_OF_BAND")
    await shop.advance("2024-01-16T12:00:00Z")

    await shop.act(documents.CHANGE, subscriptionId=made, planId="thirty")

    assert (await bills(shop, "acme"))[1:] == [
        (
            "OPEN",
            "13.00",
            "ten back -2.00 2024-01-16T12:00:00 to 2024-02-01; thirty 15.00 2024-01-16T12:00:00 to 2024-02-01",
        )
    ]


async def test_credit_notes_at_once_give_back_no_more_than_there_is(shop: Story) -> None:
    acme = await known(shop, "acme")
    await shop.act(GRANT, customer=acme, amount=dollars("10.00"))
    await shop.act(BILL, customer=acme, currency="USD", lines=[{"amount": "10.00", "description": "Fee"}])
    ((invoice, _),) = await invoice_ids(shop, "acme")
    asked = {"invoiceId": invoice, "to": "BALANCE", "amount": "3.00"}

    answers = await asyncio.gather(*(shop.world.ask(NOTE, input=asked) for _ in range(6)))

    kinds = [each["answer"]["__typename"] for each in answers]
    assert (kinds.count("CreditNoteCreated"), kinds.count("CreditTooLarge")) == (3, 3)
    assert await balance(shop, "acme") == {"USD": "9.00"}


async def test_a_draft_that_was_finalized_is_numbered_after_those_before_it(shop: Story) -> None:
    acme = await known(shop, "acme")
    lines = [{"amount": "1.00", "description": "Fee"}]
    await shop.act(BILL, customer=acme, currency="USD", lines=lines, autoAdvance=False)
    await shop.act(BILL, customer=acme, currency="USD", lines=lines)
    (draft, _), _ = await invoice_ids(shop, "acme")

    assert (await shop.act(FINALIZE, invoiceId=draft))["invoice"]["number"] == "INV-000002"


async def taxed(shop: Story) -> None:
    """Let everybody pay 19 percent on top."""
    context = await shop.world.context()
    billing = {"taxes": [{"rate": "19", "name": "VAT"}]}
    await context.worked(lambda work: work.environments.update(context.env.id, {"billing": billing}))
