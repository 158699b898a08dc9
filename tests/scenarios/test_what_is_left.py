"""What leaves an invoice at an end is what is left of it: of its lines, of the whole, and of their tax. (C5, C7)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios.ending_money import bill_as, cancel, customer, waiting
from tests.scenarios.paying import method, notes
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_paying_back import PAY_BACK, went

if TYPE_CHECKING:
    from tests.scenarios.story import Story

ITEM = """mutation($input: InvoiceItemCreateInput!) { invoiceItemCreate(input: $input) { __typename } }"""
USD: dict[str, Any] = {"currency": "USD", "interval": MONTHLY}
VAT = [{"rate": "25", "name": "VAT"}]


async def test_an_item_that_lowered_an_invoice_is_not_given_back_with_its_time(story: Story) -> None:
    await story.catalog(CATALOG)
    await bill_as(story, taxes=VAT, proration_unit="DAY")
    less = {"amount": "-4.00", "currency": "USD"}
    made: dict[str, str] = {}
    for name in ("unpaid", "credited", "paid", "half"):
        await customer(story, name, credit=750 if name == "credited" else 0)
        if name in ("paid", "half"):
            await method(story, "sandbox_succeeds", name)
        await story.world.ask(ITEM, input={"customer": {"externalId": name}, "amount": less, "description": "Sorry"})
        made[name] = await story.subscribe_also(name, "ten", **USD)
        assert [total for _, total, _ in await bills(story, name)] == ["7.50"]

    await story.advance("2024-01-01T01:00:00")
    for name in ("unpaid", "credited"):
        await cancel(story, made[name], timing="IMMEDIATE", prorate=True, invoiceNow=True)
    assert went(await cancel(story, made["paid"], **PAY_BACK)) == [("SUCCEEDED", "7.50")]
    await story.advance("2024-01-17")
    assert went(await cancel(story, made["half"], **PAY_BACK)) == [("SUCCEEDED", "6.05")], "15 of 31 days"

    assert {name: ([each[:2] for each in await bills(story, name)], await balance(story, name)) for name in made} == {
        "unpaid": ([("VOID", "7.50")], {}),
        "credited": ([("PAID", "7.50"), ("PAID", "-7.50")], {"USD": "7.50"}),
        "paid": ([("PAID", "7.50")], {}),
        "half": ([("PAID", "7.50")], {}),
    }
    assert {name: await notes(story, name) for name in ("unpaid", "paid", "half")} == {
        "unpaid": [("7.50", "0.00", "0.00")],
        "paid": [("7.50", "7.50", "0.00")],
        "half": [("6.05", "6.05", "0.00")],
    }


async def test_who_ends_at_once_what_was_to_end_on_a_date_is_paid_back_all_that_is_unused_once(story: Story) -> None:
    await story.catalog(CATALOG)
    await bill_as(story, taxes=VAT)
    made: dict[str, str] = {}
    for name in ("plain", "waits", "invoiced", "let go"):
        await customer(story, name)
        await method(story, "sandbox_succeeds", name)
        made[name] = await story.subscribe_also(name, "ten", **USD)
    await story.advance("2024-01-11")
    date: dict[str, Any] = {"timing": "ON_DATE", "date": "2024-01-22T00:00:00Z"}
    await cancel(story, made["waits"], **date)
    await cancel(story, made["invoiced"], **date, invoiceNow=True)
    await cancel(story, made["let go"], **date, prorate=False)

    told = {name: went(await cancel(story, each, **PAY_BACK)) for name, each in made.items()}

    assert told == {
        "plain": [("SUCCEEDED", "8.46")],
        "waits": [("SUCCEEDED", "8.46")],
        "invoiced": [("SUCCEEDED", "4.44")],
        "let go": [("SUCCEEDED", "8.46")],
    }
    assert {name: (await balance(story, name), await waiting(story, name)) for name in made} == {
        "plain": ({}, []),
        "waits": ({}, []),
        "invoiced": ({"USD": "4.04"}, []),
        "let go": ({}, []),
    }
