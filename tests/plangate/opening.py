"""The whole application, open: its lifespan runs, and a client asks it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import structlog
from pydantic import SecretStr

from plangate.app import create_app
from plangate.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from starlette.types import ASGIApp, Message

SECRET = SecretStr("0123456789abcdef0123456789abcdef")


@asynccontextmanager
async def opened(url: str, *, behind: str = "", **wanted: Any) -> AsyncGenerator[httpx2.AsyncClient, None]:
    """Open an application over a database, `behind` a path, and give a client of it."""
    given: dict[str, Any] = {"database_url": url, "secret": SECRET, "profile": "development", **wanted}
    app = create_app(Settings(**given))
    reached = httpx2.ASGITransport(app, root_path=behind)
    async with lifespan(app), httpx2.AsyncClient(transport=reached, base_url="http://t") as client:
        yield client


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncGenerator[None, None]:
    """Start an application as a server does, and end it."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    running = asyncio.create_task(asyncio.wait_for(_whole(app, told, said), 30))
    await told.put({"type": "lifespan.startup"})
    answer = await said.get()
    if answer["type"] != "lifespan.startup.complete":
        await running
    yield
    await told.put({"type": "lifespan.shutdown"})
    await running


async def _whole(app: ASGIApp, told: asyncio.Queue[Message], said: asyncio.Queue[Message]) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, said.put)


def quiet_again() -> Generator[None, None, None]:
    """Let a test configure the log, and forget it afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
