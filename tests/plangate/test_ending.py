"""The program ends when it is told to: what runs is finished, what cannot finish is told so, and the time is known."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest

from models.files import file_of
from tests.house.repository import ROOT
from tests.serving import SECRET
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.session import Database

UPSERT = 'mutation { customerUpsert(input: {externalId: "late"}) { __typename } }'
HALF = b"POST /graphql HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"


class Program:
    """`plangate` in a process of its own."""

    def __init__(self, url: str, *words: str, **settings: object) -> None:
        given = {name: value for name, value in os.environ.items() if not name.startswith("PLANGATE_")}
        given |= {f"PLANGATE_{name.upper()}": str(value) for name, value in settings.items()}
        given |= {"PYTHONPATH": str(ROOT), "PLANGATE_DATABASE_URL": url, "PLANGATE_SECRET": SECRET.get_secret_value()}
        self.port = free_port()
        given["PLANGATE_PORT"] = str(self.port)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "plangate", *words], env=given, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.first = self.process.stderr.readline()

    def tell(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def ended(self) -> tuple[int, str]:
        """Its exit code and what it said; ten seconds have to do."""
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, said

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@contextlib.contextmanager
def running(url: str, *words: str, **settings: object) -> Generator[Program]:
    program = Program(url, *words, **settings)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


@contextlib.contextmanager
def held(url: str) -> Generator[sqlite3.Connection]:
    """The database's write lock, held by somebody else."""
    with contextlib.closing(sqlite3.connect(file_of(url) or "", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield holder


def sent(program: Program, key: str, document: str) -> socket.socket:
    """Send a request and leave its answer for later."""
    body = orjson.dumps({"query": document})
    connection = program.connect()
    head = f"POST /graphql HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def read(connection: socket.socket) -> tuple[int, Any]:
    """The status and the JSON of an answer, read to the end of the connection."""
    said = b""
    while piece := connection.recv(65_536):
        said += piece
    connection.close()
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    return int(head.split()[1]), orjson.loads(body)


@pytest.mark.parametrize(
    ("words", "number"), [(("serve",), signal.SIGTERM), (("serve", "--worker"), signal.SIGINT)], ids=["alone", "both"]
)
async def test_what_runs_is_finished_and_nothing_new_is_taken(
    sqlite_database: Database, words: tuple[str, ...], number: int
) -> None:
    key = (await World.begin(sqlite_database)).places["main"].secret
    with running(sqlite_database.url, *words, log_format="json") as program:
        with held(sqlite_database.url) as holder:
            open_request = sent(program, key, UPSERT)
            await asyncio.sleep(0.4)
            program.tell(number)
            await asyncio.sleep(0.5)
            with pytest.raises(ConnectionRefusedError):
                program.connect()
            holder.execute("ROLLBACK")
        answer = read(open_request)
        began = time.monotonic()
        code, said = program.ended()

    assert (answer[0], answer[1]["data"]) == (200, {"customerUpsert": {"__typename": "CustomerUpserted"}})
    assert (code, "Traceback" in said) == (0, False)
    assert time.monotonic() - began < 2


async def test_a_request_that_outlives_the_grace_is_told_so_and_leaves_no_traceback(sqlite_database: Database) -> None:
    await World.begin(sqlite_database)
    short = {"shutdown_seconds": 1, "limits__deadline_seconds": 0.9, "database_wait_seconds": 0.5}
    with running(sqlite_database.url, "serve", log_format="json", limits__body_seconds=60, **short) as program:
        connection = program.connect()
        connection.sendall(HALF)
        await asyncio.sleep(0.3)
        began = time.monotonic()
        program.tell()
        status, answer = read(connection)
        code, said = program.ended()

    assert (status, [error["extensions"]["code"] for error in answer["errors"]]) == (503, ["SHUTTING_DOWN"])
    assert "repeat it with the same idempotency key" in answer["errors"][0]["message"]
    assert code == 0
    lines = [orjson.loads(line) for line in said.splitlines()]
    assert [(line["event"], line["status"]) for line in lines] == [("request", 503)]
    assert 0.9 < time.monotonic() - began < 4


async def test_a_second_signal_ends_it_at_once(sqlite_database: Database) -> None:
    await World.begin(sqlite_database)
    with running(sqlite_database.url, "serve", "--worker", shutdown_seconds=60, limits__body_seconds=60) as program:
        connection = program.connect()
        connection.sendall(HALF)
        await asyncio.sleep(0.3)
        program.tell()
        await asyncio.sleep(0.5)
        running_still = program.process.poll() is None
        began = time.monotonic()
        program.tell()
        status, _ = read(connection)
        code, said = program.ended()

    assert (running_still, status, code, "Traceback" in said) == (True, 503, 0, False)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("times", [1, 2])
async def test_a_worker_ends_when_its_step_has_or_at_the_second_signal(sqlite_database: Database, times: int) -> None:
    world = await World.begin(sqlite_database)
    await world.subscribed("acme", "free")
    with held(sqlite_database.url) as holder, running(sqlite_database.url, "worker", shutdown_seconds=8) as program:
        await asyncio.sleep(0.5)
        program.tell()
        await asyncio.sleep(0.3)
        if times == 2:
            program.tell()
        else:
            holder.execute("ROLLBACK")
        began = time.monotonic()
        code, said = program.ended()

    assert (code, "Traceback" in said) == (0, False)
    assert time.monotonic() - began < 5


async def test_a_signal_while_it_starts_is_not_lost(sqlite_database: Database) -> None:
    with running(sqlite_database.url, "serve", "--worker") as program:
        program.tell()
        code, said = program.ended()

    assert (code, "Traceback" in said) == (0, False)


async def test_a_connection_at_rest_does_not_hold_the_end_up(sqlite_database: Database) -> None:
    with running(sqlite_database.url, "serve") as program:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{program.port}") as client:
            assert (await client.get("/livez")).status_code == 200
            with program.connect() as half:
                half.sendall(b"GET /liv")
                began = time.monotonic()
                program.tell()
                code, said = program.ended()

    assert (code, "Traceback" in said) == (0, False)
    assert time.monotonic() - began < 2
