"""What a driver could not do, in our own words; a mistake in a statement stays what it is."""

from __future__ import annotations

import errno
import logging
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from billing.refusals import TemporarilyUnavailable

_log = logging.getLogger("plangate.store")

PROBLEMS = (SQLAlchemyError, OSError, TimeoutError)
"""What is raised where a database cannot be reached or does not answer in time."""
TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
UNIQUE = "23505"
SQLITE_MISTAKES = frozenset({
    sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE,
})  # fmt: skip
POSTGRESQL_MISTAKES = ("0A", "21", "22", "23", "25", "34", "42")
"""Classes of SQLSTATE: features, values, rows, states of a transaction and syntax that are ours to get right."""

POSTGRESQL_GONE = ("08", "57P", "58", "XX")
"""Classes of SQLSTATE after which nobody can say whether a commit was done."""


def unavailable(problem: Exception) -> Exception:
    """Name what the store could not do now; give back what would go wrong every time."""
    if taken(problem):
        return overtaken()
    if isinstance(problem, DBAPIError) and _mistaken(problem):
        return problem
    if isinstance(problem, DBAPIError | NoConnectionLeft | OSError | TimeoutError):
        return busy(problem)
    return problem


def overtaken() -> TemporarilyUnavailable:
    """Say that another call was first."""
    return TemporarilyUnavailable("Another call wrote the same thing first; nothing was done here. Ask again.")


def taken(problem: Exception) -> bool:
    """Whether a row was refused because another has its key."""
    return isinstance(problem, IntegrityError) and (_sqlite_code(problem) in TAKEN or _state(problem) == UNIQUE)


def busy(problem: Exception) -> TemporarilyUnavailable:
    """Say that the store cannot do it now, and to the log why."""
    noted("store_unavailable", problem)
    return TemporarilyUnavailable("The store cannot take this call now; nothing was done. Ask again shortly.")


def uncommitted(problem: Exception) -> Exception:
    """Name what became of a commit that failed: undone for certain, or not known where nobody said so."""
    if isinstance(problem, DBAPIError) and _undone(problem):
        return unavailable(problem)
    noted("commit_unconfirmed", problem)
    return TemporarilyUnavailable(
        "The store did not confirm this call: it may be done or not. Ask again under the same idempotency key."
    )


def cause_of(problem: Exception) -> tuple[str, str | None]:
    """Give the kind and the code of a problem; what a driver says may hold addresses, SQL and values."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    code = None
    if isinstance(problem, DBAPIError):
        code = _state(problem) or getattr(problem.orig, "sqlite_errorname", None)
    elif isinstance(problem, OSError) and problem.errno is not None:
        code = errno.errorcode.get(problem.errno)
    kind = type((cause.__cause__ if cause is not None else None) or cause or problem)
    return kind.__name__, code


def describe(problem: Exception) -> str:
    """Name a problem without a driver's words."""
    kind, code = cause_of(problem)
    return kind if code is None else f"{kind}, {code}"


def noted(event: str, problem: Exception) -> None:
    """Tell the log of a problem, by its kind and code."""
    kind, code = cause_of(problem)
    _log.warning(event, extra={"problem": kind, "code": code})


def _undone(problem: DBAPIError) -> bool:
    code, state = _sqlite_code(problem), _state(problem)
    if code is not None:
        return code & 0xFF != sqlite3.SQLITE_IOERR
    return state is not None and not state.startswith(POSTGRESQL_GONE)


def _mistaken(problem: DBAPIError) -> bool:
    code, state = _sqlite_code(problem), _state(problem)
    if code is not None:
        return code & 0xFF in SQLITE_MISTAKES
    return state is not None and state.startswith(POSTGRESQL_MISTAKES)


def _sqlite_code(problem: DBAPIError) -> int | None:
    code: int | None = getattr(problem.orig, "sqlite_errorcode", None)
    return code


def _state(problem: DBAPIError) -> str | None:
    state: str | None = getattr(problem.orig, "sqlstate", None)
    return state
