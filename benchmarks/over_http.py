"""The whole way: a real `plangate serve` in a process of its own, asked over HTTP with connections that stay open."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from typing import TYPE_CHECKING

import orjson

from benchmarks.customers import FEATURE, made, used
from benchmarks.ground import SECRET
from models.gathering import MOST, Gathering

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process

    from benchmarks.ground import Ground

CONSUME = """mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) { __typename
  ... on EntitlementGranted { used } ... on EntitlementDenied { reason } ... on UserError { code } } }"""
PATIENCE = 180
"""Seconds to start or end: a machine that others use is slow."""


class OverHttp:
    """GraphQL over HTTP/1.1; the server's own process gathers what its clients ask."""

    name = "gathered, over HTTP"

    def __init__(self, at: Ground, url: str) -> None:
        """Serve this database."""
        self._ground = at
        self._url = url
        self._server: Process | None = None
        self._port = 0
        self._open: list[tuple[StreamReader, StreamWriter]] = []
        self._customer = ""

    async def open(self) -> None:
        """Start the server on a free port."""
        environment = os.environ | {
            "PLANGATE_DATABASE_URL": self._url,
            "PLANGATE_SECRET": SECRET,
            "PLANGATE_LOG_LEVEL": "warning",
        }
        command = (sys.executable, "-m", "plangate", "serve", "--port", "0")
        self._server = await asyncio.create_subprocess_exec(*command, env=environment, stderr=PIPE, stdout=PIPE)
        said = ""
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(r":(\d+)/graphql", said)):
                said += await self._heard()
        self._port = int(found[1])

    async def begin(self, customer: str, limit: int) -> None:
        """Make a customer with a limit."""
        self._customer = customer
        self._hang_up()
        self._ground.contexts.database.gathering = Gathering(MOST)
        await made(self._ground, customer, limit)

    async def take(self, key: str) -> bool:
        """Take one over a connection that is free, or a new one."""
        about = {"customer": {"externalId": self._customer}, "feature": FEATURE, "idempotencyKey": key}
        body = orjson.dumps({"query": CONSUME, "variables": {"input": about}})
        reader, writer = self._open.pop() if self._open else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (self._ground.key.encode(), len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        answer = orjson.loads(await reader.readexactly(int(length[1]) if length else 0))
        self._open.append((reader, writer))
        name: str = answer["data"]["entitlementConsume"]["__typename"]
        return name == "EntitlementGranted"

    async def ledger(self) -> int:
        """Sum what the customer used."""
        return await used(self._ground, self._customer)

    async def close(self) -> None:
        """Let the server end."""
        self._hang_up()
        if self._server is not None:
            self._server.terminate()
            async with asyncio.timeout(PATIENCE):
                await self._server.communicate()

    def _hang_up(self) -> None:
        """Close what is open: the server does so with what was quiet for long."""
        for _, writer in self._open:
            writer.close()
        self._open = []

    async def _heard(self) -> str:
        if self._server is None or self._server.stderr is None:
            raise RuntimeError(self.name)
        line = (await self._server.stderr.readline()).decode()
        if not line:
            sys.exit("The server ended before it served.")
        return line
