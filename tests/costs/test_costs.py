"""The search that finds what is too cheap reaches every question and every list, and they answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.costs.documents import LIMITS, MOST, PROMISED, Shape, document, filled, points, shapes, targets
from tests.costs.measuring import Bench, refusals
from tests.costs.people import people
from tests.world import World

if TYPE_CHECKING:
    from models.session import Database


async def test_every_question_and_every_list_is_asked_for_and_answered(sqlite_database: Database) -> None:
    who = await people(await World.begin(sqlite_database), customers=3)
    query = PROMISED.query_type
    assert query is not None

    refused = {
        str((field, number)): found
        for field, ways in targets().items()
        for number, way in enumerate(ways)
        if (found := refusals(await who.world.whole(document(way, Shape(1, 1, inner=False), who))))
    }

    assert targets().keys() >= {f"Query.{name}" for name in query.fields}
    assert refused == {}


async def test_documents_are_as_long_as_every_limit_allows(sqlite_database: Database) -> None:
    who = await people(await World.begin(sqlite_database), customers=3)
    bench = Bench(who, 0.0)
    (way, *_) = targets()["Query.entitlements"]
    for shape in shapes(way):
        found = filled(way, shape, who, LIMITS.cost_customer)
        assert found is not None
        text, written, cost = found
        assert cost == points(text) <= LIMITS.cost_customer
        assert written.repeated == MOST or cost + cost // written.repeated > LIMITS.cost_customer

    taken = await bench.taken("Query.entitlements", way, Shape(1, 1, inner=False), LIMITS.cost_customer)

    assert taken is not None
    assert taken.refused == frozenset()
    assert taken.of_a_thousand > 0
