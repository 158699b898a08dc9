"""Running Core statements: the little that every store shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sqlalchemy import insert

from models.tables.base import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
    from sqlalchemy.sql import Executable
    from sqlmodel import SQLModel

Runner: TypeAlias = "AsyncConnection | AsyncSession"


async def rows(run: Runner, statement: Executable) -> Sequence[Mapping[str, Any]]:
    """Answer every row by column name."""
    return cast("Sequence[Mapping[str, Any]]", (await run.execute(statement)).mappings().all())


async def row(run: Runner, statement: Executable) -> Mapping[str, Any] | None:
    """Answer the one row, or None."""
    return cast("Mapping[str, Any] | None", (await run.execute(statement)).mappings().first())


async def value(run: Runner, statement: Executable) -> Any:  # noqa: ANN401  (one column of any type)
    """Answer the one column of the one row, or None."""
    return (await run.execute(statement)).scalar()


async def changed(run: Runner, statement: Executable) -> int:
    """Carry out an UPDATE or DELETE and answer how many rows it met."""
    return cast("CursorResult[Any]", await run.execute(statement)).rowcount


async def add(run: Runner, *added: SQLModel) -> None:
    """Insert rows, each at once, so that the next statement sees them."""
    for each in added:
        of = table(type(each))
        await run.execute(insert(of).values({column.name: getattr(each, column.name) for column in of.columns}))
