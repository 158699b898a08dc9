"""Liveness and readiness."""

import asyncio

import httpx2
import pytest
from starlette.types import ASGIApp

from plangate.http.health import Probe, livez, readyz


async def ask(app: ASGIApp, method: str = "GET") -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://plangate.test") as client:
        return await client.request(method, "/")


async def ready() -> None:
    await asyncio.sleep(0)


async def down() -> None:
    raise ConnectionError("could not connect to 10.0.0.7 as postgres")


async def hanging() -> None:
    await asyncio.sleep(30)


async def test_a_live_process_says_so() -> None:
    response = await ask(livez)

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["cache-control"] == "no-store"


async def test_a_ready_process_says_so() -> None:
    response = await ask(readyz(ready))

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("probe", [down, hanging])
async def test_a_process_that_is_not_ready_says_only_that(probe: Probe) -> None:
    response = await ask(readyz(probe, seconds=0.05))

    assert (response.status_code, response.json()) == (503, {"status": "unavailable", "code": "NOT_READY"})


async def test_health_is_only_read() -> None:
    response = await ask(livez, "POST")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
