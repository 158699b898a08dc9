"""Serving: the socket, the server around the application, and a clean end."""

from __future__ import annotations

import asyncio
import errno
import gc
import math
import resource
import signal
import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from plangate.ending import LAST_SECONDS, end_in_time
from plangate.http.connections import Bounds, bounded
from plangate.logs import logger
from plangate.problems import UserProblem
from plangate.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from starlette.types import ASGIApp

    from plangate.settings import Settings

BACKLOG: Final = 2_048
LAST_WORDS_SECONDS: Final = 1.0
"""How long a request that is cut short has to say so."""
LOOK_SECONDS: Final = 0.1
SPARE_FILES: Final = 200
COLLECTED_AFTER: Final = 5_000, 2, 150
"""After so many objects the collector looks for circles among the new ones, then among those of the last few times, and
seldom among all: a request makes no circles, what is kept in memory is many objects, and everybody waits while they are
walked. But each document that is new makes some, and they live as long as it does: a client whose every document is
another would leave some hundreds of MiB before a thousand, and leaves some tens."""
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server that says when it is up, and ends in a known time whatever its clients do.

    At the first signal it takes no more connections and lets requests finish for `shutdown_seconds`; then, or at the
    second signal, what still runs is cancelled and answered by its own words.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], grace_seconds: float) -> None:
        """Be ready to serve."""
        super().__init__(config)
        self._ready = ready
        self._grace = grace_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application and its sockets."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is loaded by now stays: a large body need not make the collector walk it again and again
        gc.set_threshold(*COLLECTED_AFTER)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, let what runs end, and close the application."""
        for listener in self.servers:
            listener.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        running = self.server_state.tasks
        await self._ended(self._grace)
        for task in list(running):
            task.cancel()
        if running:
            await asyncio.wait(list(running), timeout=LAST_WORDS_SECONDS)
        await self.lifespan.shutdown()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and at the second time at once."""
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def _ended(self, seconds: float) -> None:
        """Wait until no request runs, for so long, or until a second signal."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self.server_state.tasks and not self.force_exit and loop.time() < end:
            await asyncio.wait(list(self.server_state.tasks), timeout=min(LOOK_SECONDS, end - loop.time()))


def listen(settings: Settings) -> socket.socket:
    """Take the address; raises `UserProblem` where somebody else has it, or it is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen(BACKLOG)
    except (OSError, UnicodeError, TypeError) as problem:
        taken.close()
        raise UserProblem(_why(problem, settings)) from None
    return taken


def port_of(listening: socket.socket) -> int:
    """Say which port was taken."""
    port: int = listening.getsockname()[1]
    return port


def server(app: ASGIApp, settings: Settings, ready: Callable[[], None]) -> Server:
    """Make the server of an application; `ready` is called once it is up."""
    bounds = Bounds(settings.connections, settings.head_seconds, settings.head_bytes, settings.idle_seconds)
    short = app if isinstance(app, Visits) else None
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=bounded(bounds, logger(), short),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=math.ceil(settings.idle_seconds),
    )
    return Server(config, ready, settings.shutdown_seconds)


def serve(app: ASGIApp, settings: Settings, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; open requests get `shutdown_seconds` to finish. `ready` is called once up."""
    _allow_files(settings.connections + SPARE_FILES)
    made = server(app, settings, ready)
    for ending in _ENDINGS:
        signal.signal(ending, made.handle_exit)  # from now on, and when the server raises it again after the end
    with end_in_time(settings.shutdown_seconds + LAST_SECONDS, lambda: made.should_exit):
        made.run([listening])


def _allow_files(wanted: int) -> None:
    """Let the process open as many files as it may take connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _why(problem: OSError | UnicodeError | TypeError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    number = problem.errno if isinstance(problem, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {settings.port} on {settings.host} is taken: choose another with PLANGATE_PORT."
    if number == errno.EACCES:
        return f"Listening on {where} is not allowed here: choose a port above 1023 with PLANGATE_PORT."
    return f"Listening on {where} is not possible: {problem}."
