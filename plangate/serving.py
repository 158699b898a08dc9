"""Serving: the socket, the server around the application, and a clean end."""

from __future__ import annotations

import errno
import gc
import signal
import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from plangate.problems import UserProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from plangate.settings import Settings

BACKLOG: Final = 2_048
KEEP_ALIVE_SECONDS: Final = 30
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application and its sockets."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is loaded by now stays: a large body need not make the collector walk it again and again
        self._ready()


def listen(settings: Settings) -> socket.socket:
    """Take the address; raises `UserProblem` where somebody else has it, or it is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen(BACKLOG)
    except (OSError, UnicodeError) as problem:
        taken.close()
        raise UserProblem(_why(problem, settings)) from None
    return taken


def port_of(listening: socket.socket) -> int:
    """Say which port was taken."""
    port: int = listening.getsockname()[1]
    return port


def server(app: ASGIApp, settings: Settings, ready: Callable[[], None]) -> Server:
    """Make the server of an application; `ready` is called once it is up."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    return Server(config, ready)


def serve(app: ASGIApp, settings: Settings, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; open requests get `shutdown_seconds` to finish. `ready` is called once up."""
    for ending in _ENDINGS:
        signal.signal(ending, _already_ended)  # the server raises the signal again when it has closed everything
    server(app, settings, ready).run([listening])


def _already_ended(_signal: int, _frame: object) -> None:
    """Do nothing: the end was clean."""


def _why(problem: OSError | UnicodeError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    number = problem.errno if isinstance(problem, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {settings.port} on {settings.host} is taken: choose another with PLANGATE_PORT."
    if number == errno.EACCES:
        return f"Listening on {where} is not allowed here: choose a port above 1023 with PLANGATE_PORT."
    return f"Listening on {where} is not possible: {problem}."
