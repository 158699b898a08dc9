"""C19 from outside: the billing mode is chosen or the environment's, seen, told, previewed, and undone as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, cancel, kept, waiting
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

BILLED = "query($id: ID!) { subscription(id: $id) { billingMode anchor currentPeriod { start end } renewsAt } }"
PREVIEW = """query($input: SubscriptionCancellationPreviewInput!) {
  answer: subscriptionCancellationPreview(input: $input) {
  ... on SubscriptionCancellationPreview { money { waiting { kind net { amount } } } } } }"""


async def told(story: Story, subscription_id: str) -> Told:
    """How it is billed now."""
    found = (await story.world.ask(BILLED, id=subscription_id))["subscription"]
    plain: Told = story.names.plain(found)
    return plain


async def test_a_date_in_classic_is_previewed_moves_the_anchor_and_an_undo_leaves_nothing(story: Story) -> None:
    await story.catalog(CATALOG)
    await bill_as(story, billing_mode="CLASSIC")
    await story.advance("2024-01-31")
    usual: dict[str, Any] = {"currency": "USD", "interval": MONTHLY}
    acme = await story.subscribe("acme", "thirty", **usual)
    flexible = await story.subscribe("other", "thirty", **usual, billingMode="FLEXIBLE")
    await story.advance("2024-03-10")
    before, month = await kept(story), "2024-02-29 to 2024-03-31"
    at_first = {"billingMode": "CLASSIC", "anchor": "2024-01-31", "currentPeriod": month, "renewsAt": "2024-03-31"}
    assert await told(story, acme) == at_first
    assert await told(story, flexible) == at_first | {"billingMode": "FLEXIBLE"}
    await story.events("acme")

    date: dict[str, Any] = {"timing": "ON_DATE", "date": "2024-03-20T00:00:00Z"}
    shown = await story.world.ask(PREVIEW, input={"subscriptionId": acme, **date})
    assert shown["answer"]["money"]["waiting"] == [{"kind": "CREDIT", "net": {"amount": "-10.65"}}]
    await cancel(story, acme, **date)
    assert await waiting(story, "acme") == ["CREDIT -10.65"]
    assert (await told(story, acme))["anchor"] == "2024-03-20"
    (event,) = await story.events("acme")
    assert (event["before"]["anchor"][:10], event["after"]["anchor"][:10]) == ("2024-01-31", "2024-03-20")
    await cancel(story, flexible, **date)
    assert (await told(story, flexible))["anchor"] == "2024-01-31"

    await cancel(story, acme, timing="ON_DATE", date="2024-03-25T00:00:00Z")
    assert await waiting(story, "acme") == ["CREDIT -5.81"]
    later = {"billingMode": "CLASSIC", "anchor": "2024-02-29", "currentPeriod": "2024-02-29 to 2024-03-25"}
    assert await told(story, acme) == later

    for each in (acme, flexible):
        await story.act(documents.UNDO, subscriptionId=each)
    assert (await kept(story), await told(story, acme)) == (before, at_first)


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"anchor": "2023-12-31T23:59:59Z"}, "DATE_OUT_OF_RANGE"),
        ({"anchor": "2024-02-01T00:00:01Z"}, "DATE_OUT_OF_RANGE"),
        ({"anchor": "2024-01-13T00:00:00Z", "trialDays": 3}, "INVALID_INPUT"),
    ],
)
async def test_an_anchor_that_cannot_be_is_refused_and_nothing_written(
    story: Story, asked: dict[str, Any], refused: str
) -> None:
    await story.catalog(CATALOG)
    await story.world.ask(documents.UPSERT, input={"externalId": "acme"})
    before = await kept(story)

    answer = await story.create("acme", "ten", currency="USD", interval=MONTHLY, **asked)

    assert (answer["code"], answer["field"]) == (refused, "anchor")
    assert await kept(story) == before
    assert [each["type"] for each in await story.events("acme")] == ["customer.created"]
