"""The few column types that both databases share; every field names one of them.

SQLite's STRICT tables take INTEGER, TEXT and BLOB only, so each type says what it is on either side. `reader` and
`binder` do what SQLAlchemy would have them do to each value, without its own steps between (`models/prepared.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Integer
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

Process: TypeAlias = "Callable[[Any], Any]"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Text(TypeDecorator[str]):
    """Text of any length, ids and keys too: sorted by code point, whatever order a database has of its own."""

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Say so to PostgreSQL; SQLite compares bytes unasked."""
        return _text(dialect)


def _text(dialect: Dialect) -> SqlText:
    return SqlText(collation="C" if dialect.name == "postgresql" else None)


class Int64(TypeDecorator[int]):
    """A signed 64-bit integer: amounts, money, counters."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER is SQLite's 64-bit integer."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def to_microseconds(instant: datetime) -> int:
    """Turn an aware instant into microseconds since 1970 UTC."""
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Turn microseconds since 1970 UTC into an aware instant."""
    return EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An instant, kept as microseconds since 1970 UTC: exact, sortable and zoneless on both databases."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER is SQLite's 64-bit integer."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Keep microseconds; a naive datetime is a bug and raises."""
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Answer an aware UTC datetime."""
        del dialect
        return None if value is None else from_microseconds(value)

    def reader(self, _dialect: Dialect) -> Process:
        """Read as above."""
        return _instant_read

    def binder(self, _dialect: Dialect) -> Process:
        """Keep as above."""
        return _instant_kept


def _instant_read(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + _MICROSECOND * value  # as exact as a delta of so many, in half the time


def _instant_kept(value: datetime | None) -> int | None:
    return None if value is None else (value - EPOCH) // _MICROSECOND


class Flag(TypeDecorator[bool]):
    """Yes or no."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite keeps 0 and 1."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> bool | int | None:
        """Bind what the database keeps."""
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: bool | int | None, dialect: Dialect) -> bool | None:
        """Answer a bool."""
        del dialect
        return None if value is None else bool(value)

    def reader(self, dialect: Dialect) -> Process | None:
        """Read as above."""
        return {0: False, 1: True, None: None}.__getitem__ if dialect.name == "sqlite" else None

    def binder(self, dialect: Dialect) -> Process | None:
        """Bind as above."""
        return {False: 0, True: 1, None: None}.__getitem__ if dialect.name == "sqlite" else None


class Choice(TypeDecorator[Any]):
    """A member of a closed set, kept as text by value; `checked` adds the CHECK."""

    impl = SqlText
    cache_ok = True

    def __init__(self, of: type[StrEnum]) -> None:
        """Remember the set."""
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Sort as any text does."""
        return _text(dialect)

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Keep the value, never the name."""
        del dialect
        return None if value is None else self.of(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Answer the member."""
        del dialect
        return None if value is None else self.of(value)

    def reader(self, _dialect: Dialect) -> Process:
        """Read as above."""
        members: dict[str | None, StrEnum | None] = {None: None, **{each.value: each for each in self.of}}
        return members.__getitem__

    def binder(self, _dialect: Dialect) -> Process:
        """Keep as above: a member is found by its value, and equals it."""
        values: dict[str | None, str | None] = {None: None, **{each.value: each.value for each in self.of}}
        return values.__getitem__


def checked(column: str, of: type[StrEnum]) -> CheckConstraint:
    """Build the CHECK that goes with a Choice column."""
    values = ", ".join(f"'{member.value}'" for member in of)
    return CheckConstraint(f"{column} IN ({values})", name=column)


class Json(TypeDecorator[Any]):
    """A JSON document: TEXT by orjson on SQLite, JSONB on PostgreSQL."""

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB where there is one."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(SqlText())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415  (who has a file needs none of PostgreSQL's)

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  (JSON is anything)
        """Write JSON text; PostgreSQL's driver does it there."""
        return value if dialect.name == "postgresql" else _json_kept(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401
        """Read JSON text."""
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.loads(value)

    def reader(self, dialect: Dialect) -> Process | None:
        """Read as above; PostgreSQL's driver has done it."""
        return self.dialect_impl(dialect).result_processor(dialect, None) if dialect.name != "sqlite" else _json_read

    def binder(self, dialect: Dialect) -> Process | None:
        """Write as above."""
        return _json_kept if dialect.name == "sqlite" else self.dialect_impl(dialect).bind_processor(dialect)


def _json_kept(value: Any) -> str | None:  # noqa: ANN401  (JSON is anything)
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _json_read(value: str | None) -> Any:  # noqa: ANN401  (JSON is anything)
    return None if value is None else orjson.loads(value)
