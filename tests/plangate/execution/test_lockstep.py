"""Nested reads step together: a level is one question, whatever its lists hold, and nobody is left behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from models.aside import Aside
from plangate.execution.errors import CodedError
from resolvers.batching import Loader, Round
from schema.info import Info
from tests.plangate.execution.zoo import Zoo
from tests.twins import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from plangate.execution.plans import Outcome


@dataclass(slots=True)
class Library:
    """The context of one call: two loaders, what they were asked for together, and who waits for whom."""

    parties: int = 1
    wait: bool = False
    """Whether what loaders read is read over there, after a while."""
    broken: bool = False
    questions: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    ended: Counter[str] = field(default_factory=Counter[str])
    round: Round = field(default_factory=Round)
    authors: Loader[int, str] = field(init=False)
    towns: Loader[str, str] = field(init=False)
    met: asyncio.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self.authors = Loader(self._authors, self.round)
        self.towns = Loader(self._towns, self.round)
        self.met = asyncio.Barrier(self.parties)

    async def _authors(self, keys: Sequence[int]) -> Mapping[int, str]:
        self.questions.append(("authors", len(keys)))
        if self.wait:
            await asyncio.sleep(0.001)
        if self.broken:
            self.broken = False
            raise CodedError("CLOSED", "Come back later.")
        return {key: f"author {key}" for key in keys}

    async def _towns(self, names: Sequence[str]) -> Mapping[str, str]:
        self.questions.append(("towns", len(names)))
        if self.wait:
            await asyncio.sleep(0.001)
        return {name: f"town of {name}" for name in names}


@strawberry.type
class Author:
    name: str

    @strawberry.field
    async def town(self, info: Info) -> str | None:
        library: Any = info.context
        return await library.towns.load(self.name)  # type: ignore[no-any-return]


@strawberry.type
class Book:
    number: int

    @strawberry.field
    async def author(self, info: Info) -> Author:
        library: Any = info.context
        return Author(name=await library.authors.load(self.number // 2))

    @strawberry.field
    async def town(self, info: Info) -> str | None:
        """A loader within a loader."""
        library: Any = info.context
        return await library.towns.load(await library.authors.load(self.number))  # type: ignore[no-any-return]

    @strawberry.field
    async def readers(self, info: Info) -> list[str]:
        library: Any = info.context
        return await library.authors.load_many([self.number, self.number + 1])  # type: ignore[no-any-return]

    @strawberry.field
    async def odd(self, info: Info) -> str | None:
        library: Any = info.context
        found: str = await library.authors.load(self.number)
        if self.number % 2:
            raise CodedError("ODD", "An odd one.")
        return found

    @strawberry.field
    async def needed(self, info: Info) -> str:
        return await self._even(info)  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  (what must not be)

    async def _even(self, info: Info) -> str | None:
        library: Any = info.context
        found: str = await library.authors.load(self.number)
        return None if self.number == 2 else found

    @strawberry.field
    async def met(self, info: Info) -> str:
        """Goes on once all books are here, which waits for something that is no loader's."""
        library: Any = info.context
        await library.met.wait()
        return str(await library.authors.load(self.number))

    @strawberry.field
    async def late(self) -> bool:
        """Sets a clock of its own task, and sees it run out."""
        await Aside()
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return True
        return False

    @strawberry.field
    async def never(self, info: Info) -> str:
        """Waits until it is given up: every other book for a loader first."""
        library: Any = info.context
        try:
            if self.number % 2:
                await library.authors.load(self.number)
            await asyncio.Event().wait()
        finally:
            library.ended["book"] += 1
        return "never"


@strawberry.type
class Shelf:
    number: int
    held: strawberry.Private[int]

    @strawberry.field
    async def books(self) -> list[Book]:
        return [Book(number=self.number * 100 + number) for number in range(self.held)]


@strawberry.type
class Query:
    @strawberry.field
    def shelves(self, shelves: int, books: int) -> list[Shelf]:
        return [Shelf(number=number, held=books) for number in range(shelves)]

    @strawberry.field
    async def author(self, info: Info) -> Author:
        library: Any = info.context
        return Author(name=await library.authors.load(7))


