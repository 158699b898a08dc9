"""A request that cannot be served, before anything domain-like has looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Problem(Exception):  # noqa: N818  (the answer to a bad request, not an error of ours)
    """A typed answer with an HTTP `status`; `code` is stable, `message` says what to do, `headers` are sent along."""

    def __init__(self, code: str, message: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers: Mapping[str, str] = headers or {}


class CredentialProblem(Problem):
    """The credential is missing where one is needed, unknown, expired, revoked, or not for this origin."""

    def __init__(self, code: str, message: str, status: int = 401) -> None:
        """Answer 401 with a challenge, or any other `status` (403: known, and not for this)."""
        super().__init__(code, message, status, {"WWW-Authenticate": "Bearer"} if status == 401 else None)  # noqa: PLR2004  (the HTTP number is its own name)


class ClientGone(Exception):  # noqa: N818  (nobody is left to be answered)
    """The client hung up before its request was complete."""
