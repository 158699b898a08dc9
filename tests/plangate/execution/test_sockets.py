"""The endpoint behind the real server, spoken to byte by byte."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from plangate.execution.limits import ExecutionLimits
from tests.plangate.execution.served import Front

HEAD = b"POST /graphql HTTP/1.1\r\nHost: plangate.test\r\nContent-Type: application/json\r\n"
HELLO = b'{"query": "{ hello }"}'


@asynccontextmanager
async def served(front: Front) -> AsyncGenerator[int]:
    """Serve on a free port while the block runs."""
    config = uvicorn.Config(front.app, lifespan="off", ws="none", http="httptools", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def say(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send the pieces, and read until the server closes or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)
    answer = b""
    try:
        async with asyncio.timeout(3):
            while piece := await reader.read(65_536):
                answer += piece
    except (TimeoutError, ConnectionResetError):
        answer += b"<still open>"
    writer.close()
    return answer


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


async def test_a_chunked_body_is_read_to_its_end() -> None:
    async with served(Front()) as port:
        answer = await say(
            port,
            HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
            *(chunk(HELLO[i : i + 5]) for i in range(0, len(HELLO), 5)),
            b"0\r\n\r\n",
        )

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'\r\n\r\n{"data":{"hello":"Hello, you"},' in answer


async def test_a_chunked_body_without_a_length_is_counted() -> None:
    async with served(Front(limits=ExecutionLimits(body_bytes=1_000))) as port:
        head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        answer = await say(port, head, chunk(b" " * 600), chunk(b" " * 600))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert not answer.endswith(b"<still open>")


async def test_a_body_that_does_not_finish_is_408_and_closed() -> None:
    async with served(Front(limits=ExecutionLimits(body_seconds=0.2))) as port:
        answer = await say(port, HEAD + b"Content-Length: 22\r\n\r\n", HELLO[:10])

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"BODY_INCOMPLETE"' in answer
    assert not answer.endswith(b"<still open>")


async def test_a_body_that_drips_is_not_given_more_time_for_each_drop() -> None:
    async with served(Front(limits=ExecutionLimits(body_seconds=1.0))) as port:
        drops = [HELLO[i : i + 1] for i in range(4)]
        began = time.monotonic()
        answer = await say(port, HEAD + b"Content-Length: 22\r\n\r\n", *drops, pause=0.16)
        took = time.monotonic() - began

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert took < 1.7


async def test_a_client_that_hangs_up_early_leaves_nothing_behind() -> None:
    front = Front()
    async with served(front) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 22\r\n\r\n" + HELLO[:10])
        await writer.drain()
        writer.close()
        await asyncio.sleep(0.1)
        assert (await say(port, HEAD + b"Connection: close\r\nContent-Length: 22\r\n\r\n" + HELLO)).endswith(b"}}}")

    assert (len(front.visits), front.lines) == (1, [])


async def test_the_status_of_a_partial_answer_passes_the_server() -> None:
    body = b'{"query": "{ coded }"}'
    head = HEAD + b"Accept: application/graphql-response+json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    async with served(Front()) as port:
        answer = await say(port, head + body)

    assert answer.startswith(b"HTTP/1.1 294 ")
