"""What goes back to who ends a subscription: of what was paid, once, and never more. (C5, C7, K7, K14)"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.scenarios import cancelling_many, documents
from tests.scenarios.bookkeeping import GRANT, dollars, known
from tests.scenarios.cancelling_many import became, run
from tests.scenarios.couponed import coupon, give
from tests.scenarios.ending_money import CANCEL, bill_as, cancel, kept
from tests.scenarios.paying import REFUND, charged, invoices, method, notes, payer
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.scheduling import CREATE
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

PAY_BACK: dict[str, Any] = {"timing": "IMMEDIATE", "refund": "PRORATED"}
LAST: dict[str, Any] = {"refund": "LAST_PAYMENT"}


def went(answer: Told) -> list[tuple[str, str]]:
    """How the refunds of a cancellation stand, and of how much they are."""
    return [(each["status"], each["amount"]["amount"]) for each in answer.get("refunds", [])]


async def test_the_unused_part_of_what_was_paid_goes_back_to_where_it_came_from(story: Story) -> None:  # C5
    await story.catalog(CATALOG)
    await bill_as(story, taxes=[{"rate": "25", "name": "VAT"}])
    await coupon(story, "half", percentOff="50")
    made: dict[str, str] = {}
    for name in ("plain", "discounted", "partly", "credited", "refused", "unpaid"):
        customer = await known(story, name)
        if name == "credited":
            await story.act(GRANT, customer=customer, amount=dollars("10.00"))
        if name == "discounted":
            await give(story, couponId="half", customer=customer)
        if name != "unpaid":
            await method(story, "sandbox_refuses_refunds" if name == "refused" else "sandbox_succeeds", name)
        made[name] = await story.subscribe_also(name, "thirty", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-16T12:00:00Z")
    await story.act(REFUND, invoiceId=(await invoices(story, "partly"))[0]["id"], amount="30.00")
    await bill_as(story)

    told = {name: went(await cancel(story, each, **PAY_BACK)) for name, each in made.items()}

    assert told == {
        "plain": [("SUCCEEDED", "18.75")],
        "discounted": [("SUCCEEDED", "9.38")],
        "partly": [("SUCCEEDED", "7.50")],
        "credited": [("SUCCEEDED", "18.75")],
        "refused": [("FAILED", "18.75")],
        "unpaid": [],
    }
    assert {name: await balance(story, name) for name in made} == {
        **{name: {} for name in ("plain", "discounted", "partly", "unpaid")},
        "credited": {"USD": "0.00"},
        "refused": {"USD": "18.75"},
    }
    assert {name: (await notes(story, name))[-1] for name in made} == {
        "plain": ("18.75", "18.75", "0.00"),
        "discounted": ("9.38", "9.38", "0.00"),
        "partly": ("7.50", "7.50", "0.00"),
        "credited": ("18.75", "18.75", "0.00"),
        "refused": ("18.75", "0.00", "18.75"),
        "unpaid": ("18.75", "0.00", "0.00"),
    }
    assert [status for status, *_ in await bills(story, "plain")] == ["PAID"], "nothing more is invoiced (K7)"


async def test_what_credit_had_paid_becomes_credit_where_the_payment_has_it_not(story: Story) -> None:  # C5, C7
    await story.catalog(CATALOG)
    await story.act(GRANT, customer=await known(story, "acme"), amount=dollars("8.00"))
    await method(story, "sandbox_succeeds")
    acme = await story.subscribe_also("acme", "ten", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-16T12:00:00Z")

    assert went(await cancel(story, acme, **PAY_BACK)) == [("SUCCEEDED", "2.00")]
    assert await notes(story) == [("5.00", "2.00", "3.00")]
    assert await balance(story, "acme") == {"USD": "3.00"}


async def test_the_last_payment_goes_back_less_what_went_before(story: Story) -> None:  # C5
    made = {name: await payer(story, "sandbox_succeeds", name) for name in ("whole", "rest", "none")}
    await story.advance("2024-02-10")
    for name, amount in (("rest", "4.00"), ("none", "10.00")):
        await story.act(REFUND, invoiceId=(await invoices(story, name))[1]["id"], amount=amount)
    before = await kept(story)

    refused = await cancel(story, made.pop("none"), timing="IMMEDIATE", **LAST)
    assert (refused["code"], refused["field"]) == ("NOTHING_TO_REFUND", "refund")
    assert await kept(story) == before

    told = {name: went(await cancel(story, each, timing="IMMEDIATE", **LAST)) for name, each in made.items()}
    assert told == {"whole": [("SUCCEEDED", "10.00")], "rest": [("SUCCEEDED", "6.00")]}
    assert [await balance(story, name) for name in ("whole", "rest")] == [{}, {}]


async def test_an_end_for_which_money_went_back_stands_and_pays_once(story: Story) -> None:  # K14, C5
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-10")

    first = await cancel(story, acme, timing="END_OF_PERIOD", **LAST)
    again = await cancel(story, acme, timing="END_OF_PERIOD", **LAST)
    other = await cancel(story, acme, timing="END_OF_PERIOD", clearUsage=True)
    later = await cancel(story, acme, timing="AFTER_CYCLES", cycles=3)
    undone = await story.act(documents.UNDO, subscriptionId=acme)
    changed = await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty", undoCancellation=True)

    assert [went(each) for each in (first, again, other)] == [[("SUCCEEDED", "10.00")], [], []]
    assert [each["code"] for each in (later, undone, changed)] == ["REFUND_ALREADY_MADE"] * 3
    assert "UNDO_CANCELLATION" not in await story.open_to(acme, "MERCHANT")
    assert (await story.entitlement("acme", "pages"))["hasAccess"]
    await story.advance("2024-02-02")
    assert (await story.subscription(acme))["status"] == "CANCELED"
    assert await notes(story) == [("10.00", "10.00", "0.00")]
    assert [bill[:2] for bill in await bills(story, "acme")] == [("PAID", "10.00")]


async def test_neither_a_job_nor_a_schedule_undoes_an_end_for_which_money_went_back(story: Story) -> None:  # K13, K14
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-11")
    job = await run(story, timing="END_OF_PERIOD", **LAST, subscriptions={"ids": [acme]})
    before = await kept(story), await story.subscription(acme)

    await story.world.ask(cancelling_many.UNDO, input={"id": job})
    await story.world.worker().catch_up()
    laid = await story.act(CREATE, subscriptionId=acme, phases=[{"planId": "thirty"}], undoCancellation=True)

    (told,) = (await became(story, job)).values()
    assert told == ("REFUND_ALREADY_MADE", "2024-02-01", "USD credited 10.00 refunded 10.00")
    assert laid["code"] == "REFUND_ALREADY_MADE"
    assert (await kept(story), await story.subscription(acme)) == before
    await story.advance("2024-02-02")
    assert (await story.subscription(acme))["status"] == "CANCELED"
    assert [bill[:2] for bill in await bills(story, "acme")] == [("PAID", "10.00")]


async def test_an_end_and_a_refund_that_race_give_back_no_more_than_came_in(story: Story) -> None:  # C5
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    (invoice,) = await invoices(story)
    ends: dict[str, Any] = {"subscriptionId": acme, "timing": "IMMEDIATE", **LAST}
    shown = (await story.world.ask(CANCEL, input=ends))["answer"]["cancellationPreview"]
    ends["previewToken"] = shown["money"]["token"]

    await asyncio.gather(
        story.world.ask(REFUND, input={"invoiceId": invoice["id"], "amount": "7.00"}),
        story.world.ask(CANCEL, input=ends),
        story.world.ask(REFUND, input={"invoiceId": invoice["id"], "amount": "7.00"}),
    )

    back = sum(each["amount"] for each in await charged(story) if each["kind"] == "REFUND")
    (paid,) = (await invoices(story))[0]["payments"]
    ended = (await story.subscription(acme))["status"] == "CANCELED"
    assert back == (1000 if ended else 700), "the end gives back all of it, or is not any more what was shown"
    assert (paid["refunded"]["amount"], await balance(story, "acme")) == (f"{back // 100}.00", {})
