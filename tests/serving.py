"""The real application behind the real server, on a free port of this machine."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from plangate import serving
from plangate.app import create_app
from plangate.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import ASGIApp

    from plangate.clock import Clock

SECRET = SecretStr("s" * 40)
"""The secret that `World` seals its environments' keys with."""


@asynccontextmanager
async def served(
    url: str, *, clock: Clock | None = None, fill: Mapping[str, str] | None = None, **wanted: Any
) -> AsyncGenerator[str, None]:
    """Serve the application over a database while the block runs, and give its address."""
    given: dict[str, Any] = {"database_url": url, "secret": SECRET, "profile": "development", "port": 0, **wanted}
    settings = Settings(**given)
    with serving.listen(settings) as listening:
        settings = settings.model_copy(update={"port": serving.port_of(listening)})
        async with running(create_app(settings, clock=clock, fill=fill), settings, listening):
            yield settings.url


@asynccontextmanager
async def running(app: ASGIApp, settings: Settings, listening: Any) -> AsyncGenerator[serving.Server, None]:
    """Run a server for an application on a socket while the block runs."""
    ready = asyncio.Event()
    server = serving.server(app, settings, ready.set)
    serves = asyncio.create_task(server.serve([listening]))
    started = asyncio.create_task(ready.wait())
    await asyncio.wait({serves, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    try:
        yield server
    finally:
        server.should_exit = True
        await serves
