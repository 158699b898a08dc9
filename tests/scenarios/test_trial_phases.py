"""A trial as a phase: what was used and given back before it is invoiced, also where nothing is paid any more. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios.ending_money import customer, use, waiting
from tests.scenarios.priced import CATALOG, balance, bills
from tests.scenarios.scheduling import scheduled
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from tests.scenarios.story import Story

TRIAL: dict[str, Any] = {"trial": True, "lasts": {"endsAt": "2024-02-16T00:00:00Z"}}


async def test_what_was_used_before_a_trial_phase_is_billed_and_what_is_used_in_it_is_not(story: Story) -> None:  # C12
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=100000)
    acme = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await scheduled(story, acme, TRIAL, {"planId": "metered"})
    for day, amount in (("2024-01-11", 30), ("2024-02-10", 500), ("2024-02-20", 20)):
        await story.advance(day)
        await use(story, "acme", amount)

    await story.advance("2024-03-17")

    assert await bills(story, "acme") == [
        ("PAID", "10.00", "metered 10.00 2024-01-01 to 2024-02-01"),
        ("PAID", "3.00", "metered used 30 3.00 2024-01-01 to 2024-02-01"),
        ("PAID", "10.00", "metered 10.00 2024-02-16 to 2024-03-16"),
        (
            "PAID",
            "12.00",
            "metered 10.00 2024-03-16 to 2024-04-16; metered used 20 2.00 2024-02-16 to 2024-03-16",
        ),
    ]


async def test_what_waits_from_before_a_trial_phase_is_invoiced_where_the_subscription_ends_in_it(story: Story) -> None:
    await story.catalog(CATALOG)
    await customer(story, "acme", credit=1300)
    acme = await story.subscribe_also("acme", "metered", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-11")
    await use(story, "acme", 30)
    await scheduled(story, acme, TRIAL, present={"endsAt": "2024-01-16T00:00:00Z"}, endBehavior="CANCEL")

    await story.advance("2024-02-17")

    assert (await story.subscription(acme))["status"] == "CANCELED"
    assert [total for _, total, _ in await bills(story, "acme")] == ["10.00", "-2.16"]
    assert (await waiting(story, "acme"), await balance(story, "acme")) == ([], {"USD": "5.16"})
