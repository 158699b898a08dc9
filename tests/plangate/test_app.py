"""The whole application: its doors, what every answer carries, what is logged, how it opens and ends."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest
import structlog
from sqlalchemy import select, text

from models.migrations import SchemaOutdated
from models.rows import value
from models.tables.base import table
from models.tables.environment import EnvironmentRow
from plangate.app import create_app
from plangate.clock import SystemClock
from plangate.logs import configure, discreet, logger
from plangate.problems import UserProblem
from plangate.settings import LogFormat, LogLevel, Settings
from plangate.traces import told as traced
from plangate.visits import Visits
from tests.plangate.opening import SECRET, lifespan, opened, quiet_again
from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from models.session import Database

quiet = pytest.fixture(autouse=True)(quiet_again)
PLANS = {"query": "{ plans { __typename } }"}


async def test_it_is_alive_and_ready(sqlite_url: str) -> None:
    async with opened(sqlite_url) as client:
        answers = {path: await client.get(path) for path in ("/livez", "/readyz")}

    assert {path: (each.status_code, each.json()) for path, each in answers.items()} == {
        "/livez": (200, {"status": "ok"}),
        "/readyz": (200, {"status": "ok"}),
    }


async def test_what_became_of_operations_is_counted(sqlite_url: str) -> None:
    async with opened(sqlite_url) as client:
        for _ in range(3):
            await client.post("/graphql", json={"query": "{ plans(productId: 1) { __typename } }"})
            await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
        told = (await client.get("/metrics")).text.splitlines()
        refused = await client.post("/metrics")

    counts = dict(line.split(" ") for line in told if not line.startswith("#"))
    assert set(counts) == {
        "plangate_operations_compiled_total",
        "plangate_operations_not_compilable_total",
        "plangate_compiled_answers_total",
        "plangate_compiled_given_up_total",
        "plangate_kept_answers_given_total",
        "plangate_kept_answers_made_total",
        "plangate_answers_at_once_total",
        *(f"plangate_snapshot_{each}_total" for each in ("hits", "misses", "confirmed", "changed", "evicted")),
        "plangate_snapshot_bytes",
        "plangate_snapshot_customers",
    }
    assert "# TYPE plangate_snapshot_bytes gauge" in told
    assert counts["plangate_compiled_answers_total"] == "0"
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_every_answer_has_the_same_guarding_headers_and_an_id(sqlite_url: str) -> None:
    async with opened(sqlite_url) as client:
        given = await client.get("/livez", headers={"X-Request-Id": "trace-12345678"})
        odd = await client.get("/nothing", headers={"X-Request-Id": 'x" injected="1'})
        secret = await client.get("/livez", headers={"X-Request-Id": f"sk_test_{'a' * 43}"})
        page = await client.get("/graphql", headers={"Accept": "text/html"})

    assert given.headers["x-request-id"] == "trace-12345678"
    assert odd.headers["x-request-id"].startswith("req_")
    assert secret.headers["x-request-id"].startswith("req_"), "what may be a secret is no name for a line"
    assert (odd.status_code, odd.json()) == (404, {"code": "NOT_FOUND", "message": "There is nothing here."})
    for answer in (given, odd, page):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in answer.headers
    assert given.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "script-src 'sha256-" in page.headers["content-security-policy"]


async def test_by_https_browsers_are_told_to_stay_there(sqlite_url: str) -> None:
    async with opened(sqlite_url, public_url="https://billing.example.com/") as client:
        answer = await client.get("/livez")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_key_opens_the_schema_and_nobody_sees_the_environment_that_is_shown(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)
    key = {"Authorization": f"Bearer {world.places['main'].secret}"}
    async with opened(sqlite_database.url) as client:
        typename = (await client.post("/graphql", json={"query": "{ __typename }"})).json()
        closed = (await client.post("/graphql", json=PLANS)).json()
        asked = (await client.post("/graphql", json=PLANS, headers=key)).json()
        wrong = await client.post("/graphql", json=PLANS, headers={"Authorization": "Bearer sk_test_x"})
    async with opened(sqlite_database.url, public_environment="main") as client:
        shown = (await client.post("/graphql", json=PLANS)).json()

    assert typename["data"] == {"__typename": "Query"}
    assert [error["extensions"]["code"] for error in closed["errors"]] == ["CREDENTIAL_NEEDED"]
    assert asked["data"]["plans"] != []
    assert shown["data"] == asked["data"]
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
    assert wrong.json()["errors"][0]["extensions"] == {"code": "CREDENTIAL_INVALID"}


async def test_production_shows_no_page_and_no_introspection(sqlite_url: str) -> None:
    asked = {"query": "{ __schema { queryType { name } } }"}
    html = {"Accept": "text/html"}
    async with opened(sqlite_url, profile="production") as client:
        page, root = await client.get("/graphql", headers=html), await client.get("/", headers=html)
        answer = (await client.post("/graphql", json=asked)).json()
    async with opened(sqlite_url) as client:
        seen, led = await client.get("/graphql", headers=html), await client.get("/", headers=html)

    assert (page.status_code, root.status_code) == (406, 404)
    assert answer["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
    assert (seen.status_code, seen.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (led.status_code, led.headers["location"]) == (307, "/graphql")


async def test_it_does_not_start_without_a_schema_or_without_a_secret(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"

    with pytest.raises(UserProblem, match="PLANGATE_SECRET is not set"):
        create_app(Settings(database_url=url))
    with pytest.raises(SchemaOutdated):
        async with lifespan(create_app(Settings(database_url=url, secret=SECRET))):
            pass


async def test_the_worker_inside_gives_events_their_positions(sqlite_database: Database) -> None:
    world = await World.begin(sqlite_database)
    await world.subscribed("acme", "free")
    environment = table(EnvironmentRow)

    async def position() -> int:
        async with sqlite_database.reading() as connection:
            found: int | None = await value(connection, select(environment.c.position))
        return found or 0

    assert await position() == 0
    async with opened(sqlite_database.url, worker_inside=True, worker_idle_seconds=0.01):
        for _ in range(200):
            if await position() > 0:
                break
            await asyncio.sleep(0.02)

    assert await position() > 0


async def test_a_refused_request_is_one_short_line_without_document_address_or_secret(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)
    secret = f"sk_test_{'x' * 43}"
    document = "{ " + "noSuchField " * 1_500 + "}"
    async with opened(sqlite_url) as client:
        capsys.readouterr()
        sent: list[dict[str, Any]] = [
            {"method": "POST", "url": "/graphql", "json": {"query": document}},
            {"method": "POST", "url": "/graphql", "json": PLANS, "headers": {"Authorization": f"Bearer {secret}"}},
            {"method": "GET", "url": "/graphql", "params": {"query": "{ nope }"}},
            {"method": "GET", "url": f"/portal/open/plk_{'y' * 43}"},
            {"method": "GET", "url": f"/invoices/inv_{'0' * 26}.1.ivl_{'y' * 43}.pdf"},
            {"method": "GET", "url": "/some/where/else?token=hunter2"},
            {"method": "POST", "url": "/graphql", "content": b"\x1f\x8b", "headers": {"Content-Type": "text/plain"}},
        ]
        for request in sent:
            await client.request(**request)
    lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert [(line["event"], line["method"], line["route"], line["status"]) for line in lines] == [
        ("request", "POST", "/graphql", 200),
        ("request", "POST", "/graphql", 401),
        ("request", "GET", "/graphql", 200),
        ("request", "GET", "/portal", 404),
        ("request", "GET", "/invoices", 404),
        ("request", "GET", "other", 404),
        ("request", "POST", "/graphql", 415),
    ]
    assert max(len(orjson.dumps(line)) for line in lines) < 300
    assert {*lines[0]} == {"event", "level", "timestamp", "request_id", "method", "route", "status", "milliseconds"}


async def test_what_fails_outside_the_endpoint_is_masked_and_logged_with_its_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(0)
        raise ValueError("postgresql://me:hunter2@db/plangate")

    app = Visits(broken, logger(), SystemClock(), https=False)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t") as client:
        answer = await client.get("/graphql")
    failed, request = (orjson.loads(line) for line in capsys.readouterr().err.splitlines())

    told = answer.json()["errors"][0]
    assert (answer.status_code, told["message"], told["extensions"]["code"]) == (500, "Internal error", "INTERNAL")
    assert (failed["event"], failed["error_id"], request["status"]) == ("request_failed", told["extensions"]["id"], 500)
    assert "plangate/visits.py:" in failed["exception"]
    assert "hunter2" not in failed["exception"]


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800"])
async def test_what_a_database_says_stays_out_of_the_log(
    bad: str, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogLevel.INFO, LogFormat.JSON)

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        async with database.reading() as connection:
            await connection.execute(text("SELECT secret_column FROM nowhere WHERE a = :given"), {"given": f"me {bad}"})

    app = Visits(broken, logger(), SystemClock(), https=False)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get("/graphql")).status_code == 500
    told = capsys.readouterr().err
    failed = next(line for line in map(orjson.loads, told.splitlines()) if line["event"] == "request_failed")

    assert len(told) < 2_048
    assert not {word for word in ("SELECT", "secret_column", "nowhere", "given", "me ") if word in told}
    assert "plangate/visits.py:" in failed["exception"]
    assert re.search(r"Error, (42P01|SQLITE_ERROR)", failed["exception"])


def test_a_chain_of_errors_and_groups_is_told_to_its_end_and_in_bounds() -> None:
    group = ExceptionGroup("several", [KeyError("one"), ValueError("x" * 5_000)])
    with pytest.raises(LookupError) as raised:
        raise LookupError("step 0") from group
    lines = [line for line in traced(raised.value).splitlines() if not line.startswith("  ")]

    assert lines == [
        "LookupError: step 0",
        "after ExceptionGroup: several (2 sub-exceptions)",
        "after KeyError: 'one'",
        f"after ValueError: {'x' * 200}",
    ]


def test_what_looks_like_a_secret_is_blotted_out_and_what_is_long_is_cut() -> None:
    token = "eyJhbGciOi.eyJzdWIi.c2ln-_"
    line = {
        "event": f"key sk_live_{'A1' * 21}b and {token}",
        "said": "Authorization: Bearer abc.def",
        "url": "postgresql+asyncpg://me:hunter2@db.example/plangate",
        "text": "x" * 5_000,
        "number": 7,
    }

    assert discreet(structlog.get_logger(), "info", dict(line)) == {
        "event": "key [hidden] and [hidden]",
        "said": "Authorization: Bearer [hidden]",
        "url": "postgresql+asyncpg://[hidden]@db.example/plangate",
        "text": f"{'x' * 200} … {'x' * 200}",
        "number": 7,
    }


def test_the_libraries_speak_through_the_same_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.DEBUG, LogFormat.JSON)
    logging.getLogger("uvicorn.error").info("Started server process [1]")
    logging.getLogger("uvicorn.error").warning("Something with Bearer abc")
    lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert [(line["event"], line["level"]) for line in lines] == [("Something with Bearer [hidden]", "warning")]


def test_the_log_is_for_people_where_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogLevel.WARNING, LogFormat.CONSOLE)

    logger().info("not_said")
    logger().warning("said", seconds=timedelta(seconds=1))

    err = capsys.readouterr().err
    assert "said" in err
    assert "not_said" not in err
    assert not err.startswith("{")


async def test_behind_a_path_every_door_is_found(sqlite_url: str) -> None:
    async with opened(sqlite_url, behind="/gate") as client:
        asked = [await client.post(f"/gate{path}", json={"query": "{ __typename }"}) for path in ("/graphql", "/nope")]
        alive = await client.get("/gate/livez")

    assert [each.status_code for each in asked] == [200, 404]
    assert alive.status_code == 200
