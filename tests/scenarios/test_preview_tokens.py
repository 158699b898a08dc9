"""What was shown is what is done, to the cent, or it is refused and shown anew. (K10)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.scenarios import documents
from tests.scenarios.couponed import coupon, give
from tests.scenarios.documents import act
from tests.scenarios.ending_money import add_waiting, customer, kept, use
from tests.scenarios.paying import MARK_PAID
from tests.scenarios.priced import CATALOG, INVOICES, bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.scenarios.story import Story

MONEY: Final = """money { at token
  invoicedNow { reason total { amount } remaining { amount }
    lines { kind quantity net { amount } period { start end } } }
  creditNotes { total { amount } } waiting { kind net { amount } } creditBalances { amount currency }
  upcoming { total { amount } } }"""
STALE: Final = f"""... on StalePreview {{ staleReason
  changePreview {{ {MONEY} }} cancellationPreview {{ effectiveAt {MONEY} }} }}"""
CHANGE: Final = act("subscriptionChange", "SubscriptionChangeInput", STALE)
CANCEL: Final = act(
    "subscriptionCancel", "SubscriptionCancelInput", f"... on SubscriptionCanceled {{ effectiveAt }} {STALE}"
)
SHOWN: Final = {
    CHANGE: """query($input: SubscriptionChangePreviewInput!) { answer: subscriptionChangePreview(input: $input) {
      ... on SubscriptionChangePreview { %s } } }""",
    CANCEL: """query($input: SubscriptionCancellationPreviewInput!) {
      answer: subscriptionCancellationPreview(input: $input) {
        ... on SubscriptionCancellationPreview { effectiveAt %s } } }""",
}
ACTS: Final = {"change": CHANGE, "cancel": CANCEL}
ASKED: Final[dict[str, dict[str, Any]]] = {
    "change": {"planId": "seats", "quantity": 3000},
    "cancel": {"timing": "IMMEDIATE", "prorate": True, "invoiceNow": True},
}
NEW_PRICE: Final = CATALOG.replace("model: per_unit, amount: 5}", "model: per_unit, amount: 6}")


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def held(shop: Story) -> str:
    """A thousand seats for 5,000.00 a month, of which 4,000.00 are paid, with usage, on 11 January."""
    await customer(shop, "acme", credit=400_000)
    acme = await shop.subscribe_also("acme", "seats", quantity=1000, currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-11")
    return acme


async def shown(shop: Story, kind: str, subscription: str, *, key: str | None = None, **asked: Any) -> dict[str, Any]:
    """Look at what an act would do."""
    wanted = {"subscriptionId": subscription, **ASKED[kind], **asked}
    told = await shop.world.ask(SHOWN[ACTS[kind]] % MONEY, key=key, input=wanted)
    money: dict[str, Any] = told["answer"]["money"]
    return money


async def did(shop: Story, kind: str, subscription: str, token: str, **asked: Any) -> dict[str, Any]:
    """Act under a token, and tell the whole answer."""
    wanted = {"subscriptionId": subscription, **ASKED[kind], **asked, "previewToken": token}
    answer: dict[str, Any] = (await shop.world.ask(ACTS[kind], input=wanted))["answer"]
    return answer


async def newest(shop: Story) -> dict[str, Any]:
    """The latest invoice, as a preview shows it."""
    page = await shop.world.ask(INVOICES, customer={"externalId": "acme"})
    invoice: dict[str, Any] = page["invoices"]["edges"][0]["node"]
    lines = [{key: line[key] for key in ("kind", "quantity", "net", "period")} for line in invoice["lines"]]
    return {key: invoice[key] for key in ("reason", "total", "remaining")} | {"lines": lines}


async def notes(shop: Story) -> list[dict[str, Any]]:
    """All credit notes, as a preview shows them."""
    page = await shop.world.ask(INVOICES, customer={"externalId": "acme"})
    found = [note for edge in page["invoices"]["edges"] for note in edge["node"]["creditNotes"]]
    return [{"total": note["total"]} for note in found]


@pytest.mark.parametrize("kind", ["change", "cancel"])
async def test_minutes_later_just_what_was_shown_is_charged(shop: Story, kind: str) -> None:
    acme = await held(shop)
    await add_waiting(shop, acme, "acme")
    first = await shown(shop, kind, acme)
    await shop.advance(timedelta(minutes=20))
    await use(shop, "acme", 5)
    later = await shown(shop, kind, acme)
    charged = "invoicedNow" if kind == "change" else "creditNotes"
    assert later[charged] != first[charged], "twenty minutes of a thousand seats cost something"

    answer = await did(shop, kind, acme, first["token"])

    assert answer["__typename"] in ("SubscriptionChanged", "SubscriptionCanceled")
    assert [await newest(shop)] == first["invoicedNow"]
    assert await notes(shop) == first["creditNotes"]
    assert await shown_balance(shop) == first["creditBalances"]
    if kind == "change":
        await shop.advance("2024-02-01")
        assert [{"total": (await newest(shop))["total"]}] == first["upcoming"]
    else:
        assert answer["effectiveAt"] == first["at"], "and it ended when it was shown to end"


async def shown_balance(shop: Story) -> list[dict[str, str]]:
    """What the customer has in credit."""
    told = await shop.world.ask(
        "query($ref: CustomerRef!) { customer(ref: $ref) { creditBalances { amount currency } } }",
        ref={"externalId": "acme"},
    )
    balances: list[dict[str, str]] = told["customer"]["creditBalances"]
    return balances


async def waits_too_long(shop: Story) -> None:
    """Let more than half an hour go by."""
    await shop.advance(timedelta(minutes=31))


async def pays(shop: Story) -> None:
    """Pay the open invoice by another way."""
    page = await shop.world.ask("{ invoices(filter: {status: [OPEN]}, first: 1) { edges { node { id } } } }")
    paid = await shop.act(MARK_PAID, invoiceId=page["invoices"]["edges"][0]["node"]["id"])
    assert paid["__typename"] == "InvoiceMarkedPaid"


async def gives_credit(shop: Story) -> None:
    """Give the customer something."""
    await customer(shop, "acme", credit=100)


async def raises_the_price(shop: Story) -> None:
    """Publish the plan anew."""
    await shop.catalog(NEW_PRICE)


async def takes_one_seat(shop: Story) -> None:
    """Change the subscription by another way."""
    acme = (await shop.world.ask("{ subscriptions(first: 1) { edges { node { id } } } }"))["subscriptions"]["edges"]
    await shop.act(documents.CHANGE, subscriptionId=acme[0]["node"]["id"], quantity=1001)


@pytest.mark.parametrize(
    ("kind", "meanwhile", "asked", "reason"),
    [
        ("change", waits_too_long, {}, "EXPIRED"),
        ("change", None, {"quantity": 3001}, "ANOTHER_REQUEST"),
        ("change", raises_the_price, {}, "MOVED_ON"),
        ("change", gives_credit, {}, "MOVED_ON"),
        ("change", takes_one_seat, {}, "MOVED_ON"),
        ("cancel", waits_too_long, {}, "EXPIRED"),
        ("cancel", None, {"clearUsage": True}, "ANOTHER_REQUEST"),
        ("cancel", pays, {}, "MOVED_ON"),
    ],
)
async def test_what_is_not_any_more_as_it_was_shown_is_refused_and_shown_anew(
    shop: Story, kind: str, meanwhile: Callable[[Story], Awaitable[None]] | None, asked: dict[str, Any], reason: str
) -> None:
    acme = await held(shop)
    first = await shown(shop, kind, acme)
    if meanwhile is not None:
        await meanwhile(shop)
    before = await kept(shop)

    answer = await did(shop, kind, acme, first["token"], **asked)

    assert (answer["__typename"], answer["code"], answer["staleReason"]) == ("StalePreview", "STALE_PREVIEW", reason)
    assert await kept(shop) == before, "a refusal writes nothing"
    anew = answer["changePreview" if kind == "change" else "cancellationPreview"]["money"]
    assert anew["token"] != first["token"]
    assert anew == await shown(shop, kind, acme, **asked)
    count = len((await kept(shop))["invoice"])
    done = await did(shop, kind, acme, anew["token"], **asked)
    assert done["__typename"] in ("SubscriptionChanged", "SubscriptionCanceled"), "the new preview holds"
    made = len((await kept(shop))["invoice"]) - count
    assert [await newest(shop)][:made] == anew["invoicedNow"]


async def test_tokens_are_the_merchants_and_of_one_environment(shop: Story) -> None:
    acme = await held(shop)
    token = (await shown(shop, "change", acme))["token"]
    theirs = await shop.token("acme")

    assert (await shown(shop, "change", acme, key=theirs))["token"] is None
    asked = {"subscriptionId": acme, "planId": "thirty", "previewToken": token}
    refused = (await shop.world.ask(CHANGE, key=theirs, input=asked))["answer"]
    assert (refused["code"], refused["field"]) == ("MERCHANT_ONLY", "previewToken")
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), "0" + token, token.rpartition(".")[0], "", "é.é"):
        answer = await did(shop, "change", acme, forged)
        assert (answer["__typename"], answer["field"]) == ("InvalidInput", "previewToken"), forged


async def test_an_amount_is_off_the_usage_as_was_shown_minutes_before(shop: Story) -> None:
    await coupon(shop, "twelve", amountsOff=[{"amount": "12", "currency": "USD"}])
    made: dict[str, str] = {}
    for name in ("acme", "bond"):
        await customer(shop, name, credit=10_000)
        made[name] = await shop.subscribe_also(name, "metered", currency="USD", interval=MONTHLY)
        await give(shop, couponId="twelve", subscriptionId=made[name])
    await shop.advance("2024-01-10")
    for name in made:
        await use(shop, name, 30)
    await shop.advance("2024-01-11")
    first = await shown(shop, "cancel", made["acme"])
    down: dict[str, Any] = {"planId": "ten", "quantity": 1, "timing": "IMMEDIATE"}
    moved = await shown(shop, "change", made["bond"], **down)
    await shop.advance(timedelta(minutes=1))

    ended = await did(shop, "cancel", made["acme"], first["token"])
    changed = await did(shop, "change", made["bond"], moved["token"], **down)

    assert (ended["__typename"], changed["__typename"]) == ("SubscriptionCanceled", "SubscriptionChanged")
    assert [await newest(shop)] == first["invoicedNow"]
    assert [line["net"]["amount"] for line in first["invoicedNow"][0]["lines"]] == ["-6.77", "0.00"]
    await shop.advance("2024-02-02")
    assert (await bills(shop, "bond"))[-1][1:] == (
        "1.00",
        "ten 0.00 2024-02-01 to 2024-03-01; metered used 30 1.00 2024-01-01 to 2024-01-11",
    )
