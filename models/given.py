"""Many questions in one statement: a list that is sent as one parameter, and joined to as a table is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, column, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler


class _Members(FunctionElement[Any]):
    """The members of a JSON list, a row each, in a column `value`."""

    name = "members"
    inherit_cache = True


class _Among(FunctionElement[Any]):
    """Whether a text is a member of a JSON list of texts."""

    name = "among"
    inherit_cache = True


class _Part(FunctionElement[Any]):
    """One part of a member that is a list itself."""

    name = "part"
    inherit_cache = True


@compiles(_Members, "postgresql")
def _members(element: _Members, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  (the compiler's own)
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **more)} AS JSONB))"


@compiles(_Members, "sqlite")
def _members_lite(element: _Members, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Among, "postgresql")
def _among(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  (the compiler's own)
    """Compare with an array: joined to a list, of which it knows no length, PostgreSQL would read tables whole."""
    of, listed = (compiler.process(each, **more) for each in element.clauses)
    return f"{of} = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST({listed} AS JSONB))))"


@compiles(_Among, "sqlite")
def _among_lite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  (as above)
    of, listed = (compiler.process(each, **more) for each in element.clauses)
    return f"{of} IN (SELECT value FROM json_each({listed}))"  # noqa: S608  (what the compiler made of both)


@compiles(_Part, "postgresql")
def _part(element: _Part, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    of, place = (compiler.process(each, **more) for each in element.clauses)
    return f"({of} ->> {place})"


@compiles(_Part, "sqlite")
def _part_lite(element: _Part, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    of, place = (compiler.process(each, **more) for each in element.clauses)
    return f"json_extract({of}, '$[{place}]')"


class Given:
    """A list of lists of texts and whole numbers; `rows` is joined to."""

    def __init__(self, name: str) -> None:
        """Name the parameter that it is sent as."""
        self.rows = _Members(bindparam(name, type_=Text())).table_valued(column("value"), name=f"{name}_rows")

    def text(self, place: int) -> ColumnElement[str]:
        """Take a text out of each."""
        return cast(_Part(self.rows.c.value, literal_column(str(place))), Text)

    def number(self, place: int) -> ColumnElement[int]:
        """Take a whole number out of each."""
        return cast(_Part(self.rows.c.value, literal_column(str(place))), BigInteger)


def among(of: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether a text is one of a list that is `sent`: one statement, however many there are."""
    return _Among(of, bindparam(name, type_=Text()))


def here(of: ColumnElement[str], env: str | None = None) -> ColumnElement[bool]:
    """Whether a row is of the environment `env`, so said that rows are never looked up by it: too many are."""
    return func.coalesce(of, "") == (bindparam("env") if env is None else env)


def sent(values: Collection[Sequence[str | int]] | Collection[str]) -> str:
    """Write a list as it is sent."""
    return orjson.dumps(list(values)).decode()
