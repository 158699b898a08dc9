"""Ends that must not be cut short: a commit, a rollback, a connection that is given back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
HangUp: TypeAlias = "Callable[[], None]"
"""Ends a connection without asking the server."""
PARTING_SECONDS = 0.4


async def finished(
    ending: Coroutine[Any, Any, None], hang_up: HangUp | None = None, seconds: float = PARTING_SECONDS
) -> None:
    """Wait for an end that must not be cut short: a cancellation comes out after it.

    A server has `seconds` for it, `PARTING_SECONDS` once nobody waits any more; then we hang up.
    """
    task = asyncio.ensure_future(ending)
    cancelled: asyncio.CancelledError | None = None
    left = seconds if hang_up is not None else None
    while not task.done():
        try:
            await asyncio.wait([task], timeout=left)
        except asyncio.CancelledError as asked:
            cancelled = asked
            left = None if left is None else PARTING_SECONDS
        else:
            if left is not None and hang_up is not None and not task.done():
                hang_up()
                left = None
    if cancelled is not None:
        task.exception()
        raise cancelled
    task.result()
