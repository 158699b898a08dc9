"""What a caller is told when something went wrong, and what only the log is told."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from graphql import FieldNode, GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from billing.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from structlog.typing import FilteringBoundLogger


Shown = dict[str, object]

INTERNAL: Final = "INTERNAL"
LONGEST_MESSAGE: Final = 500
_MOST_LOCATIONS: Final = 10


class CodedError(Exception):
    """An error that a resolver of this room raises on purpose: callers see `message`, `code` and the facts."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        """Keep the stable `code`, the text and the facts to act on."""
        super().__init__(message)
        self.code = code
        self.message = message
        self._facts = facts

    def facts(self) -> dict[str, object]:
        """Everything that stands beside the code in `extensions`."""
        return dict(self._facts)


class RequestRefused(Exception):  # noqa: N818  (the answer to a request that is not executed)
    """A document or its variables cannot be executed; nothing was. All `errors` share the `code`.

    `extensions` stand beside the errors in the answer.
    """

    def __init__(self, code: str, shown: list[Shown]) -> None:
        """Keep what will be shown."""
        super().__init__(code)
        self.code = code
        self.shown = shown
        self.extensions: Shown = {}

    @classmethod
    def of(cls, code: str, errors: Sequence[GraphQLError]) -> RequestRefused:
        """Refuse with these errors, shown under one `code`."""
        return cls(code, [show(error, code) for error in errors])


def show(error: GraphQLError, code: str) -> Shown:
    """Put a bad request's own error into the answer's form, its text cut to `LONGEST_MESSAGE` characters."""
    shown: Shown = {"message": _cut(error.message)}
    shown.update(_whereabouts(error))
    shown["extensions"] = {"code": code, **(error.extensions or {})}
    return shown


def show_all(errors: Iterable[GraphQLError], log: FilteringBoundLogger) -> list[Shown]:
    """Show the errors of an execution: refusals and bad arguments by name, everything else masked and logged once."""
    shown: list[Shown] = []
    hidden: list[GraphQLError] = []
    incident = ""
    for error in errors:
        told = _told(error)
        if told is None:
            incident = incident or new_incident()
            hidden.append(error)
            told = mask(incident, _whereabouts(error))
        shown.append(told)
    if hidden:
        cause = _cause(hidden[0])
        log.error("resolver_failed", error_id=incident, path=hidden[0].path, failures=len(hidden), exc_info=cause)
    return shown


def new_incident() -> str:
    """Make the id that ties a masked answer to its log line."""
    return f"err_{secrets.token_hex(8)}"


def mask(incident: str, whereabouts: Shown | None = None) -> Shown:
    """Say that something of ours failed, and under which id the log has it."""
    return {"message": "Internal error", **(whereabouts or {}), "extensions": {"code": INTERNAL, "id": incident}}


def _told(error: GraphQLError) -> Shown | None:
    """Show what the caller can act on; None for what is ours alone."""
    cause = _cause(error)
    if isinstance(cause, (CodedError, Refusal)):
        field = {"field": cause.field} if isinstance(cause, Refusal) else {}
        facts = {_camel(name): fact for name, fact in cause.facts().items()}
        extensions = {"code": cause.code, **field, **facts}
        return {"message": cause.message, **_whereabouts(error), "extensions": extensions}
    if isinstance(cause, StrawberryInputCoercionError) or _about_arguments(error):
        return show(error, "BAD_USER_INPUT")
    return None


def _about_arguments(error: GraphQLError) -> bool:
    """Whether the executor blames a value in the document, rather than a field that did not resolve."""
    cause = _cause(error)
    named = isinstance(cause, GraphQLError) and type(cause) is GraphQLError
    return named and any(not isinstance(node, FieldNode) for node in error.nodes or ())


def _cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _whereabouts(error: GraphQLError) -> Shown:
    found: Shown = {}
    if error.locations:
        found["locations"] = [place.formatted for place in error.locations[:_MOST_LOCATIONS]]
    if error.path is not None:
        found["path"] = error.path
    return found


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
