"""The short way of a request: past the interface of applications, and no task is made if nothing is waited for."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Protocol, cast

from plangate.http.begun import Begun
from plangate.http.saying import say_whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from starlette.types import Scope
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from plangate.http.answers import Whole


class ShortWay(Protocol):
    """Answers requests that are here as a whole."""

    def at_once(self, scope: Scope, sent: bytes) -> Whole | None:
        """Answer one without waiting for anything; None where that cannot be."""
        ...

    def answered(self, scope: Scope, sent: bytes) -> Coroutine[Any, Any, Whole] | None:
        """Answer one; None of what only the application answers. There is a task once something is waited for."""
        ...


def goes_short(cycle: RequestResponseCycle, way: ShortWay, tasks: set[asyncio.Task[None]]) -> bool:
    """Have a request answered so, where it is here as a whole and nothing about it is unusual; else say that it is not.

    What is under way is among `tasks`, which the server ends when it ends. What follows in a row upon a request with a
    task comes here within that task, which is not its own: clocks that it set there would be that one's.
    """
    unusual = cycle.more_body or cycle.waiting_for_100_continue or cycle.flow.write_paused or cycle.access_log
    if unusual or not cycle.keep_alive or cycle.scope["method"] == "HEAD":
        return False
    scope, sent = cast("Any", cycle.scope), bytes(cycle.body)
    found = way.at_once(scope, sent)
    if found is not None:
        say_whole(cycle, found)
        return True
    answering = way.answered(scope, sent)
    if answering is None:
        return False
    context, begun = copy_context(), cast("Awaitable[Whole]", answering)
    if asyncio.current_task() is None:
        try:
            begun = Begun(answering, context.run(answering.send, None))
        except StopIteration as end:
            say_whole(cycle, end.value)
            return True
    task = asyncio.get_running_loop().create_task(_said(cycle, begun), context=context)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return True


async def _said(cycle: RequestResponseCycle, answering: Awaitable[Whole]) -> None:
    """Go on with what has to be waited for, and say it once the client has read what was said before."""
    answer = await answering
    await cycle.flow.drain()
    say_whole(cycle, answer)
