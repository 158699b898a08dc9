"""What is shown is what is charged: a preview carries the act out, and keeps nothing. (S6, K10)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import add_waiting, customer
from tests.scenarios.priced import CATALOG, invoices
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

MONEY = """
query($input: SubscriptionChangePreviewInput!) { subscriptionChangePreview(input: $input) {
  ... on SubscriptionChangePreview { money {
    at lookedUntil
    invoicedNow { ...all } upcoming { madeAt ...all }
    creditNotes { total { amount } reduced { amount } }
    waiting { kind net { amount } }
    creditBalances { amount currency }
  } } } }
fragment all on InvoicePreview {
  reason total { amount } lines { kind proration quantity net { amount } period { start end } plan { key } } }
"""


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def previewed(shop: Story, *, key: str | None = None, **asked: Any) -> dict[str, Any]:
    """What a change would cost, in plain words."""
    told: dict[str, Any] = (await shop.world.ask(MONEY, key=key, input=asked))["subscriptionChangePreview"]["money"]
    plain: dict[str, Any] = shop.names.plain(told)
    return plain


@pytest.mark.parametrize("plan", ["thirty", "ten", "seats", "metered"])
@pytest.mark.parametrize("timing", ["IMMEDIATE", "END_OF_PERIOD"])
async def test_what_is_shown_is_what_is_invoiced_then_and_next(shop: Story, plan: str, timing: str) -> None:
    acme = await shop.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-11")
    before = await invoices(shop, "acme")
    asked: dict[str, Any] = {"subscriptionId": acme, "planId": plan, "quantity": 3, "timing": timing}

    shown = await previewed(shop, **asked)
    assert await invoices(shop, "acme") == before, "a preview keeps nothing"
    await shop.act(documents.CHANGE, **asked)
    now = (await invoices(shop, "acme"))[len(before) :]
    await shop.advance("2024-02-01")
    upcoming = (await invoices(shop, "acme"))[len(before) + len(now) :]

    assert [alike(each) for each in shown.get("invoicedNow", [])] == [alike(each) for each in now]
    assert [alike(each) for each in shown["upcoming"]] == [alike(each) for each in upcoming]


async def test_a_preview_tells_of_its_own_subscription_and_a_bound_token_of_nothing_else(shop: Story) -> None:
    await customer(shop, "acme", credit=100)
    other = await shop.subscribe_also("acme", "twenty", resourceId="a", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-05")
    mine = await shop.subscribe_also("acme", "thirty", resourceId="b", currency="USD", interval=MONTHLY)
    await add_waiting(shop, other, "acme")
    await shop.advance("2024-01-11")
    asked: dict[str, Any] = {"subscriptionId": mine, "planId": "ten"}

    shown = await previewed(shop, **asked)
    bound = await previewed(shop, key=await shop.token("acme", subscription=mine), **asked)

    upcoming = shown.pop("upcoming")
    assert [(each["madeAt"], each["total"]["amount"]) for each in upcoming] == [("2024-02-05", "10.00")], (
        "the other subscription's, of 1 February, is not shown; it takes the item"
    )
    told = {"at": "2024-01-11", "lookedUntil": "2024-02-05"}
    item = {"kind": "ITEM", "net": {"amount": "5.00"}}
    assert shown == told | {"waiting": [item], "creditBalances": [{"amount": "0.00", "currency": "USD"}]}
    assert bound == told | {"upcoming": upcoming}


async def test_what_an_upgrade_costs_now_and_next(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-22")

    shown = await previewed(shop, subscriptionId=acme, planId="thirty")

    assert shown["at"] == "2024-01-22"
    assert [each["total"] for each in shown["invoicedNow"]] == [{"amount": "9.68"}]
    assert shown["creditNotes"] == [{"total": {"amount": "3.23"}, "reduced": {"amount": "3.23"}}]
    assert [(each["madeAt"], each["total"]["amount"]) for each in shown["upcoming"]] == [("2024-02-01", "30.00")]


def alike(invoice: dict[str, Any]) -> dict[str, Any]:
    """What a preview and an invoice both tell."""
    return {name: invoice[name] for name in ("reason", "total", "lines")}
