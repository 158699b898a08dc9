"""The account of a disk is what the program did, and a power cut takes what was not synced and nothing else."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.disk import Disk, Loss, lay
from tests.faults.watch import Call, Verdict, Watch

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sqlite3, sys
opened = sqlite3.connect(sys.argv[1], isolation_level=None)
opened.execute("PRAGMA journal_mode=WAL")
opened.execute(f"PRAGMA synchronous={sys.argv[2]}")
opened.execute("CREATE TABLE told (number INTEGER)")
for number in range(400):
    opened.execute("INSERT INTO told VALUES (?)", (number,))
    print(number, flush=True)
"""


def ran(folder: Path, synchronous: str, *, cut_at: int | None = None) -> tuple[Watch, int]:
    """Run the program in the cage; the watch, and how many rows it said were committed."""
    (folder / "disk").mkdir()

    def judge(call: Call) -> Verdict:
        return Verdict.POWER_CUT if call.number == cut_at else Verdict.DO

    watch = Watch(folder / "disk", judge)
    with (folder / "said").open("wb") as said:
        command = [sys.executable, "-c", PROGRAM, str(folder / "disk" / "told.db"), synchronous]
        watch.open(command, dict(os.environ), said.fileno(), folder).wait(30)
    watch.ended()
    return watch, len((folder / "said").read_text().split())


def rows(folder: Path) -> int:
    """How many rows SQLite finds; 0 where it finds no table either."""
    opened = sqlite3.connect(folder / "told.db")
    try:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not opened.execute("SELECT 1 FROM sqlite_master").fetchall():
            return 0
        (found,) = opened.execute("SELECT count(*) FROM told").fetchone()
        return int(found)
    finally:
        opened.close()


@pytest.mark.usefixtures("caged")
def test_the_account_is_what_lies_in_the_folder(tmp_path: Path) -> None:
    watch, said = ran(tmp_path, "FULL")

    watch.demand_true()
    assert said == 400
    assert watch.calls > 1_000
    assert {each.name for each in (tmp_path / "disk").iterdir()} == set(watch.disk.names)


@pytest.mark.usefixtures("caged")
def test_after_any_power_cut_every_row_is_there_that_was_said_and_at_most_one_more(tmp_path: Path) -> None:
    for number in range(12):
        chance = random.Random(number)
        folder = tmp_path / str(number)
        folder.mkdir()
        watch, said = ran(folder, "FULL", cut_at=chance.randrange(20, 1_200))
        watch.demand_true()
        assert watch.cut

        for loss in Loss:
            lay(folder / "disk", watch.disk.after(loss, chance))
            assert rows(folder / "disk") in {said, said + 1}


@pytest.mark.usefixtures("caged")
def test_without_syncs_a_power_cut_takes_what_was_said(tmp_path: Path) -> None:
    watch, said = ran(tmp_path, "NORMAL", cut_at=600)
    assert said > 100

    lay(tmp_path / "disk", watch.disk.after(Loss.EVERYTHING, random.Random(1)))

    assert rows(tmp_path / "disk") == 0


def test_names_and_content_are_certain_apart_from_one_another(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old content")
    disk = Disk.of(tmp_path)
    chance = random.Random(1)
    disk.make("new")
    disk.write("new", 0, b"x" * 1_000)
    disk.write("old", 4, b"CONTENT")

    assert disk.after(Loss.EVERYTHING, chance) == {"old": b"old content"}
    disk.sync("new")
    assert disk.after(Loss.EVERYTHING, chance) == {"old": b"old content"}
    disk.sync_names()
    assert disk.after(Loss.EVERYTHING, chance) == {"old": b"old content", "new": b"x" * 1_000}
    disk.sync("old")
    disk.remove("new")
    assert disk.after(Loss.EVERYTHING, chance) == {"old": b"old CONTENT", "new": b"x" * 1_000}
    disk.sync_names()
    assert disk.after(Loss.EVERYTHING, chance) == {"old": b"old CONTENT"}


def test_what_waits_is_torn_at_any_byte_or_kept_by_sectors_in_no_order(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(4_096))
    disk = Disk.of(tmp_path)
    disk.write("file", 0, b"a" * 2_048)
    disk.write("file", 2_048, b"b" * 2_048)
    kept = bytes(4_096)

    torn = {disk.after(Loss.TORN_END, random.Random(seed))["file"] for seed in range(60)}
    sectors = {disk.after(Loss.ANY_SECTORS, random.Random(seed))["file"] for seed in range(60)}

    whole = b"a" * 2_048 + b"b" * 2_048
    assert all(any(each == whole[:end] + kept[end:] for end in range(4_097)) for each in torn)
    assert len(torn) > 40
    assert all(
        {bytes(set(each[at : at + 512])) for at in range(0, 4_096, 512)} <= {b"\0", b"a", b"b"} for each in sectors
    )
    assert any(each[:512] == bytes(512) and b"b" in each for each in sectors)


def test_a_failed_sync_is_read_and_never_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    disk = Disk.of(tmp_path)
    disk.write("file", 0, b"new")
    disk.drop("file")
    disk.sync("file")

    assert disk.names["file"].seen == b"new"
    assert disk.after(Loss.EVERYTHING, random.Random(1)) == {"file": b"old"}
