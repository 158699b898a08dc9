"""What the log has of an error: the kinds of what went wrong and where in our rooms, in a bounded number of characters.

What the database and its drivers say may hold SQL and values, so only their kinds and codes are told.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict, WrappedLogger

LONGEST: Final = 1_500
"""Characters of one error with everything behind it."""
LONGEST_MESSAGE: Final = 200
MOST_FRAMES: Final = 8
MOST_ERRORS: Final = 6

_HOME: Final = Path(__file__).parent.parent
_ROOMS: Final = tuple(f"{_HOME / room}/" for room in ("plangate", "schema", "resolvers", "models", "billing"))
_STORES: Final = frozenset({"sqlalchemy", "asyncpg", "sqlite3", "aiosqlite"})


def traced(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Put an error into words, as a step of the log."""
    given: object = line.pop("exc_info", None)
    error = cast("tuple[object, ...]", given)[1] if isinstance(given, tuple) else given
    error = sys.exception() if given is True else error
    if isinstance(error, BaseException):
        line["exception"] = told(error)
    return line


def told(error: BaseException) -> str:
    """Tell an error and what led to it, the last first."""
    text = "\nafter ".join(_one(each) for each in _behind(error))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _behind(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < MOST_ERRORS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", one).exceptions
        earlier = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        waiting += [earlier] if earlier is not None else []


def _one(error: BaseException) -> str:
    frames = [
        f"  {frame.filename.removeprefix(f'{_HOME}/')}:{frame.lineno} in {frame.name}"
        for frame in traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
        if frame.filename.startswith(_ROOMS)
    ]
    return "\n".join([_named(error), *frames[-MOST_FRAMES:]])


def _named(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__.partition(".")[0] in _STORES:
        code = _code(error) or _code(getattr(error, "orig", None))
        return kind.__name__ if code is None else f"{kind.__name__}, {code}"
    said = str(error)
    return f"{kind.__name__}: {said[:LONGEST_MESSAGE]}" if said else kind.__name__


def _code(error: object) -> str | None:
    code: str | None = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return code
