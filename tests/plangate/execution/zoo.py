"""A small schema with one of everything, to be answered in two ways."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Annotated, Any, Final, NamedTuple

import strawberry
import structlog
from graphql import GraphQLSchema
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from models.paging import Page
from models.paging import Place as At
from plangate.execution.compiled.plan import CompiledPlan, Compiler
from plangate.execution.documents import Documents
from plangate.execution.errors import CodedError
from plangate.execution.limits import ExecutionLimits
from plangate.execution.plans import InterpretedPlan, core_schema
from plangate.execution.profile import DEVELOPMENT
from schema.info import Info
from schema.promise import field_of, object_type, shown, together
from schema.relay import Connection
from tests.twins import Twin

BEGINNING: Final = datetime(2024, 1, 1, tzinfo=UTC)

MOST = 60
"""No list is longer, whatever number is asked for: some are generated."""


@strawberry.enum
class Diet(StrEnum):
    GRASS = "grass"
    MEAT = "meat"


@strawberry.enum
class Size(Enum):
    SMALL = 1
    LARGE = 2


@strawberry.input
class Box:
    width: int
    label: str | None = None
    inner: list["Box"] | None = None


@strawberry.input(one_of=True)
class Place:
    cage: strawberry.Maybe[int]
    pond: strawberry.Maybe[str]


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Keeper(Named):
    since: datetime
    notes: JSON | None = None

    @strawberry.field
    async def animals(self, first: int = 3) -> list["Animal"]:
        await asyncio.sleep(0)
        return [animal(number) for number in range(min(first, MOST))]

    @strawberry.field
    def wanted(self, info: Info) -> list[str]:
        return sorted(info.wanted)


@strawberry.type
class Cat(Named):
    diet: Diet
    weight: float
    lives: int | None

    @strawberry.field
    async def keeper(self, info: Info) -> Keeper | None:
        await asyncio.sleep(0)
        return keeper(",".join(sorted(info.wanted | info.below("animals")))) if self.lives else None

    @strawberry.field
    def strict(self, at: int) -> str:
        if at == 1:
            raise CodedError("ODD", "An odd one.")
        return self.name


@strawberry.type
class Fish:
    """No name, so that the union's members differ."""

    size: Size
    scales: list[int | None]
    shoal: list[list["Fish"] | None] | None

    @strawberry.field
    def maybe(self) -> str:
        return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  (what must not be)


Animal = Annotated[Cat | Fish, strawberry.union("Animal")]


def animal(number: int) -> Cat | Fish:
    """Every other one is a fish."""
    if number % 2:
        return Fish(size=Size.LARGE, scales=[number, None], shoal=[[], None])
    return Cat(name=f'Cat {number} \u2028 \x7f "\\\n é 🐈', diet=Diet.MEAT, weight=number / 3, lives=number or None)


def keeper(name: str) -> Keeper:
    """Somebody who keeps animals."""
    return Keeper(name=name, since=BEGINNING + timedelta(microseconds=5), notes=JSON({"a": [1, None, "x"]}))


class Sound(NamedTuple):
    text: str | None
    loud: int | None
    first: str
    last: str | None


async def _heard(_: Info, ears: Sequence[list[Sound]]) -> Sequence[list[Sound]]:
    await asyncio.sleep(0)
    return ears


async def _nearest(_: Info, ears: Sequence[list[Sound]]) -> list[Sound | None]:
    await asyncio.sleep(0)
    if any(len(ear) == MOST for ear in ears):
        raise CodedError("LOUD", "Nobody hears so much.")
    return [ear[0] if ear else None for ear in ears]


async def _wanted(info: Info, ears: Sequence[list[Sound]]) -> list[str]:
    return ["".join(sorted(info.wanted))] * len(ears)


def _sounds(first: int) -> list[Sound]:
    return [Sound(f"ü{n}\n", n if n % 2 else None, "x", "y" if n % 3 else None) for n in range(min(first, MOST))]


@object_type
class Letter:
    """Part of a sound."""

    view: strawberry.Private[str]
    written: str = shown("How.", lambda view: view)

    @classmethod
    def of(cls, view: str) -> "Letter":
        return cls(view=view)


@object_type
class Heard:
    """A sound, of which nothing is made before something is asked for."""

    view: strawberry.Private[Sound]
    text: str = shown("How it is written.", "text")
    loud: int | None = shown("How loud it is.", "loud")
    first: Letter = shown("Its first letter.", "first", Letter)
    last: Letter | None = shown("Its last letter.", "last", Letter)

    @strawberry.field
    def twice(self) -> str:
        return 2 * str(self.view.text)

    @classmethod
    def of(cls, view: Sound) -> "Heard":
        return cls(view=view)


def _ears(views: Sequence[list[Sound]]) -> list["Ear"]:
    return [Ear.of(each) for each in views]


