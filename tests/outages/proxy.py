"""A wire between a program and PostgreSQL that can be cut, slowed or made to swallow what passes."""

from __future__ import annotations

import asyncio
import contextlib
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SLOW_SECONDS = 0.15


class Wire(Enum):
    """What the wire does with what passes."""

    WHOLE = "it carries everything"
    CUT = "it carries nothing, and new calls end at once"
    HOLE = "it takes everything and gives nothing on"
    SLOW = "it carries everything late"
    COMMIT_LOST = "it swallows COMMIT, and carries nothing from then on"
    ANSWER_LOST = "it carries COMMIT, and cuts the line in place of its answer"
    ANSWER_AWAITED = "the same, after COMMIT"
    NEXT_AWAITED = "as below, after COMMIT"
    NEXT_LOST = "it carries COMMIT and its answer, and nothing from then on"


class Proxy:
    """Listens like the server that it stands before."""

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self._calls: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self.wire = Wire.WHOLE
        self.url = url

    @classmethod
    @contextlib.asynccontextmanager
    async def before(cls, url: str) -> AsyncGenerator[Proxy, None]:
        """Stand before a server while the block runs."""
        proxy = cls(url)
        server = await asyncio.start_server(proxy._called, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        proxy.url = proxy._to.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        try:
            yield proxy
        finally:
            server.close()
            proxy.set(Wire.CUT)
            while proxy._carrying:
                await asyncio.wait(list(proxy._carrying))

    def set(self, wire: Wire) -> None:
        """Change the wire; cutting it ends the calls that are open."""
        self.wire = wire
        if wire is Wire.CUT:
            self.drop()

    def drop(self) -> None:
        """End every call."""
        for call in list(self._calls):
            for writer in call:
                writer.transport.abort()

    @property
    def open_calls(self) -> int:
        """How many calls are open."""
        return len(self._calls)

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        far_reader, far_writer = await self._server()
        if self.wire is Wire.CUT:
            for each in (writer, far_writer):
                each.transport.abort()
            return
        call = (writer, far_writer)
        self._calls.add(call)
        try:
            there = asyncio.create_task(self._carry(reader, far_writer, outward=True))
            back = asyncio.create_task(self._carry(far_reader, writer, outward=False))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._calls.discard(call)
            for each in call:
                each.transport.abort()

    async def _server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = str(self._to.query.get("host") or self._to.host or "")
        port = self._to.port or 5432
        if folder.startswith("/"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(folder, port)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, outward: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65_536):
                commits = outward and b"COMMIT\0" in piece
                if commits and self.wire is Wire.COMMIT_LOST:
                    self.wire = Wire.HOLE
                if not outward and self.wire is Wire.ANSWER_AWAITED:
                    self.set(Wire.CUT)
                    return
                if self.wire is Wire.HOLE:
                    continue
                if self.wire is Wire.SLOW:
                    await asyncio.sleep(SLOW_SECONDS)
                writer.write(piece)
                await writer.drain()
                if commits and self.wire is Wire.ANSWER_LOST:
                    self.wire = Wire.ANSWER_AWAITED
                if not outward and self.wire is Wire.NEXT_AWAITED:
                    self.set(Wire.HOLE)
                if commits and self.wire is Wire.NEXT_LOST:
                    self.wire = Wire.NEXT_AWAITED
