"""The rule of changes is data: when a move takes effect by its direction, and what one that is made at once costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, kept, waiting
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def twenty(story: Story, **changes: str) -> str:
    """A month of 20.00 where changes follow this rule, on the sixteenth of January."""
    await story.catalog(CATALOG)
    await bill_as(story, changes=changes)
    acme = await story.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-16")
    return acme


async def test_a_rule_says_what_waits_what_is_refused_and_a_merchant_may_say_otherwise(story: Story) -> None:
    acme = await twenty(story, up="END_OF_PERIOD", down="REFUSE")
    before = await kept(story), await story.subscription(acme)

    down: dict[str, Any] = {"subscriptionId": acme, "planId": "ten"}
    for document in (documents.DOWNGRADE, documents.CHANGE):
        assert (await story.act(document, **down))["__typename"] == "ChangeRefused"
    assert (await kept(story), await story.subscription(acme)) == before

    up = await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    assert up["change"]["appliesAt"] == "2024-02-01", "up waits here"
    moved = await story.act(documents.DOWNGRADE, **down, timing="END_OF_PERIOD")
    assert moved["change"]["plan"] == "ten", "who says the timing is not bound by the rule"


@pytest.mark.parametrize(
    ("proration", "at_once", "later"),
    [
        ("ALWAYS_INVOICE", "15.48", []),
        ("CREATE_PRORATIONS", None, ["CREDIT -10.32", "PERIOD 15.48"]),
        ("NONE", None, []),
    ],
)
async def test_what_is_changed_at_once_is_billed_as_the_rule_says(  # C18
    story: Story, proration: str, at_once: str | None, later: list[str]
) -> None:
    acme = await twenty(story, proration=proration)

    await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")

    assert await waiting(story, "acme") == later
    assert [each[1] for each in await bills(story, "acme")][1:] == [at_once] * (at_once is not None)
    await story.advance("2024-02-10")
    due = {"ALWAYS_INVOICE": "30.00", "CREATE_PRORATIONS": "45.48", "NONE": "30.00"}
    assert (await bills(story, "acme"))[-1][1] == due[proration], "what is unpaid is lowered by a note"
