"""Asking for a task of one's own, before what belongs to a task."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context


class Aside(asyncio.Future[None]):
    """Awaited before the task's own clock is set (`asyncio.timeout`): its end is told to the task that set it.

    Who drives several coroutines in one task carries this one on in a task of its own; a task that awaits it has that
    already, and goes on in its next turn.
    """

    def add_done_callback(self, fn: Callable[[Aside], object], /, *, context: Context | None = None) -> None:
        """Hear that a task waits for it."""
        super().add_done_callback(fn, context=context)
        if not self.done():
            self.set_result(None)
