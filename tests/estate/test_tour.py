"""Two gateways and two workers on PostgreSQL, set up at the command line, and the tour of the docs against them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models.migrations import HEAD
from models.types import to_microseconds
from tests.docs.tour import same, steps
from tests.estate.running import estate
from tests.models.inside import asked, change
from tests.world import CATALOG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Server
    from tests.estate.running import Gateway, Running

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
"""The instant at which the answers of the tour were given."""
STANDING = f"UPDATE environment SET clock_at = {to_microseconds(AT)}, created_at = {to_microseconds(AT)}"  # noqa: S608  (numbers)
SERVER = re.compile(r"http://127\.0\.0\.1:\d+")


def walked(gateways: list[Gateway], key: str) -> list[str]:
    """Walk the tour, each step at another gateway than the last, and name the steps that were answered otherwise."""
    kept: dict[str, str] = {}
    other: list[str] = []
    for number, step in enumerate(steps()):
        document = step.file.read_text()
        declared = set(re.findall(r"\$(\w+)\s*:", document))
        given = {name: dated(value) for name, value in (kept | step.given).items() if name in declared}
        answer = gateways[number % len(gateways)].ask(key, document, **given)
        told = json.loads(SERVER.sub("http://testserver", json.dumps(answer.get("data", answer))))
        if "billingPortalSessionCreate" in told:  # a link expires by the real clock
            told["billingPortalSessionCreate"]["expiresAt"] = "2026-12-01T10:00:00Z"
        for found in re.findall(r'"(sub_\w+)"', json.dumps(told)):
            kept["subscription"] = found
        if "errors" in answer or (step.shows and not same(step.answer, told)):
            other.append(f"{step.file.name}: {answer}")
    return other


def dated(value: str) -> str:
    """What `+45d` stands for."""
    days = re.fullmatch(r"\+(\d+)d", value)
    return value if days is None else f"{(AT + timedelta(days=int(days[1]))).date().isoformat()}T00:00:00Z"


def troubles(running: list[Running]) -> list[dict[str, Any]]:
    """Lines of logs that say that something is wrong."""
    return [line for each in running for line in each.lines() if line["level"] not in ("info", "debug")]


@pytest.mark.postgres
async def test_the_tour_is_the_same_on_two_gateways_and_two_workers(postgresql_server: Server, tmp_path: Path) -> None:
    url = postgresql_server.empty()
    with estate(url.replace("+asyncpg", ""), tmp_path) as opened:
        assert opened.json("migrate") == {"before": None, "now": HEAD}
        opened.json("environment", "create", "main", "--kind", "test", "--test-clock")
        await change(url, STANDING)
        opened.json("catalog", "apply", str(CATALOG), "--environment", "main")
        key = opened.json("keys", "create", "--environment", "main")["secret"]
        gateways, workers = opened.gateways(2), opened.workers(2, WORKER_IDLE_SECONDS="0.05")
        assert [each.get("/readyz")[0] for each in gateways] == [200, 200]

        assert walked(gateways, key) == []

        ended = [each.end() for each in (*workers, *(each.running for each in gateways))]
    assert ended == [0, 0, 0, 0]
    assert troubles(opened.started) == []
    requests = [sum(line["event"] == "request" for line in each.running.lines()) for each in gateways]
    assert min(requests) >= 7
    assert await asked(url, "SELECT count(*) FROM event WHERE position IS NULL") == [(0,)]
    postgresql_server.drop(url)
