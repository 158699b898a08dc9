"""Connections that are spoken to byte by byte, and a server with short bounds behind them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from plangate import serving
from plangate.settings import Settings
from tests.serving import running, served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

HEAD = b"POST /graphql HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
HELLO = b'{"query": "{ __typename }"}'
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(HELLO), HELLO)
GET = b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"
SAID = b'{"data":{"__typename":"Query"}'
OPEN = "still open"


class Line:
    """One connection, spoken to byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, *pieces: bytes, pause: float = 0.0) -> None:
        for piece in pieces:
            with contextlib.suppress(ConnectionError):
                self._writer.write(piece)
                await self._writer.drain()
            await asyncio.sleep(pause)

    async def heard(self, seconds: float = 3.0) -> tuple[int | str, str | None]:
        """The status and the code of the answer, read until the server closes; 0 where it closed without a word."""
        said = b""
        try:
            async with asyncio.timeout(seconds):
                while piece := await self._reader.read(65_536):
                    said += piece
        except TimeoutError:
            return OPEN, None
        except ConnectionError:
            pass
        if not said:
            return 0, None
        head, _, body = said.partition(b"\r\n\r\n")
        assert b"content-type: application/json; charset=utf-8" in head, head
        errors = orjson.loads(body).get("errors")
        return int(head.split()[1]), errors[0]["extensions"]["code"] if errors else None

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        async with asyncio.timeout(5):
            return await self._reader.read(-1)

    async def answer(self) -> bytes:
        """The next answer of a connection that goes on."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


BOUNDS: dict[str, Any] = {
    "head_seconds": 0.3,
    "idle_seconds": 0.4,
    "head_bytes": 4_000,
    "limits": {"body_seconds": 0.3},
}


@contextlib.asynccontextmanager
async def listening(url: str, **wanted: Any) -> AsyncGenerator[tuple[Any, list[Any]], None]:
    """A server with short bounds, a way to call it, and what it logs."""
    with structlog.testing.capture_logs() as logged:
        async with served(url, **{**BOUNDS, **wanted}) as address, calling(int(address.rsplit(":", 1)[1])) as call:
            yield call, logged


@contextlib.asynccontextmanager
async def bare(app: Any, url: str, **wanted: Any) -> AsyncGenerator[tuple[Any, list[Any]], None]:
    """The same for an application of the test's own."""
    given: dict[str, Any] = {**BOUNDS, "database_url": url, "port": 0, **wanted}
    settings = Settings(**given)
    with structlog.testing.capture_logs() as logged, serving.listen(settings) as socket:
        async with running(app, settings, socket), calling(serving.port_of(socket)) as call:
            yield call, logged


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncGenerator[Any, None]:
    """A way to call a port; whatever was opened is closed in the end."""
    lines: list[Line] = []

    async def call() -> Line:
        lines.append(Line(*await asyncio.open_connection("127.0.0.1", port)))
        return lines[-1]

    yield call
    for line in lines:
        line.close()


async def after(line: Line) -> tuple[float, tuple[int | str, str | None]]:
    began = time.monotonic()
    heard = await line.heard()
    return time.monotonic() - began, heard
