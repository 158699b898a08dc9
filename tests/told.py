"""Every event that a database holds, held against what its type may tell. (C15)"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from billing.events import EVENT_TYPES, events_schema
from models.rows import rows
from models.tables.base import table
from models.tables.journal import EventRow

if TYPE_CHECKING:
    from models.session import Database

jsonschema: Any = import_module("jsonschema")  # it is not typed
E = table(EventRow)


@cache
def _sides(type_: str) -> tuple[Any, Any]:
    """What reads `before` and `after` of a type; building one takes longer than reading many events."""
    kind = EVENT_TYPES[type_]
    schemas = kind.schema_of_before(), kind.schema_of_after()
    before, after = (jsonschema.Draft202012Validator(schema) for schema in schemas)
    return before, after


def faults(type_: str, before: Any, after: Any) -> list[str]:
    """What an event tells that its type does not allow."""
    if type_ not in EVENT_TYPES:
        return [f"{type_} is no type of event"]
    readers = zip(("before", "after"), _sides(type_), (before, after), strict=True)
    return [
        f"{type_}.{side}{''.join(f'.{part}' for part in fault.absolute_path)}: {fault.message}"
        for side, reader, told in readers
        for fault in reader.iter_errors(told)
    ]


async def every_event_fits(database: Database) -> int:
    """Read every event of every environment, fail with what does not fit, and answer how many there are."""
    async with database.reading() as connection:
        found = await rows(connection, select(E.c.type, E.c.before, E.c.after))
    wrong = sorted({fault for each in found for fault in faults(each["type"], each["before"], each["after"])})
    assert not wrong, "\n".join(wrong)
    return len(found)


def whole_schema() -> Any:
    """What reads whole events, as the program prints it."""
    jsonschema.Draft202012Validator.check_schema(events_schema())
    return jsonschema.Draft202012Validator(events_schema())