SCHEMA: Final = strawberry.Schema(Query, config=StrawberryConfig(info_class=Info))
BOOKS: Final = "query ($s: Int!, $b: Int!) { shelves(shelves: $s, books: $b) { books { number %s } } }"


async def _both(document: str, made: Callable[[], Library], **variables: object) -> tuple[Outcome, Library]:
    """Answer in both ways, each with a library of its own, and hold them to each other; the compiled one's is given."""
    zoo, ours, theirs = Zoo(schema=SCHEMA), made(), made()
    compiled, interpreted = zoo.ways(document)
    answer = await compiled.run(variables, ours, {})
    assert plain(answer) == plain(await interpreted.run(variables, theirs, {}))
    assert zoo.compiler.tally.answered == int(answer.complete)
    assert sum(number for _, number in ours.questions) <= 2 * sum(number for _, number in theirs.questions)
    return answer, ours


@pytest.mark.parametrize(("shelves", "books"), [(1, 1), (2, 3), (3, 45)])
async def test_a_level_is_one_question_and_no_task_whatever_its_lists_hold(shelves: int, books: int) -> None:
    document = BOOKS % "author { name town } town readers"
    compiled, interpreted = Zoo(schema=SCHEMA).ways(document)
    ours, theirs, tasks = Library(), Library(), list[str]()

    def made(loop: asyncio.AbstractEventLoop, act: Any, **named: Any) -> asyncio.Task[Any]:
        tasks.append(repr(act))
        return asyncio.Task(act, loop=loop, **named)

    asyncio.get_running_loop().set_task_factory(made)
    answer = await compiled.run({"s": shelves, "b": books}, ours, {})
    asyncio.get_running_loop().set_task_factory(None)

    assert answer == await interpreted.run({"s": shelves, "b": books}, theirs, {})
    assert [name for name, _ in ours.questions] == ["authors", "towns"]
    assert tasks == []


async def test_what_is_known_already_is_answered_without_waiting() -> None:
    library = Library()
    assert await library.authors.load_many([3, 4, 3]) == ["author 3", "author 4", "author 3"]

    with pytest.raises(StopIteration) as end:
        library.authors.load(4).send(None)

    assert (end.value.value, library.questions) == ("author 4", [("authors", 2)])


async def test_an_error_of_one_member_is_where_it_happened_and_null_goes_up_as_far_as_it_must() -> None:
    odd, _ = await _both(BOOKS % "odd readers", Library, s=2, b=3)
    gone, _ = await _both(BOOKS % "needed", Library, s=1, b=4)

    assert [(each["path"], each["extensions"]["code"]) for each in orjson.loads(odd.body)["errors"]] == [
        (["shelves", 0, "books", 1, "odd"], "ODD"),
        (["shelves", 1, "books", 1, "odd"], "ODD"),
    ]
    assert orjson.loads(gone.body)["data"] is None


async def test_a_question_that_fails_is_asked_again_by_graphql_core() -> None:
    zoo, library = Zoo(schema=SCHEMA), Library(broken=True)
    answer = await zoo.ways(BOOKS % "readers")[0].run({"s": 1, "b": 2}, library, {})

    assert (answer.complete, zoo.compiler.tally.given_up) == (True, 1)
    assert library.questions == [("authors", 3), ("authors", 3)]


@pytest.mark.parametrize("wait", [False, True])
async def test_what_waits_for_something_else_waits_side_by_side(wait: bool) -> None:
    """Nobody passes before all thirty have come, and a question meanwhile goes over there and back."""
    answer, _ = await _both(BOOKS % "author { town } met late", lambda: Library(parties=30, wait=wait), s=3, b=10)
    assert answer.complete


async def test_of_a_run_that_is_cancelled_nothing_is_left() -> None:
    library = Library(wait=True)
    compiled, _ = Zoo(schema=SCHEMA).ways(BOOKS % "never author { town }")
    run = asyncio.create_task(compiled.run({"s": 2, "b": 4}, library, {}))
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert library.ended == {"book": 8}
    assert asyncio.all_tasks() == {asyncio.current_task()}
