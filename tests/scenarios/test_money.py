"""Bills over a calendar: what is invoiced when, to the cent. (C6, C17, C18, K7, K8)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.stores.environments import Environments
from tests.scenarios import documents
from tests.scenarios.priced import CATALOG, REPORT, bills, invoices
from tests.scenarios.story import MONTHLY, YEARLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

TAXES = """
query($customer: CustomerRef!) { invoices(filter: {customer: $customer}, first: 100) { edges { node {
  lines { net { amount } tax { percent } } } } } }
"""


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def test_each_period_is_invoiced_once_in_advance(shop: Story) -> None:
    await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-03-15")

    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "10.00", "ten 10.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "10.00", "ten 10.00 2024-03-01 to 2024-04-01"),
    ]


async def test_usage_is_billed_when_its_period_and_its_grace_are_over(shop: Story) -> None:  # C12
    await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(shop, "2024-01-20", 30)
    await shop.advance("2024-02-01")
    draft = ("DRAFT", "13.00", "metered 10.00 2024-02-01 to 2024-03-01; metered used 30 3.00 2024-01-01 to 2024-02-01")
    assert (await bills(shop, "acme"))[1:] == [draft]

    await shop.world.ask(REPORT, input=report("2024-01-31T23:00:00Z", 5))
    await shop.advance(instant(2024, 2, 1, 1))

    final = ("OPEN", "13.50", "metered 10.00 2024-02-01 to 2024-03-01; metered used 35 3.50 2024-01-01 to 2024-02-01")
    assert (await bills(shop, "acme"))[1:] == [final]


async def test_an_upgrade_lowers_the_unpaid_invoice_and_charges_the_rest_of_the_period(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-22")
    await shop.act(documents.CHANGE, subscriptionId=acme, planId="thirty")

    first, second = await invoices(shop, "acme")

    assert (first["total"], first["credited"], first["remaining"]) == money("10.00", "3.23", "6.77")
    assert [note["total"] for note in first["creditNotes"]] == [{"amount": "3.23"}]
    assert (second["total"], second["credited"], second["remaining"]) == money("9.68", "0.00", "9.68")


async def test_a_waiting_downgrade_costs_nothing_until_the_next_period(shop: Story) -> None:  # S6
    acme = await shop.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-11")
    await shop.act(documents.DOWNGRADE, subscriptionId=acme, planId="ten")
    await shop.advance("2024-02-02")

    assert await bills(shop, "acme") == [
        ("OPEN", "20.00", "twenty 20.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "10.00", "ten 10.00 2024-02-01 to 2024-03-01"),
    ]


async def test_a_trial_costs_nothing_and_its_end_begins_the_first_paid_period(shop: Story) -> None:
    await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY, trialDays=10)
    await shop.advance("2024-02-20")

    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-11 to 2024-02-11"),
        ("OPEN", "10.00", "ten 10.00 2024-02-11 to 2024-03-11"),
    ]


async def test_a_trial_that_is_cancelled_is_never_invoiced(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY, trialDays=10)
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="END_OF_PERIOD")
    await shop.advance("2024-02-20")

    assert await bills(shop, "acme") == []


async def test_ending_now_bills_usage_and_gives_no_credit_unless_asked(shop: Story) -> None:  # C6, K7
    acme = await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(shop, "2024-01-11", 7)
    await shop.advance("2024-01-12")
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await shop.advance("2024-03-11")

    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "metered 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "0.70", "metered used 7 0.70 2024-01-01 to 2024-01-12"),
    ]


async def test_the_renewal_before_an_end_on_a_date_is_shortened(shop: Story) -> None:  # K8
    acme = await shop.subscribe("acme", "thirty", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date="2024-03-15T00:00:00Z")
    await shop.advance("2024-04-10")

    assert await bills(shop, "acme") == [
        ("OPEN", "30.00", "thirty 30.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "30.00", "thirty 30.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "13.55", "thirty 13.55 2024-03-01 to 2024-03-15"),
    ]


async def test_cancelling_and_undoing_leaves_the_bills_as_they_were(shop: Story) -> None:  # K14, K15
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2024-02-15")
    await shop.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date="2024-07-01T00:00:00Z")
    await shop.act(documents.UNDO, subscriptionId=acme)
    await shop.advance("2025-01-02")

    assert await bills(shop, "acme") == [
        ("OPEN", "120.00", "ten 120.00 2024-01-01 to 2025-01-01"),
        ("OPEN", "120.00", "ten 120.00 2025-01-01 to 2026-01-01"),
    ]


async def test_what_is_charged_again_is_taxed_as_it_was(shop: Story) -> None:
    """Time given back at 19 % comes back at 19 %, though 21 % holds for what is new."""
    await taxed(shop, 19)
    acme = await shop.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await taxed(shop, 21)
    await shop.advance("2024-01-11")
    for plan in ("thirty", "twenty"):
        await shop.act(documents.CHANGE, subscriptionId=acme, planId=plan, timing="IMMEDIATE")

    told = (await shop.world.ask(TAXES, customer={"externalId": "acme"}))["invoices"]["edges"]
    lines = [(line["net"]["amount"], line["tax"]["percent"]) for each in told for line in each["node"]["lines"]]
    assert lines == [("13.55", "19"), ("20.32", "21"), ("20.00", "19")]


async def test_numbers_have_no_gaps_and_events_tell_them(shop: Story) -> None:
    for name in ("acme", "bolt"):
        await shop.subscribe(name, "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-03-02")

    found = [each["number"] for name in ("acme", "bolt") for each in await invoices(shop, name)]
    assert sorted(found) == [f"INV-{number:06d}" for number in range(1, 7)]
    told = [each["after"]["number"] for each in await shop.events("acme") if each["type"] == "invoice.finalized"]
    assert told == [each["number"] for each in await invoices(shop, "acme")][1:]


async def test_usage_before_a_change_waits_for_the_end_of_the_period(shop: Story) -> None:
    acme = await shop.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(shop, "2024-01-15", 20)
    await shop.advance("2024-01-22")
    await shop.act(documents.CHANGE, subscriptionId=acme, planId="thirty", timing="IMMEDIATE")
    changed = await bills(shop, "acme")
    await shop.advance("2024-02-02")

    assert changed[1:] == [("OPEN", "9.68", "thirty 9.68 2024-01-22 to 2024-02-01")]
    used = "metered used 20 2.00 2024-01-01 to 2024-01-22"
    assert (await bills(shop, "acme"))[2:] == [("OPEN", "32.00", f"thirty 30.00 2024-02-01 to 2024-03-01; {used}")]


async def test_currencies_without_and_with_three_decimals(shop: Story) -> None:
    for name, currency in (("acme", "JPY"), ("bolt", "KWD")):
        made = await shop.subscribe(name, "thirty", currency=currency, interval=MONTHLY)
        await shop.act(documents.CANCEL, subscriptionId=made, timing="ON_DATE", date="2024-02-15T00:00:00Z")
    await shop.advance("2024-02-16")

    assert [total for _, total, _ in await bills(shop, "acme")] == ["3000", "1448"]
    assert [total for _, total, _ in await bills(shop, "bolt")] == ["9.000", "4.345"]


async def taxed(shop: Story, rate: int) -> None:
    """Tax everybody from now on."""
    async with shop.world.database.working() as session:
        billing = {"taxes": [{"name": "VAT", "rate": rate}]}
        await Environments(session).update(shop.world.places["main"].environment.id, {"billing": billing})


async def use(shop: Story, at: str, amount: int) -> None:
    """Report pages on a day."""
    await shop.advance(at)
    await shop.world.ask(REPORT, input=report(None, amount))


def report(at: str | None, amount: int) -> dict[str, Any]:
    """What is reported."""
    when = {"occurredAt": at} if at else {}
    asked: dict[str, Any] = {
        "customer": {"externalId": "acme"},
        "feature": "pages",
        "value": str(amount),
        "idempotencyKey": f"{at}",
    }
    return asked | when


def money(*amounts: str) -> tuple[dict[str, str], ...]:
    """Amounts as they are told."""
    return tuple({"amount": amount} for amount in amounts)
