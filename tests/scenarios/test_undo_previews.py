"""Keeping a subscription is shown before it is done, and done as it was shown. (K14, K15, C18, K10)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.scenarios import documents
from tests.scenarios.documents import act
from tests.scenarios.ending_money import cancel, customer, kept, waiting
from tests.scenarios.paying import MARK_PAID
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.story import MONTHLY, YEARLY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.scenarios.story import Story

MONEY: Final = """money { at token
  invoicedNow { total { amount } remaining { amount } lines { kind net { amount } period { start end } } }
  waiting { kind net { amount } } dropped { kind net { amount } } creditBalances { amount currency }
  upcoming { total { amount } } }"""
SHOWN: Final = f"""wouldHaveEndedAt currentPeriod {{ start end }} prorationBehavior missedPeriod {{ start end }}
  entitlements {{ feature {{ key }} kind }} {MONEY}"""
PREVIEW: Final = f"""query($input: SubscriptionCancellationUndoPreviewInput!) {{
  answer: subscriptionCancellationUndoPreview(input: $input) {{ __typename ...Refused
    ... on SubscriptionCancellationUndoPreview {{ {SHOWN} }} }} }}{documents.REFUSED}"""
UNDO: Final = act(
    "subscriptionCancellationUndo",
    "SubscriptionCancellationUndoInput",
    f"... on SubscriptionCancellationUndone {{ replayed }}"
    f" ... on StalePreview {{ staleReason cancellationUndoPreview {{ {SHOWN} }} }}",
).replace("cancellationUndoPreview { money { token } }", f"cancellationUndoPreview {{ {SHOWN} }}")


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def missed(shop: Story) -> str:
    """K8 on 10 March: thirty a month, March billed to the 15th."""
    await customer(shop, "acme", credit=100_000)
    acme = await shop.subscribe_also("acme", "thirty", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")
    await cancel(shop, acme, timing="ON_DATE", date="2024-03-15T00:00:00Z")
    await shop.advance("2024-03-10")
    return acme


async def invoiced(shop: Story) -> str:
    """C17: a year of 120.00 cut at 1 July, of which 60.33 went to the balance."""
    await customer(shop, "acme", credit=12_000)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2024-02-15")
    await cancel(shop, acme, timing="ON_DATE", date="2024-07-01T00:00:00Z", invoiceNow=True)
    return acme


async def waits(shop: Story) -> str:
    """The same, where the credit waits for an invoice."""
    await customer(shop, "acme", credit=12_000)
    acme = await shop.subscribe_also("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2024-02-15")
    await cancel(shop, acme, timing="ON_DATE", date="2024-07-01T00:00:00Z")
    return acme


async def ask(shop: Story, document: str, subscription: str, **asked: Any) -> dict[str, Any]:
    """Ask once, as a program does that has looked at nothing."""
    answer: dict[str, Any] = (await shop.world.ask(document, input={"subscriptionId": subscription, **asked}))["answer"]
    return answer


@pytest.mark.parametrize(
    ("begin", "asked", "now", "waiting_now", "dropped", "balance"),
    [
        (missed, {}, ["16.45"], [], [], "910.00"),
        (missed, {"prorationBehavior": "CREATE_PRORATIONS"}, [], ["PERIOD 16.45"], [], "926.45"),
        (invoiced, {}, [], ["PERIOD 60.33"], [], "60.33"),
        (invoiced, {"prorationBehavior": "ALWAYS_INVOICE"}, ["60.33"], [], [], "0.00"),
        (invoiced, {"prorationBehavior": "NONE"}, [], ["PERIOD 60.33"], [], "60.33"),
        (waits, {}, [], [], ["-60.33"], "0.00"),
    ],
)
async def test_an_undo_is_refused_unseen_and_minutes_later_done_just_as_it_was_shown(
    shop: Story,
    begin: Callable[[Story], Awaitable[str]],
    asked: dict[str, Any],
    now: list[str],
    waiting_now: list[str],
    dropped: list[str],
    balance: str,
) -> None:
    acme = await begin(shop)
    before, made = await kept(shop), len(await bills(shop, "acme"))

    refused = await ask(shop, UNDO, acme, **asked)

    assert (refused["__typename"], refused["code"], refused["field"]) == (
        "PreviewRequired",
        "PREVIEW_REQUIRED",
        "previewToken",
    )
    assert await kept(shop) == before, "a refusal writes nothing"
    shown = refused["cancellationUndoPreview"]
    assert shown == {key: each for key, each in (await ask(shop, PREVIEW, acme, **asked)).items() if key in shown}
    money = shown["money"]
    assert [each["total"]["amount"] for each in money["invoicedNow"]] == now
    assert [f"{line['kind']} {line['net']['amount']}" for line in money["waiting"]] == waiting_now
    assert [line["net"]["amount"] for line in money["dropped"]] == dropped
    assert money["creditBalances"] == [{"amount": balance, "currency": "USD"}]
    await shop.advance(timedelta(minutes=20))

    under = {**asked, "previewToken": money["token"]}
    done, again = await ask(shop, UNDO, acme, **under), await ask(shop, UNDO, acme, **under)

    assert [each["__typename"] for each in (done, again)] == ["SubscriptionCancellationUndone"] * 2
    assert [total for _, total, _ in (await bills(shop, "acme"))[made:]] == now
    assert await waiting(shop, "acme") == waiting_now
    subscription = await shop.subscription(acme)
    assert (subscription.get("cancelAt"), subscription["renewsAt"]) == (None, shown["currentPeriod"]["end"][:10])
    await shop.advance(shown["currentPeriod"]["end"][:10])
    assert (await bills(shop, "acme"))[-1][1] == money["upcoming"][0]["total"]["amount"]


async def test_the_missed_period_is_named_and_a_present_of_it_is_no_debt_later(shop: Story) -> None:  # K15, C18
    acme = await missed(shop)

    usual = await ask(shop, PREVIEW, acme)
    free = await ask(shop, UNDO, acme, prorationBehavior="NONE")

    rest = {"start": "2024-03-15T00:00:00Z", "end": "2024-04-01T00:00:00Z"}
    assert (usual["missedPeriod"], usual["prorationBehavior"]) == (rest, "ALWAYS_INVOICE")
    assert usual["wouldHaveEndedAt"] == rest["start"]
    assert {each["kind"] for each in usual["entitlements"]} <= {"GAINED"}
    assert free["__typename"] == "SubscriptionCancellationUndone", "it moves no money, so it needs no token"
    await shop.advance("2024-04-01")
    assert [total for _, total, _ in await bills(shop, "acme")] == ["30.00", "30.00", "13.55", "30.00"]


@pytest.mark.parametrize("meanwhile", ["late", "another", "paid", "moved"])
async def test_what_was_shown_of_an_undo_and_does_not_hold_is_refused_and_shown_anew(
    shop: Story, meanwhile: str
) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=YEARLY)
    await shop.advance("2024-02-15")
    await cancel(shop, acme, timing="ON_DATE", date="2024-07-01T00:00:00Z", invoiceNow=True)
    token = (await ask(shop, PREVIEW, acme))["money"]["token"]
    asked: dict[str, Any] = {"prorationBehavior": "ALWAYS_INVOICE"} if meanwhile == "another" else {}
    if meanwhile == "late":
        await shop.advance(timedelta(minutes=31))
    elif meanwhile == "paid":
        page = await shop.world.ask("{ invoices(filter: {status: [OPEN]}, first: 1) { edges { node { id } } } }")
        await shop.act(MARK_PAID, invoiceId=page["invoices"]["edges"][0]["node"]["id"])
    elif meanwhile == "moved":
        await cancel(shop, acme, timing="ON_DATE", date="2024-08-01T00:00:00Z")
    before = await kept(shop)

    stale = await ask(shop, UNDO, acme, **asked, previewToken=token)

    why = {"late": "EXPIRED", "another": "ANOTHER_REQUEST"}.get(meanwhile, "MOVED_ON")
    assert (stale["__typename"], stale["staleReason"]) == ("StalePreview", why)
    assert await kept(shop) == before
    anew = stale["cancellationUndoPreview"]["money"]["token"]
    assert (await ask(shop, UNDO, acme, **asked, previewToken=anew))["__typename"] == "SubscriptionCancellationUndone"


async def test_a_pending_end_is_not_taken_back_unseen_as_a_scheduled_change_either(shop: Story) -> None:
    acme = await invoiced(shop)
    (change,) = (await shop.world.ask(documents.SUBSCRIPTION, id=acme))["subscription"]["scheduledChanges"]
    before = await kept(shop)

    refused = (await shop.world.ask(documents.UNDO_CHANGE, input={"id": change["id"]}))["answer"]

    assert (refused["__typename"], refused["field"]) == ("PreviewRequired", "id")
    assert await kept(shop) == before
    token = refused["cancellationUndoPreview"]["money"]["token"]
    done = await ask(shop, UNDO, acme, previewToken=token)
    assert done["__typename"] == "SubscriptionCancellationUndone"


async def test_a_customer_undoes_without_a_preview_and_never_says_how(shop: Story) -> None:
    acme = await invoiced(shop)
    token = await shop.token("acme")
    shown = await shop.world.ask(PREVIEW, key=token, input={"subscriptionId": acme})

    asked = {"subscriptionId": acme, "prorationBehavior": "NONE"}
    refused = (await shop.world.ask(UNDO, key=token, input=asked))["answer"]
    done = (await shop.world.ask(UNDO, key=token, input={"subscriptionId": acme}))["answer"]

    assert shown["answer"]["money"]["token"] is None
    assert (refused["code"], refused["field"]) == ("MERCHANT_ONLY", "prorationBehavior")
    assert done["__typename"] == "SubscriptionCancellationUndone"


@pytest.mark.parametrize(
    ("pending", "kind"), [(None, "NoCancellationPending"), ("2024-01-20T00:00:00Z", "AlreadyEnded")]
)
async def test_what_an_undo_refuses_its_preview_refuses(shop: Story, pending: str | None, kind: str) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    if pending:
        await cancel(shop, acme, timing="ON_DATE", date=pending)
        await shop.advance("2024-01-20")

    preview, done = await ask(shop, PREVIEW, acme), await ask(shop, UNDO, acme)

    assert (preview["__typename"], done["__typename"]) == (kind, kind)
