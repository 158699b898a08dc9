"""The question that the page on plan migration shows can be asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.world import World

if TYPE_CHECKING:
    from models.session import Database

PAGE = Path(__file__).parents[2] / "docs" / "plan-migration.md"
ASKED = {"from": {"planId": "free"}, "to": {"planId": "team"}, "when": "AT_RENEWAL", "prices": "NEW"}


async def test_the_documented_preview_answers(sqlite_database: Database) -> None:
    (document,) = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    world = await World.begin(sqlite_database)
    await world.subscribed("acme", "free", currency="USD")

    answer = (await world.ask(document, input=ASKED))["planMigrationPreview"]

    assert answer["totals"] == {"examined": 1, "complete": True, "wouldMove": 1, "wouldSkip": []}
    (row,) = (edge["node"] for edge in answer["subscriptions"]["edges"])
    assert (row["refusal"], row["change"]["appliesAt"]) == (None, "2024-02-01T00:00:00Z")
