"""A database that does not fit is refused by name, with what to do, by everything that opens one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from models.migrations import HEAD
from models.migrations.migration import migrate
from models.migrations.version import revisions
from plangate.cli import main
from tests.databases import apart
from tests.models.inside import asked, change
from tests.plangate.opening import SECRET, quiet_again

if TYPE_CHECKING:
    from pathlib import Path

quiet = pytest.fixture(autouse=True)(quiet_again)
COMMANDS = ("serve", "worker", "migrate", "status")
BEFORE = sorted(revisions())[-2]
NEEDS = f"and this program needs {HEAD}"
OWN = "(PLANGATE_DATABASE_URL)."
OLDER = f"The database is at revision {BEFORE} {NEEDS}: run `plangate migrate`."
NONE = f"The database has no schema yet and this program needs revision {HEAD}: run `plangate migrate`."
ELSE = f"and none of Plangate's: name a database of its own {OWN}"
AFRESH = f"restore a backup, or name an empty database {OWN}"
VERSION = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
AT_HEAD = f"INSERT INTO alembic_version VALUES ('{HEAD}')"  # noqa: S608  (our constant)
UNFIT = {
    "newer": (
        ["UPDATE alembic_version SET version_num = '9999'"],
        f"The database is at revision 9999 {NEEDS}: it was made by a newer program, run that one.",
    ),
    "half": (
        ["DROP TABLE usage_burn", "DROP TABLE outbox"],
        f"The database says that it is at revision {HEAD} and has no table outbox, usage_burn: {AFRESH}",
    ),
    "without its revision": (
        ["DELETE FROM alembic_version"],
        f"The database has tables of Plangate and does not say at which revision they are: {AFRESH}",
    ),
}
FOREIGN = {
    "somebody else's": (
        [f"CREATE TABLE {name} (id INTEGER)" for name in ("users", "orders", "items", "posts")],
        f"The database has tables that are not Plangate's (items, orders, posts …) {ELSE}",
    ),
    "somebody else's with revisions": (
        [VERSION, "INSERT INTO alembic_version VALUES ('4f2a')", "CREATE TABLE users (id INTEGER)"],
        f"The database has tables that are not Plangate's (users) {ELSE}",
    ),
    "of tables that are gone": (
        [VERSION, AT_HEAD],
        f"The database says that it is at revision {HEAD} and has no table api_key, balance, booking …: {AFRESH}",
    ),
}


class Terminal:
    """Somebody at a terminal whose settings name a database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str], folder: Path) -> None:
        """Stand in a folder."""
        monkeypatch.chdir(folder)
        monkeypatch.setenv("PLANGATE_SECRET", SECRET.get_secret_value())
        self._set = monkeypatch
        self._captured = captured

    def type(self, url: str, command: str) -> tuple[int, str]:
        """Type a command and give its exit code and what it said."""
        self._set.setenv("PLANGATE_DATABASE_URL", url.replace("+asyncpg", ""))
        self._set.setattr(sys, "argv", ["plangate", command])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._captured.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, " ".join(f"{said.out} {said.err}".split())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Terminal:
    return Terminal(monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("case", UNFIT)
def test_a_database_that_cannot_be_worked_with_is_refused_by_name(
    case: str, database_url: str, terminal: Terminal
) -> None:
    statements, said = UNFIT[case]
    apart(change(database_url, *statements))

    assert [terminal.type(database_url, command) for command in COMMANDS] == [(2, said)] * len(COMMANDS)


@pytest.mark.parametrize("case", FOREIGN)
def test_a_database_of_somebody_else_is_left_alone(case: str, empty_url: str, terminal: Terminal) -> None:
    statements, said = FOREIGN[case]
    apart(change(empty_url, *statements))
    tables = "SELECT name FROM sqlite_master" if empty_url.startswith("sqlite") else "SELECT tablename FROM pg_tables"
    before = apart(asked(empty_url, tables))

    assert [terminal.type(empty_url, command) for command in COMMANDS] == [(2, said)] * len(COMMANDS)
    assert apart(asked(empty_url, tables)) == before


def test_an_empty_and_an_older_database_are_migrated_and_until_then_refused(
    database_url: str, empty_url: str, terminal: Terminal
) -> None:
    apart(migrate(database_url, BEFORE))

    for url, said in ((database_url, OLDER), (empty_url, NONE)):
        assert [terminal.type(url, command) for command in ("serve", "worker", "status")] == [(2, said)] * 3
        assert terminal.type(url, "migrate")[0] == 0
        assert terminal.type(url, "migrate")[0] == 0
