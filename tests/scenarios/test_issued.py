"""What was issued stays: the names on an invoice, and the currency that a customer's first one fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.scenarios.bookkeeping import BILL, ITEM
from tests.scenarios.ending_money import kept, use
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

NAMES: Final = """query($customer: CustomerRef!) { invoices(filter: {customer: $customer}, first: 100) { edges { node {
  lines { name } } } } }"""
CURRENCY: Final = "query($ref: CustomerRef!) { customer(ref: $ref) { currency } }"
CREATE: Final = """mutation($input: SubscriptionCreateInput!) { answer: subscriptionCreate(input: $input) { __typename
  ... on UserError { code field } ... on CurrencyMismatch { currency } } }"""


async def names(story: Story) -> list[list[str]]:
    """What the lines of somebody's invoices are called, oldest invoice first."""
    page = await story.world.ask(NAMES, customer={"externalId": "acme"})
    return [[line["name"] for line in edge["node"]["lines"]] for edge in reversed(page["invoices"]["edges"])]


async def test_a_later_name_of_a_plan_or_feature_changes_no_invoice(story: Story) -> None:
    await story.catalog(CATALOG)
    await story.subscribe("acme", "metered", currency="USD", interval=MONTHLY)
    await use(story, "acme", 30)
    await story.advance("2024-02-02")
    issued = await names(story)

    await story.catalog(CATALOG.replace("name: Pages", "name: Sheets").replace("name: Metered", "name: By the sheet"))

    assert issued == [["Metered"], ["Metered", "Pages"]]
    assert await names(story) == issued
    await use(story, "acme", 5)
    await story.advance("2024-03-02")
    assert (await names(story))[2] == ["Metered", "Sheets"], "what is counted from then on has the new name"


async def test_the_first_invoice_fixes_a_customers_currency(story: Story) -> None:
    await story.catalog(CATALOG)
    customer: dict[str, Any] = {"externalId": "acme"}
    await story.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    assert (await story.world.ask(CURRENCY, ref=customer))["customer"]["currency"] == "USD"
    before = await kept(story)

    asked = {"customer": customer, "planId": "thirty", "currency": "JPY", "interval": MONTHLY, "resourceId": "other"}
    second = (await story.world.ask(CREATE, input=asked))["answer"]
    item = await story.act(ITEM, customer=customer, amount={"amount": "5", "currency": "JPY"}, description="Fee")
    lines = [{"amount": "5", "description": "Fee"}]
    bill = await story.act(BILL, customer=customer, currency="JPY", lines=lines)

    refused = {"__typename": "CurrencyMismatch", "code": "CURRENCY_MISMATCH", "currency": "USD"}
    assert [second, item, bill] == [
        refused | {"field": "currency"},
        refused | {"field": "amount"},
        refused | {"field": "currency"},
    ]
    assert await kept(story) == before
