"""A short form of what `make faults` does to workers: killed at their commits, they bill nothing twice or never."""

from __future__ import annotations

import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.databases import Files, Server, sqlite
from tests.faults.labour import Labour, books, settled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.labour import Books

SELDOM = 10
"""A worker lives for so many commits at most here; `make faults` kills sooner."""


def demand_alike(there: Books, here: Books) -> None:
    """Everybody's books are as if nobody had been killed, and hold what they are to hold."""
    for name in there:
        assert here[name] == there[name], name
    ended = {name: there[name]["subscription"][0][0] for name in there}
    assert ended == {
        "pays": "ACTIVE", "fails": "PAST_DUE", "never": "INCOMPLETE_EXPIRED", "late": "ACTIVE", "uses": "ACTIVE",
        "leaves": "CANCELED", "goes": "CANCELED",
    }  # fmt: skip
    paid = {name: sum(invoice[0] == "PAID" for invoice in of["invoices"]) for name, of in there.items()}
    assert [paid[name] for name in ("pays", "fails", "never", "late")] == [2, 1, 0, 1]
    assert [amount for _, amount in there["goes"]["RefundRow"]] == [1200]


async def test_a_worker_killed_at_its_commits_bills_nothing_twice_or_never(sqlite_files: Files, tmp_path: Path) -> None:
    await settled(sqlite_files.fresh(tmp_path / "left.db"))
    shutil.copyfile(tmp_path / "left.db", tmp_path / "killed.db")

    with Labour() as labour:
        labour.undisturbed(sqlite(tmp_path / "left.db"))
        labour.interrupted(sqlite(tmp_path / "killed.db"), Random(5), SELDOM)
        assert labour.killed > 10

    demand_alike(await books(sqlite(tmp_path / "left.db")), await books(sqlite(tmp_path / "killed.db")))


@pytest.mark.postgres
async def test_a_worker_killed_at_its_commits_on_postgresql_does_neither(postgresql_server: Server) -> None:
    left = postgresql_server.fresh()
    await settled(left)
    killed = postgresql_server.copied(left)

    with Labour() as labour:
        labour.undisturbed(left)
        labour.interrupted(killed, Random(6), 2 * SELDOM)
        assert labour.killed > 2

    demand_alike(await books(left), await books(killed))
    for url in (left, killed):
        postgresql_server.drop(url)
