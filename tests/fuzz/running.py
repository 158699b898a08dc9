"""A real gateway under fire: Schemathesis's examples of every root field, aimed, sent over HTTP, and judged."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import requests
from graphql import OperationDefinitionNode, build_schema, parse, utilities
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis import graphql as loaders

from models.session import Database
from tests.faults.gateway import Gateway
from tests.fuzz.aiming import Aim
from tests.fuzz.shape import misshapen
from tests.fuzz.values import pool, register
from tests.resolvers.root_fields import ROOT_FIELDS
from tests.resolvers.scene import holder
from tests.told import every_event_fits
from tests.world import START, World

if TYPE_CHECKING:
    from graphql import GraphQLObjectType

    from tests.resolvers.scene import Holder

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"
DRIVERS = ("sqlite", "asyncpg", "sqlalchemy", "traceback", "psycopg", "aiosqlite", "errno", "select ", "insert into")
SLOW = 30.0


@dataclass
class Reached:
    """What one root field answered, by kind, and what was wrong with it."""

    field: str
    done: int = 0
    refused: int = 0
    invalid: int = 0
    kinds: Counter[str] = dataclasses.field(default_factory=Counter[str])
    failures: list[str] = dataclasses.field(default_factory=list[str])

    @property
    def sent(self) -> int:
        """How many documents were answered."""
        return self.done + self.refused + self.invalid


@dataclass
class Range:
    """A gateway on a world, and what is needed to aim at it."""

    world: World
    gateway: Gateway
    holders: dict[str, Holder] = dataclasses.field(default_factory=dict[str, "Holder"])

    async def fire(self, name: str, examples: int, seed: int) -> Reached:
        """Send so many examples of a root field; each act in its own environment: some archive everything."""
        key = f"fuzz-{name.lower()}-{seed}" if ROOT_FIELDS[name].mutates else f"fuzz-questions-{seed}"
        if key not in self.holders:
            await self.world.settle(key, START)
            self.holders[key] = await holder(self.world, key, "acme")
        place, held = self.world.places[key], self.holders[key]
        return await asyncio.to_thread(self._fire, name, held, place.secret, examples, seed)

    def _fire(self, name: str, holder: Holder, secret: str, examples: int, seed: int) -> Reached:
        reached = Reached(name)
        aim = Aim(pool(holder), _written(name, holder), random.Random(f"{name} {seed}"))
        operation = OPERATIONS[name]
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {secret}"

        @seeded(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        )
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def run(case: Any) -> None:
            document = aim(str(case.body))
            response = session.post(f"{self.gateway.address}/graphql", json={"query": document}, timeout=SLOW)
            judge(reached, document, response)

        with session:
            run()
        return reached


def _root(name: str) -> GraphQLObjectType:
    root = SCHEMA.mutation_type if ROOT_FIELDS[name].mutates else SCHEMA.query_type
    assert root is not None
    return root


def _written(name: str, holder: Holder) -> dict[str, Any]:
    """The arguments that are known to do, written as a document has them: enums without quotes."""
    asked = _root(name).fields[name]
    return {of: _literal(value, asked.args[of].type) for of, value in ROOT_FIELDS[name].variables(holder).items()}


def _literal(value: Any, of: Any) -> Any:
    """A value as a document writes it; the first way knows JSON's objects, the second one what lacks a field."""
    writing: Any = cast("Any", utilities)
    written = writing.value_to_literal(value, of)
    return writing.ast_from_value(value, of) if written is None else written


def judge(reached: Reached, document: str, response: requests.Response) -> None:
    """Count an answer and note what is wrong with it."""
    said = response.text
    wrong = [f"it says {word!r}" for word in DRIVERS if word in said.lower() and word not in document.lower()]
    if response.status_code not in {200, 400}:
        wrong.append(f"status {response.status_code}")
    body: Any = response.json()
    told = body.get("data")
    codes = [each.get("extensions", {}).get("code") for each in body.get("errors", ())]
    if not all(codes) or "INTERNAL" in codes:
        wrong.append(f"errors {codes}")
    if "data" in body and told is not None and not codes:
        wrong += _shape(reached.field, document, told)
        _count(reached, told[reached.field])
    else:
        reached.invalid += 1
        reached.kinds.update(map(str, codes))
        itself = [each for each in body.get("errors", ()) if len(each.get("path", ())) <= 1]
        if "data" in body and ROOT_FIELDS[reached.field].payload is not None and itself:  # a list behind it may refuse
            wrong.append(f"a union answered by an error: {codes}")
    if wrong:
        reached.failures.append(f"{'; '.join(wrong)}\n{document}\n{said[:600]}")


def _count(reached: Reached, told: Any) -> None:
    kind = str(cast("dict[str, Any]", told).get("__typename")) if isinstance(told, dict) else "value"
    reached.kinds[kind] += 1
    payload = ROOT_FIELDS[reached.field].payload
    if told is not None and (payload is None or kind == payload):
        reached.done += 1
    else:
        reached.refused += 1


def _shape(name: str, document: str, told: Any) -> list[str]:
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return misshapen(SCHEMA, operation.selection_set, _root(name), told)


async def open_range(url: str, folder: Path) -> Range:
    """Make a world and start a gateway on it."""
    database = Database(url)
    world = await World.begin(database)
    gateway = await asyncio.to_thread(Gateway.start, url, folder, worker=False)
    return Range(world, gateway)


async def close_range(opened: Range) -> None:
    """Stop the gateway; what it told of is what types of events may tell."""
    await asyncio.to_thread(opened.gateway.stop)
    await every_event_fits(opened.world.database)
    await opened.world.database.close()


register()
SCHEMA = build_schema(SDL.read_text())
LOADED: Any = loaders.from_file(SDL.read_text())
OPERATIONS: dict[str, Any] = {each.ok().label.partition(".")[2]: each.ok() for each in LOADED.get_all_operations()}
