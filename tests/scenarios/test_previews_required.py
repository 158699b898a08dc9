"""What moves money is shown before a merchant cancels; what moves none, or a customer does, needs no preview. (K10)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from billing.policies import CancellationMode, SelfServicePolicy
from tests.scenarios.documents import DOWNGRADE, act
from tests.scenarios.ending_money import add_waiting, customer, kept
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

MONEY: Final = (
    "money { at token invoicedNow { total { amount } } waiting { net { amount } } dropped { net { amount } } }"
)
SHOWN: Final = f"cancellationPreview {{ timing effectiveAt {MONEY} }}"
CANCEL: Final = act(
    "subscriptionCancel", "SubscriptionCancelInput", "... on SubscriptionCanceled { effectiveAt replayed }"
).replace("cancellationPreview { money { token } }", SHOWN)
PREVIEW: Final = f"""query($input: SubscriptionCancellationPreviewInput!) {{
  answer: subscriptionCancellationPreview(input: $input) {{
    ... on SubscriptionCancellationPreview {{ timing effectiveAt {MONEY} }} }} }}"""
CHANGE_PREVIEW: Final = """query($input: SubscriptionChangePreviewInput!) {
  answer: subscriptionChangePreview(input: $input) { ... on SubscriptionChangePreview { money { token } } } }"""
STALE: Final = "... on StalePreview { staleReason changePreview { money { token } } }"
DOWN: Final = DOWNGRADE.replace("... on SubscriptionDowngraded", f"{STALE} ... on SubscriptionDowngraded")


@pytest.fixture
async def acme(story: Story) -> str:
    """Thirty a month with usage, twenty days before the period ends; an older proration and an item wait."""
    await story.catalog(CATALOG)
    await customer(story, "acme")
    held = await story.subscribe_also("acme", "thirty", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-11")
    return held


async def ask(story: Story, subscription: str, **asked: Any) -> dict[str, Any]:
    """Ask once for a cancellation, as a program does that has looked at nothing."""
    answer: dict[str, Any] = (await story.world.ask(CANCEL, input={"subscriptionId": subscription, **asked}))["answer"]
    return answer


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ({"timing": "IMMEDIATE", "prorate": True, "invoiceNow": True}, False),
        ({"timing": "IMMEDIATE", "prorate": True, "invoiceNow": False}, False),
        ({"timing": "IMMEDIATE", "openInvoices": "VOID"}, False),
        ({"timing": "IMMEDIATE"}, True),
        ({"timing": "IMMEDIATE", "prorate": False, "invoiceNow": False}, True),
        ({"timing": "IMMEDIATE", "pendingItems": "DELETE"}, True),
        ({"timing": "ON_DATE", "date": "2024-01-21T00:00:00Z"}, False),
    ],
    ids=str,
)
async def test_what_moves_money_is_refused_with_its_preview_and_done_under_its_token(
    story: Story, acme: str, asked: dict[str, Any], waits: bool
) -> None:
    if waits:
        await add_waiting(story, acme, "acme")
    before, events = await kept(story), await story.events("acme")

    refused = await ask(story, acme, **asked, idempotencyKey="once")

    assert (refused["__typename"], refused["code"], refused["field"]) == (
        "PreviewRequired",
        "PREVIEW_REQUIRED",
        "previewToken",
    )
    assert await kept(story) == before, "a refusal writes nothing"
    assert (await story.events("acme"), events) == ([], events)
    shown = refused["cancellationPreview"]
    assert shown == (await story.world.ask(PREVIEW, input={"subscriptionId": acme, **asked}))["answer"]
    under = {**asked, "idempotencyKey": "once", "previewToken": shown["money"]["token"]}
    done, again = await ask(story, acme, **under), await ask(story, acme, **under)
    assert (done["__typename"], done["effectiveAt"]) == ("SubscriptionCanceled", shown["effectiveAt"])
    assert (done["replayed"], again["replayed"]) == (False, True), "a refusal is not remembered under the key"
    assert await kept(story) != before


async def test_moving_a_date_is_shown_before_it_moves_money_and_done_as_it_was_shown(story: Story, acme: str) -> None:
    first = {"timing": "ON_DATE", "date": "2024-01-16T00:00:00Z", "invoiceNow": True}
    refused = await ask(story, acme, **first)
    await ask(story, acme, **first, previewToken=refused["cancellationPreview"]["money"]["token"])
    moved = {"timing": "ON_DATE", "date": "2024-01-26T00:00:00Z", "invoiceNow": True}
    before = await kept(story)

    unseen = await ask(story, acme, **moved)
    money = unseen["cancellationPreview"]["money"]

    assert (unseen["__typename"], await kept(story)) == ("PreviewRequired", before)
    assert [each["total"]["amount"] for each in money["invoicedNow"]] == ["9.68"], "30.00 x 10/31 are wanted back"
    assert (await ask(story, acme, **moved, previewToken=money["token"]))["effectiveAt"] == moved["date"]
    assert [total for _, total, _ in await bills(story, "acme")] == ["30.00", "9.68"]


async def test_the_same_cancellation_twice_under_its_token_is_one(story: Story, acme: str) -> None:  # K18
    asked = {"timing": "ON_DATE", "date": "2024-01-21T00:00:00Z"}
    token = (await ask(story, acme, **asked))["cancellationPreview"]["money"]["token"]
    first = await ask(story, acme, **asked, previewToken=token)
    before = await kept(story)
    again = await ask(story, acme, **asked, previewToken=token)

    assert (first["__typename"], again["__typename"]) == ("SubscriptionCanceled", "SubscriptionCanceled")
    assert again["effectiveAt"] == first["effectiveAt"]
    assert await kept(story) == before


@pytest.mark.parametrize(
    "asked",
    [
        {"timing": "IMMEDIATE"},
        {"timing": "IMMEDIATE", "prorate": False, "invoiceNow": False},
        {"timing": "END_OF_PERIOD"},
        {"timing": "END_OF_PERIOD", "openInvoices": "VOID"},
        {"timing": "AFTER_CYCLES", "cycles": 3},
        {"timing": "ON_DATE", "date": "2024-03-15T00:00:00Z"},
        {"timing": "ON_DATE", "date": "2024-01-21T00:00:00Z", "prorate": False},
    ],
    ids=str,
)
async def test_what_moves_no_money_now_needs_no_preview(story: Story, acme: str, asked: dict[str, Any]) -> None:
    assert (await ask(story, acme, **asked))["__typename"] == "SubscriptionCanceled"


async def test_a_customer_needs_no_preview_where_the_policy_gives_money_back(story: Story, acme: str) -> None:
    await story.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE))
    before = await kept(story)

    token = await story.world.token("acme")
    answer = (await story.world.ask(CANCEL, key=token, input={"subscriptionId": acme}))["answer"]

    assert answer["__typename"] == "SubscriptionCanceled"
    assert await kept(story) != before


async def test_a_move_down_is_made_as_it_was_shown_or_not_at_all(story: Story, acme: str) -> None:  # S6
    down = {"subscriptionId": acme, "planId": "ten", "timing": "IMMEDIATE"}
    first = (await story.world.ask(CHANGE_PREVIEW, input=down))["answer"]["money"]["token"]
    other = (await story.world.ask(DOWN, input={**down, "timing": "END_OF_PERIOD", "previewToken": first}))["answer"]
    await add_waiting(story, acme, "acme")

    stale = (await story.world.ask(DOWN, input={**down, "previewToken": first}))["answer"]
    token = stale["changePreview"]["money"]["token"]
    done = (await story.world.ask(DOWN, input={**down, "previewToken": token}))["answer"]

    assert [(each["__typename"], each.get("staleReason")) for each in (other, stale, done)] == [
        ("StalePreview", "ANOTHER_REQUEST"),
        ("StalePreview", "MOVED_ON"),
        ("SubscriptionDowngraded", None),
    ]
    assert done["subscription"]["plan"] == {"key": "ten"}
