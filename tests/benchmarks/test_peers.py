"""The peer that is measured against answers what Plangate answers: a ratio of different works would say nothing."""

from __future__ import annotations

import re
import time

import httpx2
import orjson
import pytest

from benchmarks.peers.contestants import NODE
from benchmarks.peers.estate import MODELS, estate
from benchmarks.peers.price_list import METERED
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.reading import Caller, Reads, Refused, opened
from benchmarks.peers.snapshot import Snapshot
from tests.serving import served

CUSTOMERS = 2 * len(MODELS)
"""Each kind of customer is there once as calls made it, and once as SQL copied it."""
ASKED = CUSTOMERS * len(METERED) // 2


async def test_peers_answer_what_plangate_answers(sqlite_url: str) -> None:
    async with estate(sqlite_url, CUSTOMERS) as filled, served(sqlite_url) as address:
        connection = opened(filled.file)
        reads, snapshot = Reads(connection), Snapshot.of(connection)
        (environment,) = connection.execute("SELECT id FROM environment").fetchone()
        caller = Caller(environment, frozenset({"*"}), time.time_ns() // 1_000)
        headers = {"Authorization": f"Bearer {filled.key}"}
        seen: set[str] = set()
        async with httpx2.AsyncClient(headers=headers) as client:
            for question in QUESTIONS.values():
                for number in range(ASKED if question.letter == "A" else CUSTOMERS):
                    asked = question.asked(filled, number)
                    body = {"query": question.document, "variables": asked}
                    told = (await client.post(f"{address}/graphql", json=body)).json()["data"]
                    assert reads.answer(question.path, filled.key, asked) == told
                    assert snapshot.answer(question.path, caller, asked) == told
                    seen.add(str(told))
        with pytest.raises(Refused):
            reads.answer("/check", "sk_nobody", {})
        connection.close()
    checks = [
        {"hasAccess": True, "used": "7", "limit": "2000"},
        {"hasAccess": True, "used": "2000", "limit": "2000"},
        {"hasAccess": True, "used": "7", "limit": "4500"},
        {"hasAccess": False, "used": "2000", "limit": "2000"},
    ]
    assert {str({"entitlement": each}) for each in checks} <= seen, (
        "a plan, a grant, an override, a limit that is reached"
    )


@pytest.mark.parametrize("file", ["package.json", "package-lock.json"])
def test_what_the_peers_on_node_are_made_of_is_pinned_by_hash_and_names_no_registry(file: str) -> None:
    text = (NODE / file).read_text()
    packages = orjson.loads(text).get("packages", {})

    assert not re.search(r"https?://", text)
    assert [name for name, package in packages.items() if name and not package["integrity"].startswith("sha512-")] == []
