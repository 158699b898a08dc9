"""Usage that no period to come will bill: of an item that left, of a subscription that ended, of the days paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios import documents
from tests.scenarios.bookkeeping import BILL
from tests.scenarios.ending_money import cancel, customer, waiting
from tests.scenarios.priced import bills
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_usage_billed import CATALOG, use
from tests.scenarios.test_usage_in_bulk import results

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def sold(story: Story, *, credit: int = 1700) -> str:
    """Sell pages to acme, who has ink as well and goes on with that."""
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=credit)
    await story.subscribe_also("acme", "plain", currency="USD", interval=MONTHLY)
    return await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)


async def test_what_is_told_late_of_an_ended_subscription_is_on_the_customers_next_invoice(story: Story) -> None:
    acme = await sold(story)
    await story.advance("2024-01-20")
    await use(story, 10)
    await story.advance("2024-02-09")
    await use(story, 1)
    await story.advance("2024-02-10")
    await cancel(story, acme, timing="IMMEDIATE")
    await story.advance("2024-02-20")

    await use(story, 5, occurredAt="2024-01-15T00:00:00Z")
    await use(story, 3, occurredAt="2024-01-16T00:00:00Z")
    assert await waiting(story, "acme") == ["USAGE 0.50"], "counted again when an invoice takes it"
    await use(story, 9, occurredAt="2024-02-12T00:00:00Z")
    assert await waiting(story, "acme") == ["USAGE 0.50"], "nobody sold what was used after the end"
    await story.advance("2024-03-10")
    await use(story, 2, occurredAt="2024-02-05T00:00:00Z")
    await story.advance("2024-04-02")

    lines = [bill[2] for bill in await bills(story, "acme")]
    assert lines[-3:] == [
        "metered used 1 0.10 2024-02-01 to 2024-02-10",
        "plain 7.00 2024-03-01 to 2024-04-01; metered used 8 0.80 2024-01-01 to 2024-02-01",
        "plain 7.00 2024-04-01 to 2024-05-01; metered used 2 0.20 2024-02-01 to 2024-02-10",
    ]
    assert await waiting(story, "acme") == []


async def test_an_item_that_left_is_billed_late_and_what_an_end_dropped_is_not(story: Story) -> None:
    acme = await sold(story)
    await story.advance("2024-01-19")
    await use(story, 10)
    await story.advance("2024-01-20")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="gratis", timing="IMMEDIATE")
    await story.advance("2024-02-03")
    before = await waiting(story, "acme")

    await use(story, 4, occurredAt="2024-01-19T00:00:00Z")

    assert sorted([*before, "USAGE 0.40"]) == await waiting(story, "acme")
    other = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY, resourceId="site-1")
    await story.advance("2024-03-10")
    await cancel(story, other, timing="IMMEDIATE", prorate=False, invoiceNow=False)
    await use(story, 7, occurredAt="2024-02-20T00:00:00Z", resource="site-1")
    await use(story, 7, occurredAt="2024-03-05T00:00:00Z", resource="site-1")
    assert await waiting(story, "acme") == []


async def test_what_is_used_in_paid_days_after_the_end_waits_for_the_next_invoice(story: Story) -> None:  # K1
    acme = await sold(story)
    await story.advance("2024-01-19")
    await use(story, 10)
    await story.advance("2024-01-20")
    answer = await cancel(story, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")
    assert answer["subscription"]["accessUntil"] == "2024-02-01"
    await story.advance("2024-01-25")
    await use(story, 3)
    asked: dict[str, Any] = {
        "customer": {"externalId": "acme"},
        "feature": "pages",
        "amount": "2",
        "idempotencyKey": "consumed",
    }
    assert (await story.act(documents.CONSUME, **asked))["__typename"] == "EntitlementGranted"
    assert await waiting(story, "acme") == ["USAGE 0.30"]
    await story.act(BILL, customer={"externalId": "acme"}, currency="USD")
    await story.advance("2024-01-28")
    await use(story, 4)

    await story.advance("2024-02-02")
    await use(story, 6)
    await use(story, 1, occurredAt="2024-01-31T00:00:00Z")

    lines = [bill[2] for bill in await bills(story, "acme")]
    assert lines[2:] == [
        "metered used 10 1.00 2024-01-01 to 2024-01-20",
        "metered used 5 0.50 2024-01-20 to 2024-02-01",
        "plain 7.00 2024-02-01 to 2024-03-01; metered used 4 0.40 2024-01-20 to 2024-02-01",
    ]
    assert await waiting(story, "acme") == ["USAGE 0.10"], "what is used on 2 February is nobody's"


async def test_what_is_used_after_buying_again_is_billed_once_by_who_counts_it(story: Story) -> None:  # C12, K1, K6
    acme = await sold(story, credit=10_000)
    await story.advance("2024-01-20")
    await cancel(story, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")
    await story.advance("2024-01-21")
    await use(story, 1)
    await story.advance("2024-01-22")
    again = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-25")
    await use(story, 10)
    assert await waiting(story, "acme") == []
    await story.advance("2024-01-27")
    await cancel(story, again, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH", prorate=False, invoiceNow=True)
    await story.advance("2024-01-28")
    await use(story, 4)
    await story.advance("2024-02-10")
    await use(story, 2, occurredAt="2024-01-26T00:00:00Z")
    await use(story, 3, occurredAt="2024-01-21T12:00:00Z")
    await use(story, 5, occurredAt="2024-01-29T00:00:00Z")
    await story.advance("2024-03-02")

    used = [each for bill in await bills(story, "acme") for each in bill[2].split("; ") if "used" in each]
    assert used == [
        "metered used 0 0.00 2024-01-01 to 2024-01-20",
        "metered used 1 0.10 2024-01-20 to 2024-02-01",
        "metered used 10 1.00 2024-01-22 to 2024-01-27",
        "metered used 4 0.40 2024-01-27 to 2024-02-22",
        "metered used 2 0.20 2024-01-22 to 2024-01-27",
        "metered used 3 0.30 2024-01-20 to 2024-02-01",
        "metered used 5 0.50 2024-01-27 to 2024-02-22",
    ]
    assert await waiting(story, "acme") == []


async def test_usage_in_paid_days_waits_also_where_it_is_told_with_what_is_used_after_them(story: Story) -> None:  # K1
    acme = await sold(story)
    await story.advance("2024-01-20")
    await cancel(story, acme, timing="IMMEDIATE", access="UNTIL_PAID_THROUGH")
    await story.advance("2024-02-03")
    about: dict[str, Any] = {"customer": {"externalId": "acme"}, "feature": "pages"}
    told = {"2024-01-25T00:00:00Z": "5", "2024-02-02T12:00:00Z": "3"}
    rows = [{**about, "value": value, "occurredAt": when, "idempotencyKey": when} for when, value in told.items()]

    await results(story, *rows)

    assert await waiting(story, "acme") == ["USAGE 0.50"]
