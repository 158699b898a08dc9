"""Money goes back, and invoices are paid by hand. (C5, C7, C14)"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.scenarios import documents
from tests.scenarios.paying import (
    COLLECT,
    MARK_PAID,
    REFUND,
    REMOVE,
    SET_DEFAULT,
    attempts,
    charged,
    invoices,
    method,
    money,
    payer,
)

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told


async def test_money_goes_back_as_far_as_it_came_in(story: Story) -> None:  # C5, C7
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    first = await story.act(REFUND, invoiceId=invoice["id"], amount="4.50", reason="sorry", idempotencyKey="one")
    again = await story.act(REFUND, invoiceId=invoice["id"], amount="4.50", reason="sorry", idempotencyKey="one")
    more = await story.act(REFUND, invoiceId=invoice["id"], amount="5.51")
    rest = await story.act(REFUND, invoiceId=invoice["id"])
    none = await story.act(REFUND, invoiceId=invoice["id"])

    assert first["refund"] == {"status": "SUCCEEDED", "amount": {"amount": "4.50"}, "reason": "sorry"}
    assert again == first | {"replayed": True}
    assert more == {
        "__typename": "RefundTooLarge",
        "code": "REFUND_TOO_LARGE",
        "field": "amount",
        "left": "5.50",
        "currency": "USD",
    }
    assert rest["refund"]["amount"] == {"amount": "5.50"}
    assert rest["invoice"]["status"] == "PAID"
    assert none["code"] == "NOTHING_TO_REFUND"
    assert [kind for _, kind in await money(story)][1:] == ["refund.created", "refund.succeeded"] * 2
    assert sum(each["amount"] for each in await charged(story) if each["kind"] == "REFUND") == 1000


async def test_a_refund_that_fails_leaves_as_much_to_give_back(story: Story) -> None:
    await payer(story, "sandbox_refuses_refunds")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    answer = await story.act(REFUND, invoiceId=invoice["id"])

    assert (answer["refund"]["status"], answer["refund"]["code"]) == ("FAILED", "refund_refused")
    (paid,) = (await invoices(story))[0]["payments"]
    assert (paid["refunded"], paid["refundable"]) == ({"amount": "0.00"}, {"amount": "10.00"})


async def test_refunds_that_race_never_give_back_more_than_came_in(story: Story) -> None:  # C5
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    async def ask() -> Told:
        told: Told = (await story.world.ask(REFUND, input={"invoiceId": invoice["id"], "amount": "3"}))["answer"]
        return told

    answers = await asyncio.gather(*(ask() for _ in range(6)))

    given = [each["__typename"] for each in answers]
    assert (given.count("RefundCreated"), given.count("RefundTooLarge")) == (3, 3)
    assert sum(each["amount"] for each in await charged(story) if each["kind"] == "REFUND") == 900


async def test_what_was_paid_otherwise_is_marked_and_not_collected(story: Story) -> None:
    await payer(story, "sandbox_declines_lost_card")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    answer = await story.act(MARK_PAID, invoiceId=invoice["id"])
    again = await story.act(MARK_PAID, invoiceId=invoice["id"])
    await story.advance("2024-01-20")

    assert (answer["invoice"]["status"], answer["invoice"]["paidOutOfBand"]) == ("PAID", True)
    assert (again["code"], again["__typename"]) == ("INVOICE_NOT_OPEN", "InvoiceNotOpen")
    assert len(await attempts(story)) == 2


async def test_nothing_is_collected_twice_while_a_provider_is_asked(story: Story) -> None:
    await payer(story, "sandbox_settles_late")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    collected = await story.act(COLLECT, invoiceId=invoice["id"])
    marked = await story.act(MARK_PAID, invoiceId=invoice["id"])

    assert [collected["code"], marked["code"]] == ["PAYMENT_IN_PROGRESS"] * 2
    assert len(await charged(story)) == 1


async def test_methods_are_added_chosen_and_removed(story: Story) -> None:
    await story.act(documents.UPSERT, externalId="acme")
    first = (await method(story, "sandbox_succeeds", setDefault=False))["paymentMethod"]
    second = (await method(story, "sandbox_declines_lost_card", setDefault=False))["paymentMethod"]
    ids = {name: id for id, name in story.names.known.items()}
    chosen = await story.act(SET_DEFAULT, id=ids[second["id"]])
    removed = await story.act(REMOVE, id=ids[second["id"]])
    gone = await story.act(SET_DEFAULT, id=ids[second["id"]])
    unknown = await method(story, "visa")
    nobody = await method(story, "sandbox_succeeds", provider="stripe")

    assert first == {"id": "pym1", "provider": "sandbox", "label": "Sandbox: succeeds", "isDefault": True}
    assert (second["isDefault"], chosen["paymentMethod"]["isDefault"]) == (False, True)
    assert removed["paymentMethod"]["removedAt"] == "2024-01-01"
    assert gone["code"] == "PAYMENT_METHOD_GONE"
    assert [(each["code"], each["field"]) for each in (unknown, nobody)] == [
        ("PAYMENT_METHOD_UNKNOWN", "reference"),
        ("PAYMENT_METHOD_UNKNOWN", "provider"),
    ]
    listed = await story.world.ask(
        "query($ref: CustomerRef!) { customer(ref: $ref) { paymentMethods { id isDefault } } }",
        ref={"externalId": "acme"},
    )
    assert listed["customer"]["paymentMethods"] == [{"id": ids["pym1"], "isDefault": True}]
