"""What documents and acts take of the processor, against what they cost."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING, Any, cast

from tests.costs.documents import LIMITS, REFUSED, Shape, filled, points, shapes
from tests.resolvers.root_fields import ACTS, ROOT_FIELDS
from tests.resolvers.scene import holder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.costs.documents import Way
    from tests.costs.people import People
    from tests.resolvers.root_field import RootField
    from tests.world import World

TRIED = 2_000
"""Points at which shapes are compared; the greediest is then asked up to the limit of a secret key."""
TIMES = 3
"""How often the greediest is measured: the least is told, as others use the machine too."""
ROWS = 1_000
ACTING = "acting"
"""The environment in which acts are measured."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one document cost and took; `beside` is what any request takes, whatever it asks for."""

    field: str
    shape: str
    points: int
    milliseconds: float
    beside: float
    refused: frozenset[str]

    @property
    def of_a_thousand(self) -> float:
        """Milliseconds for each thousand points."""
        return max(0.0, self.milliseconds - self.beside) * 1_000 / self.points


@dataclass(frozen=True)
class Bench:
    """Where it is measured."""

    people: People
    beside: float

    async def dearest(self, field: str, ways: list[Way]) -> Taken:
        """The most that a field takes for its price, however it is asked for, at the limit of a secret key."""
        tried = [(way, shape) for way in ways for shape in shapes(way)]
        found = [(await self.taken(field, way, shape, TRIED), way, shape) for way, shape in tried]
        compared = [(each, way, shape) for each, way, shape in found if each is not None]
        way, shape = ways[0], Shape(1, 1, inner=False)
        if compared:
            _, way, shape = max(compared, key=lambda each: each[0].of_a_thousand)
        at_the_limit = await self.taken(field, way, shape, LIMITS.cost_secret, TIMES)
        assert at_the_limit is not None, f"one {field} costs more than anybody may spend"
        return at_the_limit

    async def taken(self, field: str, way: Way, shape: Shape, limit: int, times: int = 1) -> Taken | None:
        """Measure the longest document of a shape; None where one is too dear."""
        made = filled(way, shape, self.people, limit)
        if made is None:
            return None
        text, written, cost = made
        await self.people.world.whole(text)
        took = [await timed(self.people.world, text) for _ in range(times)]
        return Taken(field, str(written), cost, min(each for each, _ in took), self.beside, refusals(took[-1][1]))


async def bench(people: People) -> Bench:
    """Find out what a request takes that asks for nothing."""
    nothing = [(await timed(people.world, "{ __typename }"))[0] for _ in range(20)]
    return Bench(people, sorted(nothing)[len(nothing) // 2])


async def timed(world: World, text: str, *, place: str = "main", **variables: Any) -> tuple[float, dict[str, Any]]:
    """Milliseconds of the processor, in every thread, and the answer."""
    gc.collect()
    began = process_time()
    answer = await world.whole(text, place=place, **variables)
    return (process_time() - began) * 1_000, answer


async def acts(bench: Bench) -> list[Taken]:
    """Every act, each on somebody who was not touched yet.

    What takes something off sale comes last, and once; elsewhere it was done before, so that nothing is done for the
    first time.
    """
    world = bench.people.world
    ordered = sorted(ACTS, key=lambda act: act.name.endswith("Archive"))
    times = {each.name: 1 if each.name.endswith("Archive") else TIMES for each in ordered}
    holders = {
        each.name: [await holder(world, ACTING, f"{each.name.lower()}-{number}") for number in range(times[each.name])]
        for each in ordered
    }
    found: list[Taken] = []
    for each in ordered:
        took: list[tuple[float, dict[str, Any]]] = []
        variables: dict[str, Any] = {}
        if times[each.name] == 1:
            await world.whole(_told(each), **each.variables(bench.people.held))
        for number, held in enumerate(holders[each.name]):
            variables = {"input": {"idempotencyKey": f"{each.name} {number}", **each.variables(held)["input"]}}
            took.append(await timed(world, _told(each), place=ACTING, **variables))
        cost = points(_told(each), variables)
        least = min(milliseconds for milliseconds, _ in took)
        found.append(Taken(f"Mutation.{each.name}", "one", cost, least, bench.beside, refusals(took[0][1])))
    return found


async def in_bulk(bench: Bench) -> list[Taken]:
    """A thousand reports, of one customer and of many."""
    document = _told(ROOT_FIELDS["usageReportMany"])
    found: list[Taken] = []
    for whose in (1, len(bench.people.customers)):
        took: list[tuple[float, dict[str, Any]]] = []
        variables: dict[str, Any] = {}
        for number in range(TIMES):
            reports = [_report(bench.people, f"{number} {whose}", row, whose) for row in range(ROWS)]
            variables = {"input": {"reports": reports}}
            took.append(await timed(bench.people.world, document, **variables))
        least = min(milliseconds for milliseconds, _ in took)
        asked, cost = f"{ROWS} rows of {whose}", points(document, variables)
        found.append(Taken("Mutation.usageReportMany", asked, cost, least, bench.beside, refusals(took[0][1])))
    return found


def _told(act: RootField) -> str:
    """An act's document that names refusals as the questions do."""
    return act.document.replace("message code field", f"{REFUSED}: code")


def _report(people: People, what: str, row: int, whose: int) -> dict[str, Any]:
    about = {"feature": "lfs_bandwidth", "resource": "b", "value": "1"}
    return {"customer": {"id": people.customers[row % whose]}, **about, "idempotencyKey": f"{what} {row}"}


def refusals(answer: dict[str, Any]) -> frozenset[str]:
    """The codes of errors and refusals in an answer."""
    errors = (each["extensions"]["code"] for each in answer.get("errors", ()))
    return frozenset((*errors, *_refused(answer.get("data"))))


def _refused(of: object) -> Iterator[str]:
    if isinstance(of, dict):
        fields = cast("dict[str, object]", of)
        if REFUSED in fields:
            yield str(fields[REFUSED])
        for each in fields.values():
            yield from _refused(each)
    elif isinstance(of, list):
        for each in cast("list[object]", of):
            yield from _refused(each)