@object_type
class Ear:
    """Who hears sounds, which are read for all ears together."""

    view: strawberry.Private[list[Sound]]
    size: Size = shown("How large it is.", lambda view: Size.LARGE if view else Size.SMALL)
    heard: list[Heard] = together("What it hears.", _heard, list[Heard])
    nearest: Heard | None = together("What is next.", _nearest, Heard | None)
    wanted: Letter = together("What is asked of it.", _wanted, Letter)
    twins: list["Ear"] = shown("It twice.", lambda view: [view, view[:1]], _ears)

    @classmethod
    def of(cls, view: list[Sound]) -> "Ear":
        return cls(view=view)


@strawberry.type
class Query:
    @field_of(list[Heard])
    async def sounds(self, first: int = 3) -> list[Sound]:
        """Sounds; one of them has no text, and one is louder than numbers are."""
        await asyncio.sleep(0)
        made = _sounds(first)
        return made if first != MOST else [*made, Sound(None, 2**40, "x", None)]

    @field_of(Connection[Ear])
    async def ears(self, first: int = 3) -> Page[list[Sound]]:
        """Ears, each of which hears more than the one before it."""
        places = [At(_sounds(number), number, str) for number in range(min(first, MOST + 1))]
        return Page(tuple(places), has_next=first > MOST, has_previous=False)

    @field_of(Ear | None)
    async def ear(self, hears: int = 2) -> list[Sound] | None:
        """One ear; null where it hears less than nothing."""
        return None if hears < 0 else _sounds(hears)

    @strawberry.field
    def alive(self) -> bool:
        return True

    @strawberry.field
    def hello(self, name: str = "you", times: int | None = None) -> str:
        return f"Hello, {name}" * (1 if times is None else min(times, 3))

    @strawberry.field
    def boxes(self, of: list[Box]) -> list[str | None]:
        return [str(each) if each.inner else each.label for each in of]

    @strawberry.field
    def places(self, of: list[Place]) -> list[str]:
        return [f"{each.cage} {each.pond}" for each in of]

    @strawberry.field
    def diet(self, of: Diet, sizes: list[Size] | None = None) -> Diet | None:
        return of if sizes is None else None

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    async def moment(self, at: datetime | None = None) -> datetime | None:
        await asyncio.sleep(0)
        return at

    @strawberry.field
    def node(self, id: strawberry.ID, kind: str = "cat") -> Named | None:
        return keeper(id) if kind == "keeper" else animal(0) if kind == "cat" else None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  (a cat is named)

    @strawberry.field
    async def animals(self, first: int = 2) -> list[Animal]:
        await asyncio.sleep(0)
        return [animal(number) for number in range(min(first, MOST))]

    @strawberry.field
    def cats(self, first: int = 2) -> list[Cat] | None:
        return [cat for number in range(0, min(first, MOST) * 2, 2) if isinstance(cat := animal(number), Cat)]

    @strawberry.field
    def context(self, info: Info) -> str:
        return str(info.context)

    @strawberry.field
    def keepers(self) -> list[Keeper | None]:
        return [keeper("one"), None]


ACTS: Final[list[str]] = []
"""What was done to animals."""


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def feed(self, name: str, boxes: list[Box] | None = None, times: int = 1) -> Keeper | None:
        ACTS.append(name)
        await asyncio.sleep(0)
        if name == "the lion":
            raise CodedError("BITTEN", "Not from the hand.")
        if name == "the wall":
            raise ValueError("a mistake")
        return keeper(f"{name} {boxes} {times}") if times else None

    @strawberry.mutation
    async def catch(self, first: int) -> Animal:
        ACTS.append("catch")
        return animal(first)

    @strawberry.mutation
    def shout(self) -> str:
        ACTS.append("shout")
        return "!"


SCHEMA: Final = strawberry.Schema(Query, Mutation, types=[Keeper], config=StrawberryConfig(info_class=Info))
CORE: Final[GraphQLSchema] = core_schema(SCHEMA)


class Zoo:
    """Both ways of answering, side by side."""

    def __init__(self, limits: ExecutionLimits | None = None, schema: strawberry.Schema = SCHEMA) -> None:
        self.limits = limits or ExecutionLimits()
        self.compiler = Compiler(schema, self.limits, suggestions=True)
        self._schema = schema
        self._documents = Documents(core_schema(schema), self.limits, DEVELOPMENT)

    async def ask(self, text: str, variables: Mapping[str, object] | None = None, name: str | None = None) -> Any:
        """Answer in both ways, hold them to each other, and give the bytes."""
        outcome = await Twin(*self.ways(text, name), text).run(variables or {}, "ctx", {"cost": 1})
        return outcome.body

    def ways(self, text: str, name: str | None = None) -> tuple[CompiledPlan, InterpretedPlan]:
        """Plan a document in both ways."""
        document = self._documents.get(text)
        operation = document.operation(name)
        measure = document.measures[operation.name.value if operation.name else None]
        log = structlog.get_logger("zoo").bind()
        interpreted = InterpretedPlan(
            self._schema, document.tree, operation, measure, limits=self.limits, profile=DEVELOPMENT, log=log
        )
        return CompiledPlan(self.compiler, document.tree, operation, interpreted, asked=True), interpreted
