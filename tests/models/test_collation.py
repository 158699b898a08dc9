"""What is listed stands in the same order on both databases, whatever the language that PostgreSQL sorts by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from billing.catalog.values import PlanKind
from models.choices import VersionStatus
from models.tables import PlanRow, PlanVersionRow
from tests.house.repository import sources
from tests.models.inside import described_at
from tests.models.world import ENV, PRODUCT, START, settle, sold, working

if TYPE_CHECKING:
    from models.session import Database

KEYS = ["team", "Zoo", "a_b", "a-b", "aB", "ab", "Ab", "über", "zoo", "z1", "z_1", "größe", "10", "9"]
WORDS = re.compile(r"order_by\([^\n]*\.c\.(key|name|external_id|email|resource|title)\b")
"""A statement that sorts by what the host wrote."""


def test_no_statement_sorts_by_the_words_of_a_host() -> None:
    found = [f"{file.name}: {each[0]}" for file in sources("models") for each in WORDS.finditer(file.read_text())]

    assert found == []


async def test_every_text_is_sorted_by_code_point(postgresql_url: str) -> None:
    columns = (await described_at(postgresql_url))["columns"].values()

    assert {each[5] for table in columns for each in table if each[2] == "text"} == {"C"}


async def test_plans_of_equal_rank_stand_in_one_order_everywhere(database: Database) -> None:
    await settle(database, *sold())
    for number, key in enumerate(KEYS[1:]):
        plan = PlanRow(
            id=f"p{number}", environment_id=ENV, product_id=PRODUCT, key=key, latest_version=1, created_at=START
        )
        version = PlanVersionRow(
            id=f"v{number}", environment_id=ENV, plan_id=f"p{number}", version=1, status=VersionStatus.PUBLISHED,
            name=key, kind=PlanKind.PAID, rank=20, digest="d", published_at=START, created_at=START,
        )  # fmt: skip
        await settle(database, plan, version)
    async with database.working() as session:
        cards = working(session).catalog.cards
        listed = [plan.key for plan in await cards.on_sale()]
        grouped = [plan.key for plan in (await cards.of_products([PRODUCT]))[PRODUCT]]

    assert listed == grouped == sorted(KEYS)
