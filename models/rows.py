"""Running Core statements: the little that every store shares.

A statement of the write path is built once, beside its table, with a `bindparam` for what each call gives: building
one costs as much as running it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import insert

from models.abreast import Abreast
from models.tables.base import table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.sql import Executable, Insert
    from sqlmodel import SQLModel

    from models.at_hand import Here
    from models.crossing import Hopping, Straight
    from models.fetching import Alone, Fetching

Runner: TypeAlias = "Alone | Abreast | Fetching | Here | Straight | Hopping"
Given: TypeAlias = "Mapping[str, Any] | None"
Sets: TypeAlias = "Given | Sequence[Mapping[str, Any]]"
"""What a statement is given once, or, as a list, once for each set."""
_INSERTS: dict[str, tuple[Insert, tuple[str, ...]]] = {}


async def rows(run: Runner, statement: Executable, given: Given = None) -> Sequence[Mapping[str, Any]]:
    """Answer every row by column name."""
    return (await run.execute(statement, given)).dicts()


async def row(run: Runner, statement: Executable, given: Given = None) -> Mapping[str, Any] | None:
    """Answer the one row, or None."""
    return (await run.execute(statement, given)).first()


async def tuples(run: Runner, statement: Executable, given: Given = None) -> Sequence[Sequence[Any]]:
    """Answer every row by its columns' places."""
    return (await run.execute(statement, given)).tuples()


async def records(run: Runner, statement: Executable, given: Given = None) -> list[Any]:
    """Answer every row as a tuple whose attributes are its columns."""
    return (await run.execute(statement, given)).records()


async def value(run: Runner, statement: Executable, given: Given = None) -> Any:  # noqa: ANN401  (of any type)
    """Answer the one column of the one row, or None."""
    return (await run.execute(statement, given)).scalar()


async def changed(run: Runner, statement: Executable, given: Given = None) -> int:
    """Carry out an UPDATE or DELETE and answer how many rows it met."""
    if isinstance(run, Abreast):
        return await run.counted(statement, given)
    return (await run.execute(statement, given)).met


def even(values: Collection[str]) -> list[str]:
    """List values for `IN`, the last one repeated up to a power of two: few statements, however many values."""
    listed = sorted(values)
    return listed + listed[-1:] * ((1 << (len(listed) - 1).bit_length()) - len(listed))


async def add(run: Runner, *added: SQLModel) -> None:
    """Insert rows, each at once, so that the next statement sees them."""
    for each in added:
        statement, names = _insert(type(each))
        await run.execute(statement, {name: getattr(each, name) for name in names})


async def add_all(run: Runner, of: type[SQLModel], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, given as the values of every column, in one statement."""
    if values:
        await run.execute(_insert(of)[0], values)


def upsert(into: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that says what becomes of a row that is there, which each database has its own words for."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as of_a_file  # noqa: PLC0415  (nobody needs both dialects)

        return of_a_file(into)
    from sqlalchemy.dialects.postgresql import insert as of_a_server  # noqa: PLC0415  (as above)

    return of_a_server(into)


def _insert(of: type[SQLModel]) -> tuple[Insert, tuple[str, ...]]:
    known = _INSERTS.get(of.__name__)
    if known is None:
        into = table(of)
        known = _INSERTS[of.__name__] = insert(into), tuple(column.name for column in into.columns)
    return known
