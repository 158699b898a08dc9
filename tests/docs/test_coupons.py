"""The section on coupons shows acts that do what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

PAGE = Path(__file__).parent.parent.parent / "docs" / "billing.md"


async def test_the_acts_of_the_page_make_a_coupon_and_give_it(sqlite_database: Database) -> None:
    section = PAGE.read_text().split("## Coupons and discounts\n", 1)[1].split("\n## ", 1)[0]
    make, give = re.findall(r"```graphql\n(.*?)```", section, re.DOTALL)
    world = await World.begin(sqlite_database)
    subscription = await world.subscribed("acme", "team", currency="USD", interval={"unit": "MONTH"})

    made = await world.ask(make)
    given = await world.ask(give, subscription=subscription)
    again = await world.ask(give, subscription=subscription)

    assert set(made["couponCreate"]) == {"coupon"}
    discount = given["discountApply"]["discount"]
    assert discount == {"id": discount["id"], "endsAt": "2024-04-01T00:00:00Z"}
    assert again["discountApply"]["discountId"] == discount["id"]
