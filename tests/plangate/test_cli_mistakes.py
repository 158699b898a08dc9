"""Whatever is typed, set or broken: a readable line, an exit code that says so, and never a traceback."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import typer

from plangate.cli.program import program
from tests.house.repository import ROOT
from tests.plangate.opening import SECRET, quiet_again
from tests.plangate.test_cli import Terminal
from tests.world import CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

quiet = pytest.fixture(autouse=True)(quiet_again)
NO_TEXT = os.fsdecode(b"\xff")
GIVEN: dict[str, list[str]] = {
    "catalog apply": [str(CATALOG)],
    "catalog plan": [str(CATALOG)],
    "clock advance": ["--by", "1d"],
    "environment create": ["x", "--kind", "test"],
    "hold": ["payments"],
    "release": ["payments"],
}
"""What a command is typed with, where something of any kind would be refused before anything is opened."""


def typed(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Every command, with something for everything that it needs."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from typed(command, (*path, name))
            continue
        words: list[str] = []
        for each in command.params:
            if each.required:
                words += ["x"] if each.param_type_name == "argument" else [each.opts[0], "x"]
        known = " ".join((*path, name))
        environment = ["-e", "shop"] if any("-e" in each.opts for each in command.params) else []
        yield known, [*path, name, *GIVEN.get(known, words), *environment]


COMMANDS = dict(typed(typer.main.get_command(program)))
NEEDS_NOTHING = {"schema", "catalog schema", "events"}
NEEDS_NO_STORE = NEEDS_NOTHING | {"config", "demo"}


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PLANGATE_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PLANGATE_SECRET", SECRET.get_secret_value())
    return Terminal(tmp_path, monkeypatch, capsys)


def refused(terminal: Terminal, words: list[str]) -> str:
    """Type it, and give the one line that says why it was not done."""
    code, out, err = terminal.type(*words)
    assert (code in (1, 2), out) == (True, ""), (code, out, err)
    assert err.strip() != ""
    assert len(err.strip().splitlines()) == 1
    return err.strip()


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - NEEDS_NOTHING))
def test_a_variable_that_is_no_setting_is_refused_with_the_nearest(terminal: Terminal, command: str) -> None:
    terminal.monkeypatch.setenv("PLANGATE_PROT", "99")

    assert refused(terminal, COMMANDS[command]) == "There is no setting PLANGATE_PROT. Did you mean PLANGATE_PORT?"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_bytes_that_are_no_text_are_refused(terminal: Terminal, command: str) -> None:
    assert refused(terminal, [*COMMANDS[command], NO_TEXT]) == "What was typed is not valid text in UTF-8."


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - NEEDS_NO_STORE))
@pytest.mark.parametrize(
    "url", ["sqlite:///letter.txt", "sqlite:///closed/x.db", "postgresql://a:b@127.0.0.1:1/c", "mysql://a/b"]
)
def test_a_store_that_cannot_be_opened_is_said(terminal: Terminal, command: str, url: str) -> None:
    (terminal.folder / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    (terminal.folder / "closed").write_text("")
    (terminal.folder / "x").write_text("{}")
    terminal.monkeypatch.setenv("PLANGATE_DATABASE_URL", url)

    said = refused(terminal, COMMANDS[command])

    assert not any(word in said for word in ("sqlite3", "asyncpg", "sqlalche", "Errno", "PRAGMA", "SELECT"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LIMITS", "x", "PLANGATE_LIMITS is a table: set its values one by one, such as PLANGATE_LIMITS__DEPTH."),
        ("LIMITS__DEPHT", "3", "There is no setting PLANGATE_LIMITS__DEPHT. Did you mean PLANGATE_LIMITS__DEPTH?"),
        ("SECRET", NO_TEXT * 40, "The variable PLANGATE_SECRET is not valid text in UTF-8."),
        ("PUBLIC_URL", "https://", "The setting public_url (environment) is wrong: it has no host"),
        ("PUBLIC_URL", "https:///x", "The setting public_url (environment) is wrong: it has no host"),
        ("PUBLIC_URL", "https://a:b", "The setting public_url (environment) is wrong: it has no host, or an"),
        ("PUBLIC_URL", "https://u:p@a", "The setting public_url (environment) is wrong: it can have a host, a port"),
        ("PUBLIC_URL", "https://a/?x=1", "The setting public_url (environment) is wrong: it can have a host, a port"),
        (
            "PUBLIC_URL",
            "https://a b",
            "The setting public_url (environment) is wrong: it has no host",
        ),
        ("HOST", "a b", "The setting host (environment) is wrong: it is no host name and no address."),
        ("PORT", "x", "The setting port (environment) is wrong: Input should be a valid integer"),
        ("DATABASE_URL", "postgresql://a@h:99999/c", "The setting database_url (environment) is wrong: its port is"),
        ("DATABASE_URL", "postgresql://a@h:x/c", "The setting database_url (environment) is wrong: it is not the"),
        ("DATABASE_URL", "postgresql://a@h/c?nope=1", "The setting database_url (environment) is wrong: it has an"),
        ("DATABASE_URL", "sqlite:///x.db?mode=ro", "The setting database_url (environment) is wrong: it has an option"),
        ("DATABASE_WAIT_SECONDS", "5", "The settings do not fit together: database_wait_seconds has to be less than"),
        ("SHUTDOWN_SECONDS", "2", "The settings do not fit together: shutdown_seconds has to be more than"),
        ("LOG_LEVEL", "loud", "The setting log_level (environment) is wrong: Input should be 'debug', 'info'"),
        ("CONFIG", "/", "The settings file / cannot be read: "),
    ],
)
def test_a_wrong_setting_is_said(terminal: Terminal, name: str, value: str, said: str) -> None:
    terminal.monkeypatch.setenv(f"PLANGATE_{name}", value)

    assert refused(terminal, ["config"]).startswith(said)


@pytest.mark.parametrize(
    "name", ["PLANGATE_SERVICE_HOST", "PLANGATE_SERVICE_PORT_HTTP", "PLANGATE_PORT_8000_TCP_ADDR", "PLANGATE_TEST_X"]
)
def test_what_a_cluster_sets_for_a_service_of_our_name_is_not_ours(terminal: Terminal, name: str) -> None:
    terminal.monkeypatch.setenv(name, "10.0.0.1")

    code, _, err = terminal.type("config")

    assert (code, err) == (0, "")


def test_an_address_as_other_programs_write_it_is_understood(terminal: Terminal) -> None:
    terminal.monkeypatch.setenv("PLANGATE_DATABASE_URL", "postgres://a:b@db.example/c?sslmode=require")

    assert terminal.json("config")["database_url"]["value"] == "postgresql+asyncpg://a:***@db.example/c?ssl=require"


def test_a_clock_is_not_moved_beyond_the_calendar(terminal: Terminal) -> None:
    terminal.json("migrate")
    terminal.json("environment", "create", "shop", "--kind", "test", "--test-clock")

    assert refused(terminal, ["clock", "advance", "--by", "999999w", "-e", "shop"]) == (
        "That is beyond the calendar: a test clock moves at most two years a call."
    )
    assert refused(terminal, ["clock", "advance", "--to", "9999-12-31T23:59:59-14:00", "-e", "shop"]).startswith(
        "A test clock moves forward, at most two years a call."
    )


def test_an_address_that_is_taken_or_is_none_is_said(terminal: Terminal) -> None:
    terminal.json("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refused(terminal, ["serve", "--port", port]).startswith(f"Port {port} on 127.0.0.1 is taken:")
    assert refused(terminal, ["serve", "--host", "nowhere.invalid"]).startswith("Listening on nowhere.invalid")


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [(">/dev/full", 1, "no space left on device."), (">&-", 0, ""), ("2>&- >&-", 0, ""), ("| head -c 1", 0, "")],
)
def test_a_result_that_nobody_takes_leaves_no_traceback(tmp_path: Path, redirected: str, code: int, said: str) -> None:
    with contextlib.chdir(tmp_path):
        ended = subprocess.run(
            ["sh", "-c", f"exec {sys.executable} -m plangate schema {redirected}"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr.strip()) == (code, said)
