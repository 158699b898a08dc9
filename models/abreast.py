"""Units of work side by side in one transaction: what several ask at once goes to the database as one statement.

Each runs as it would alone, statement after statement, and knows of nobody beside it. Where several have come to the
same statement it is carried out once, for all that was given: statements that are built once and kept (`rows.py`) are
the same, others are carried out one by one. Nothing but statements is awaited, and what one raises ends all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from typing import cast as cast_to

from sqlalchemy import BigInteger, BindParameter, Select, Update, bindparam, cast
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase

from billing.dataclass import dataclass
from models.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Mapping, Sequence

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import Executable

    from models.rows import Given, Runner, Sets

T = TypeVar("T")
Act: TypeAlias = "Coroutine[Any, Any, T]"
LANE = "lane_"
_TOLD = cast(bindparam(LANE, type_=BigInteger), BigInteger).label(LANE)
_TELLING: dict[int, tuple[Executable, Executable | None]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A statement that a unit of work waits for; `counting` where the number of rows that it met is wanted."""

    statement: Executable
    given: Sets
    counting: bool = False

    def __await__(self) -> Generator[_Asked, Any, Any]:
        answer = yield self
        return answer

    @property
    def same(self) -> tuple[object, ...]:
        """What is the same of those that can be carried out together."""
        if self.counting:
            return (id(self),)
        return (id(self.statement), *(self.given if isinstance(self.given, dict) else (type(self.given),)))


class Abreast:
    """A runner of statements for units of work that go side by side over one connection."""

    def __init__(self, run: Runner) -> None:
        """Run on its connection, inside its transaction."""
        self._run = run

    @property
    def dialect(self) -> Dialect:
        """The database's dialect."""
        return self._run.dialect

    async def execute(self, statement: Executable, given: Sets = None) -> Answer:
        """Wait until the others have come as far, and carry a statement out."""
        answer: Answer = await _Asked(statement, given)
        return answer

    async def counted(self, statement: Executable, given: Given) -> int:
        """Carry out a statement for one alone, and answer how many rows it met."""
        answer: Answer = await _Asked(statement, given, counting=True)
        return answer.met

    async def together(self, acts: Sequence[Act[T]]) -> list[T]:
        """Carry out acts that use this runner, and answer what each came to.

        The fewest go on first: who has more to ask than the others catches up with them.
        """
        waiting: dict[tuple[object, ...], list[tuple[int, _Asked]]] = {}
        ended: dict[int, T] = {}

        def go_on(place: int, answer: object) -> None:
            try:
                asked = acts[place].send(answer)
            except StopIteration as end:
                ended[place] = end.value
                return
            if not isinstance(asked, _Asked):
                raise TypeError(asked)
            waiting.setdefault(asked.same, []).append((place, asked))

        try:
            for place in range(len(acts)):
                go_on(place, None)
            while waiting:
                group = waiting.pop(min(waiting, key=lambda same: len(waiting[same])))
                group.sort(key=lambda each: each[0])
                answers = await self._answer([asked for _, asked in group])
                for (place, _), answer in zip(group, answers, strict=True):
                    go_on(place, answer)
        finally:
            for act in acts:
                act.close()
        return [ended[place] for place in range(len(acts))]

    async def _answer(self, group: Sequence[_Asked]) -> Sequence[object]:
        statement = group[0].statement
        if len(group) > 1 and isinstance(statement, UpdateBase) and not statement.exported_columns:
            await self._run.execute(statement, [given for each in group for given in _sets(each.given)])
            return [None] * len(group)
        telling = _telling(statement) if len(group) > 1 else None
        if telling is None:
            return [await self._run.execute(each.statement, each.given) for each in group]
        given = [{**_sets(each.given)[0], LANE: lane} for lane, each in enumerate(group)]
        answer = await self._run.execute(telling, given)
        found: list[list[Any]] = [[] for _ in group]
        for each in answer.found:
            found[each[-1]].append(each[:-1])
        return [Answer(answer.reading.but_last, each) for each in found]


def _sets(given: Sets) -> Sequence[Mapping[str, Any]]:
    if given is None:
        return [{}]
    return given if isinstance(given, list) else [cast_to("Mapping[str, Any]", given)]


def _telling(statement: Executable) -> Executable | None:
    """The statement with a last column that tells for whom each row is; None of one that cannot have it.

    A list in an `IN` has another statement for each length: `among` sends one instead.
    """
    known = _TELLING.get(id(statement))
    if known is None:
        known = _TELLING[id(statement)] = (statement, _told(statement))
    return known[1]


def _told(statement: Executable) -> Executable | None:
    if any(isinstance(each, BindParameter) and each.expanding for each in visitors.iterate(cast_to("Any", statement))):
        return None
    if isinstance(statement, Select):
        return statement.add_columns(_TOLD)
    return statement.returning(_TOLD) if isinstance(statement, Update) else None
