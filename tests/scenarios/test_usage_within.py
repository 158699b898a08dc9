"""Usage that is billed oftener than its subscription: at each of its own periods' ends, whatever happens in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.scenarios import documents
from tests.scenarios.almanac import FOLDER
from tests.scenarios.ending_money import waiting
from tests.scenarios.priced import bills
from tests.scenarios.story import YEARLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

SEEN: Final = """query($input: SubscriptionCancellationPreviewInput!) {
  answer: subscriptionCancellationPreview(input: $input) { ... on SubscriptionCancellationPreview { money {
    invoicedNow { total { amount } } upcoming { total { amount } lines { kind period { start end } } } } } } }"""


async def sold(story: Story, name: str = "acme", **more: Any) -> str:
    """Sell a year whose usage is billed monthly."""
    await story.catalog((FOLDER / "catalog.yaml").read_text())
    return await story.subscribe(name, "oftener", currency="USD", interval=YEARLY, **more)


async def use(story: Story, pages: str, name: str = "acme") -> None:
    """Use so many pages now."""
    asked: dict[str, Any] = {"customer": {"externalId": name}, "feature": "pages", "value": pages}
    told = await story.act(documents.REPORT, **asked, idempotencyKey=story.world.fresh_key())
    assert told["__typename"] == "UsageReported", told


async def used(story: Story, name: str = "acme") -> list[str]:
    """Tell the lines of usage."""
    lines = [line for bill in await bills(story, name) for line in bill[2].split("; ")]
    return [line.removeprefix("oftener used ") for line in lines if "used" in line]


async def test_an_end_within_a_month_bills_what_was_used_and_an_undo_bills_the_month(story: Story) -> None:
    acme = await sold(story)
    await story.advance("2024-02-10")
    await use(story, "3")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="ON_DATE", date=instant(2024, 2, 15))
    await story.act(documents.UNDO, subscriptionId=acme)
    asked = {"subscriptionId": acme, "timing": "ON_DATE", "date": "2024-03-15T00:00:00Z"}
    shown = (await story.world.ask(SEEN, input=asked))["answer"]["money"]
    await story.act(documents.CANCEL, **asked)
    await story.advance("2024-03-10")
    await use(story, "2")
    await story.advance("2024-03-16")

    assert [each["total"]["amount"] for each in shown["upcoming"]] == ["3.00", "0.00"]
    assert await used(story) == [
        "0 0.00 2024-01-01 to 2024-02-01",
        "3 3.00 2024-02-01 to 2024-03-01",
        "2 2.00 2024-03-01 to 2024-03-15",
    ]


async def test_a_change_bills_what_was_used_and_a_late_worker_bills_each_month_as_of_its_end(story: Story) -> None:
    await sold(story)
    trying = await sold(story, "trying", trialDays=10)
    await story.advance("2024-01-20")
    await use(story, "12")
    await use(story, "5", "trying")
    await story.jump("2024-03-20")
    await story.advance("2024-03-20T12:00:00")

    assert await used(story) == ["12 11.00 2024-01-01 to 2024-02-01", "0 0.00 2024-02-01 to 2024-03-01"]
    assert await used(story, "trying") == ["5 5.00 2024-01-11 to 2024-02-11", "0 0.00 2024-02-11 to 2024-03-11"]
    await use(story, "4", "trying")
    await story.advance("2024-03-20T13:00:00")
    await story.act(documents.CHANGE, subscriptionId=trying, planId="twenty", interval=YEARLY, timing="IMMEDIATE")
    await story.advance("2024-05-01")
    assert len(await used(story, "trying")) == 2
    assert await waiting(story, "trying") == ["USAGE 4.00"]  # as ever, for the next invoice
    assert [each[1] for each in await story.news("acme") if each[1] == "subscription.renewed"] == []
