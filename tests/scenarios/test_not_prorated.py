"""What NONE means where a pending end is undone with it: never money and time both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, cancel, customer, waiting
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.scheduling import CREATE, RELEASE
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

NONE = {"prorationBehavior": "NONE"}


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list, where changes at once are not prorated."""
    await story.catalog(CATALOG)
    await bill_as(story, changes={"proration": "NONE"})
    return story


async def _holds(shop: Story, name: str, plan: str = "ten", **more: Any) -> str:
    """Let a customer who can pay have a subscription, monthly in dollars."""
    await customer(shop, name, credit=100000)
    return await shop.subscribe_also(name, plan, currency="USD", interval=MONTHLY, **more)


async def test_an_end_that_is_undone_takes_back_what_it_gave_whatever_comes_in_its_place(
    shop: Story,
) -> None:  # K15, C18
    made = {name: await _holds(shop, name) for name in ("undone", "laid", "released", "moved")}
    made["seats"] = await _holds(shop, "seats", "seats", quantity=2)
    released = await shop.world.ask(
        CREATE,
        input={
            "subscriptionId": made["released"],
            "present": {"endsAt": "2024-01-22T00:00:00Z"},
            "phases": [],
            "endBehavior": "CANCEL",
        },
    )
    await shop.advance("2024-01-11")
    for name in made.keys() - {"released"}:
        await cancel(shop, made[name], timing="ON_DATE", date="2024-01-22T00:00:00Z")
    assert [await waiting(shop, name) for name in made] == [["CREDIT -3.23"]] * 5

    await shop.act(documents.UNDO, subscriptionId=made["undone"])
    await shop.act(documents.CHANGE, subscriptionId=made["seats"], quantity=3, undoCancellation=True)
    phases = [{"planId": "ten"}]
    await shop.act(CREATE, subscriptionId=made["laid"], phases=phases, undoCancellation=True, **NONE)
    await shop.act(RELEASE, id=released["answer"]["schedule"]["id"], **NONE)
    await cancel(shop, made["moved"], timing="ON_DATE", date="2024-01-29T00:00:00Z", prorate=False)

    assert not any([await waiting(shop, name) for name in made])
    await shop.advance("2024-02-02")
    assert {name: [total for _, total, _ in await bills(shop, name)] for name in made} == {
        "undone": ["10.00", "10.00"],
        "laid": ["10.00", "10.00"],
        "released": ["10.00", "10.00"],
        "moved": ["10.00"],
        "seats": ["10.00", "15.00"],
    }


async def test_an_end_now_gives_back_all_unused_time_though_a_schedules_end_had_let_some_go(shop: Story) -> None:  # C18
    acme = await _holds(shop, "acme")
    await shop.act(
        CREATE, subscriptionId=acme, present={"endsAt": "2024-01-22T00:00:00Z"}, phases=[], endBehavior="CANCEL", **NONE
    )
    await shop.advance("2024-01-11")
    assert await waiting(shop, "acme") == []

    await cancel(shop, acme, timing="IMMEDIATE", prorate=True, invoiceNow=True)

    assert [total for _, total, _ in await bills(shop, "acme")] == ["10.00", "-6.77"]
