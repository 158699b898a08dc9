"""Money goes back, and invoices are paid by hand. (C5, C7, C14)"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from billing.money import Money
from billing.ports import Asked, Outcome, RefundAsked
from plangate.gateways.sandbox import SandboxGateway
from tests.scenarios import documents
from tests.scenarios.bookkeeping import GRANT, NOTE, entries
from tests.scenarios.ending_money import cancel
from tests.scenarios.paying import (
    COLLECT,
    MARK_PAID,
    PAY_OUT,
    REFUND,
    REMOVE,
    SET_DEFAULT,
    attempts,
    charged,
    invoices,
    method,
    money,
    notes,
    payer,
    payment,
)
from tests.scenarios.priced import balance
from tests.scenarios.story import instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME = {"externalId": "acme"}


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
    assert await notes(story) == [("10.00", "0.00", "10.00")], "what could not go back is the customer's credit"
    assert (await story.act(REFUND, invoiceId=invoice["id"]))["code"] == "NOTHING_TO_REFUND"

    out = await story.act(PAY_OUT, customer=ACME, currency="USD")

    assert [each["status"] for each in out["refunds"]] == ["FAILED"]
    assert await balance(story, "acme") == {"USD": "10.00"}
    assert [kind for kind, *_ in await entries(story, "acme")] == ["CREDIT_NOTE", "REFUND", "REFUND"]


async def test_what_was_paid_back_or_credited_is_not_given_again_in_another_way(story: Story) -> None:  # C7
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)

    await story.act(REFUND, invoiceId=invoice["id"], amount="4.00")
    too_much = await story.act(NOTE, invoiceId=invoice["id"], to="BALANCE", amount="6.01")
    await story.act(NOTE, invoiceId=invoice["id"], to="BALANCE", amount="5.00")
    left = await story.act(REFUND, invoiceId=invoice["id"], amount="1.01")
    await story.act(REFUND, invoiceId=invoice["id"], amount="1.00")
    await cancel(story, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)

    assert (too_much["code"], too_much["left"]) == ("CREDIT_TOO_LARGE", "6.00")
    assert (left["code"], left["left"]) == ("REFUND_TOO_LARGE", "1.00")
    assert await notes(story) == [("4.00", "4.00", "0.00"), ("5.00", "0.00", "5.00"), ("1.00", "1.00", "0.00")]
    assert await balance(story, "acme") == {"USD": "5.00"}, "of 10.00 paid, 5.00 went back and 5.00 is credit"

    out = await story.act(PAY_OUT, customer=ACME, currency="USD")
    (paid,) = (await invoices(story))[0]["payments"]
    assert (out["refunds"][0]["amount"], out["balance"]) == ({"amount": "5.00"}, {"amount": "0.00"})
    assert (paid["refunded"], await balance(story, "acme")) == ({"amount": "10.00"}, {"USD": "0.00"})


async def test_what_a_bank_took_back_is_not_given_back_again(story: Story) -> None:  # C10
    acme = await payer(story, "sandbox_disputed_partly")
    await story.advance("2024-01-03")
    (invoice,) = await invoices(story)

    await cancel(story, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)
    refunded = await story.act(REFUND, invoiceId=invoice["id"])

    assert await notes(story) == [("5.00", "5.00", "0.00")], "half of what was asked is back by the bank"
    assert await balance(story, "acme") == {"USD": "5.00"}, "and no more than the other half is credited"
    assert (refunded["code"], refunded["field"]) == ("NOTHING_TO_REFUND", "invoiceId")


async def test_credit_is_paid_out_to_the_newest_payment_first_and_once(story: Story) -> None:  # C7
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-02-02")
    await story.act(GRANT, customer=ACME, amount={"amount": "30.00", "currency": "USD"})
    asked = {"customer": ACME, "currency": "USD", "amount": "15.00"}

    whole = await story.act(PAY_OUT, customer=ACME, currency="USD")
    none = await story.act(PAY_OUT, customer=ACME, currency="EUR")
    answers = await asyncio.gather(*(story.world.ask(PAY_OUT, input=asked) for _ in range(3)))

    assert (whole["code"], whole["left"], none["code"]) == ("REFUND_TOO_LARGE", "20.00", "NOTHING_TO_REFUND")
    kinds = sorted(each["answer"]["__typename"] for each in answers)
    assert kinds == ["CreditBalanceRefunded", "RefundTooLarge", "RefundTooLarge"]
    (first,), (second,) = [each["payments"] for each in await invoices(story)]
    assert (first["refunded"], second["refunded"]) == ({"amount": "5.00"}, {"amount": "10.00"})
    assert await balance(story, "acme") == {"USD": "15.00"}
    assert sum(each["amount"] for each in await charged(story) if each["kind"] == "REFUND") == 1500


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


async def test_what_settled_late_can_go_back(story: Story) -> None:
    await payer(story, "sandbox_settles_late")
    await story.advance("2024-01-05")
    (late,) = await invoices(story)

    back = await story.act(REFUND, invoiceId=late["id"], amount="4.00")

    assert back["refund"] == {"status": "SUCCEEDED", "amount": {"amount": "4.00"}}


async def test_the_sandbox_gives_nothing_back_that_the_bank_took_by_then(story: Story) -> None:
    await payer(story, "sandbox_disputed_partly")
    await story.advance(instant(2024, 1, 1, 1))
    environment, charge = story.world.places["main"].environment.id, await payment(story)
    gateway = SandboxGateway(story.world.database)

    def asked(key: str, day: int) -> RefundAsked:
        return RefundAsked(Asked(environment, key, instant(2024, 1, day)), charge, Money(501, "USD"))

    refused = await gateway.refund(asked("rfd_later", 3))
    given = await gateway.refund(asked("rfd_earlier", 1))

    assert (refused.outcome, refused.code) == (Outcome.FAILED, "more_than_charged")
    assert given.outcome is Outcome.SUCCEEDED


async def test_credit_that_is_paid_out_reads_no_more_payments_than_bear_it(story: Story) -> None:  # C7
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-04-10")
    customer, context = await story.customer_id("acme"), await story.world.context()

    async with context.read() as read:
        found = {upto: await read.payments.newest_refundable(customer, "USD", upto) for upto in (1000, 1001, 9000)}

    assert {upto: len(each) for upto, each in found.items()} == {1000: 1, 1001: 2, 9000: 4}
    assert found[1000][0].settled_at == max(each.settled_at for each in found[9000] if each.settled_at)
