"""The program starts with what a first answer needs; what it may need later is known to be there, and loaded then."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from plangate import later
from plangate.app import create_app
from plangate.problems import UserProblem
from plangate.settings import Settings
from tests.house.repository import ROOT
from tests.plangate.opening import opened
from tests.plangate.test_ending import free_port
from tests.serving import SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from models.session import Database

PATIENCE = 30.0
NOT_YET = frozenset({
    "alembic", "asyncpg", "cryptography", "fpdf", "fontTools", "jinja2", "joserfc", "mako", "rich.console",
    "ruamel.yaml", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio", "stripe", "smtplib",
    "models.postgresql", "plangate.signatures",
    "plangate.demo.running", "plangate.demo.world", "plangate.importing", "plangate.mailing", "plangate.paper",
    "plangate.playground", "plangate.portal", "plangate.worker", "plangate.cli.catalog",
})  # fmt: skip


def test_who_serves_loads_nothing_that_the_first_answer_does_not_need(
    sqlite_database: Database, tmp_path: Path
) -> None:
    port, said = free_port(), tmp_path / "said"
    given = {name: value for name, value in os.environ.items() if not name.startswith("PLANGATE_")} | {
        "PLANGATE_DATABASE_URL": sqlite_database.url,
        "PLANGATE_SECRET": SECRET.get_secret_value(),
        "PYTHONPROFILEIMPORTTIME": "1",
    }
    command = [sys.executable, "-W", "error", "-m", "plangate", "serve", "--port", str(port)]
    with said.open("wb") as written, subprocess.Popen(command, cwd=ROOT, env=given, stderr=written) as process:
        try:
            answer = _first_answer(f"http://127.0.0.1:{port}/graphql")
        finally:
            process.terminate()

    loaded = {line.rpartition("|")[2].strip() for line in said.read_text().splitlines() if line.startswith("import")}
    assert answer["data"] == {"__typename": "Query"}
    assert {"plangate.app", "schema.build"} <= loaded
    assert {name for name in loaded if NOT_YET & {name, *_above(name)}} == set()


async def test_a_page_is_loaded_by_its_first_reader(sqlite_database: Database) -> None:
    async with opened(sqlite_database.url) as client:
        both = await asyncio.gather(client.get("/portal"), client.get("/portal/style.css"))
        nowhere = [await client.get(path) for path in ("/invoices/none", "/portals")]

    assert [(each.status_code, each.headers["content-type"].split(";")[0]) for each in both] == [
        (403, "text/html"),
        (200, "text/css"),
    ]
    assert [each.status_code for each in nowhere] == [404, 404]


async def test_a_package_that_is_missing_is_told_before_anything_is_served(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "PACKAGES", (*later.PACKAGES, "no_such_package.inside"))

    with pytest.raises(UserProblem, match=r"^The Python package no_such_package\.inside is missing: install"):
        create_app(Settings(database_url=sqlite_database.url, secret=SECRET))


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _first_answer(url: str) -> Any:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx2.post(url, json={"query": "{ __typename }"}).json()
        except httpx2.ConnectError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
