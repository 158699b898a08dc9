"""Pages of growing lists by keyset: a cursor is the sort key of a row, never an offset."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import orjson
from sqlalchemy import ColumnElement, and_, func, or_, select

from billing.dataclass import dataclass
from billing.refusals import InvalidInput
from models.types import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select

T = TypeVar("T")
LONGEST_CURSOR = 300
_BEYOND = 2**62


class Place(NamedTuple, Generic[T]):
    """One row of a list, and what its cursor is made of."""

    view: T
    key: Any
    written: Callable[[Any], str]

    @property
    def cursor(self) -> str:
        """Name this place; it is written when somebody wants it."""
        return self.written(self.key)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list."""

    places: tuple[Place[T], ...]
    has_next: bool
    has_previous: bool

    @property
    def rows(self) -> list[tuple[str, T]]:
        """Each row with its cursor."""
        return [(each.cursor, each.view) for each in self.places]

    @property
    def views(self) -> list[T]:
        """The rows alone."""
        return [each.view for each in self.places]


@dataclass(frozen=True, slots=True)
class Key:
    """One column of a sort key; the whole key names a row."""

    column: ColumnElement[Any]
    descending: bool = False


def cursor_of(parts: Sequence[int | str]) -> str:
    """Write a sort key as an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(parts))).decode().rstrip("=")


def cursor_at(instant: datetime, id_: str) -> str:
    """Write the cursor of a row that is sorted by an instant and its id."""
    return cursor_of((to_microseconds(instant), id_))


def number_in(cursor: str) -> int:
    """Read the cursor of a list that is sorted by a number, refusing by name what is not one of ours."""
    (number,) = _parts(cursor, int)
    return int(number)


def text_in(cursor: str) -> str:
    """Read the cursor of a list that is sorted by an id, refusing by name what is not one of ours."""
    (id_,) = _parts(cursor, str)
    return str(id_)


def instant_and_id_in(cursor: str) -> tuple[datetime, str]:
    """Read the cursor of a list that is sorted by an instant and an id, refusing by name what is not one of ours."""
    microseconds, id_ = _parts(cursor, int, str)
    try:
        return from_microseconds(int(microseconds)), str(id_)
    except OverflowError as problem:
        raise _bad_cursor() from problem


def _parts(cursor: str, *kinds: type[int | str]) -> list[int | str]:
    if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        raise _bad_cursor()
    try:
        read: object = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as problem:
        raise _bad_cursor() from problem
    parts = cast("list[object]", read) if isinstance(read, list) else []
    kept = [part for part in parts if isinstance(part, str | int) and _fits(part)]
    if [type(part) for part in parts] != [*kinds] or len(kept) != len(kinds) or cursor_of(kept) != cursor:
        raise _bad_cursor()
    return kept


def _fits(part: int | str) -> bool:
    return part.isprintable() if isinstance(part, str) else abs(part) < _BEYOND


def after(statement: Select[Any], keys: Sequence[Key], values: Sequence[Any]) -> Select[Any]:
    """Keep the rows that come after a sort key."""
    clauses: list[ColumnElement[bool]] = []
    for index, key in enumerate(keys):
        equal = [k.column == v for k, v in zip(keys[:index], values[:index], strict=True)]
        beyond = key.column < values[index] if key.descending else key.column > values[index]
        clauses.append(and_(*equal, beyond))
    return statement.where(or_(*clauses))


def ordered(statement: Select[Any], keys: Sequence[Key]) -> Select[Any]:
    """Sort by a key."""
    return statement.order_by(*(key.column.desc() if key.descending else key.column.asc() for key in keys))


def of_each(
    listed: Select[Any], owner: ColumnElement[Any], keys: Sequence[Key], first: int, cursor: str | None
) -> Select[Any]:
    """Take up to `first` + 1 rows of each owner's list by instant and id, in as many statements as for one."""
    if cursor is not None:
        listed = after(listed, keys, instant_and_id_in(cursor))
    sorting = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    place = func.row_number().over(partition_by=owner, order_by=sorting)
    placed = listed.add_columns(place.label("place")).subquery()
    return select(placed).where(placed.c.place <= first + 1).order_by(placed.c.place)


def pages_by(
    found: Sequence[Mapping[str, Any]],
    owner: str,
    owners: Collection[str],
    first: int,
    view: Callable[[Mapping[str, Any]], T],
    *,
    began: bool,
) -> dict[str, Page[T]]:
    """Make a page for each owner from the rows of `of_each`."""
    grouped: dict[str, list[Mapping[str, Any]]] = {each: [] for each in owners}
    for each in found:
        grouped[each[owner]].append(each)
    return {
        of: page_of(each, first, lambda row: cursor_at(row["created_at"], row["id"]), view, began=began)
        for of, each in grouped.items()
    }


def page_of(
    found: Sequence[Mapping[str, Any]],
    first: int,
    cursor: Callable[[Mapping[str, Any]], str],
    view: Callable[[Mapping[str, Any]], T],
    *,
    began: bool,
) -> Page[T]:
    """Make a page from up to `first` + 1 rows; `began` is whether a cursor was given."""
    return Page(tuple([Place(view(each), each, cursor) for each in found[:first]]), len(found) > first, began)


def _bad_cursor() -> InvalidInput:
    return InvalidInput("The cursor is not one of ours: pass an endCursor or cursor as it was answered.", field="after")
