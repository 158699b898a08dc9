"""Whoever runs the program holds and releases what goes out, and sees what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.migrations import HEAD
from tests.plangate.opening import SECRET, quiet_again
from tests.plangate.test_cli import Terminal

if TYPE_CHECKING:
    from pathlib import Path

quiet = pytest.fixture(autouse=True)(quiet_again)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal with a migrated database and the environment `shop`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANGATE_SECRET", SECRET.get_secret_value())
    terminal = Terminal(tmp_path, monkeypatch, capsys)
    terminal.json("migrate")
    terminal.json("environment", "create", "shop", "--kind", "live")
    return terminal


def test_what_is_held_is_shown_until_it_is_released_and_remembered_after(shop: Terminal) -> None:
    held = shop.json("hold", "mail", "--environment", "shop", "--reason", "a wrong text", "--actor", "ann")
    everywhere = shop.json("hold", "all", "--actor", "bob")
    left = shop.json("release", "all", "--actor", "cid")
    status = shop.json("status")
    freed = shop.json("release", "mail", "-e", "shop", "--actor", "ann")
    kept = shop.json("hold", "--list")

    assert [(each["channel"], each["environment"], each["heldBy"], each["reason"]) for each in held] == [
        ("MAIL", "shop", "ann", "a wrong text")
    ]
    assert [(each["channel"], each["environment"]) for each in everywhere] == [
        ("MAIL", "shop"),
        ("PAYMENTS", None),
        ("MAIL", None),
        ("WEBHOOKS", None),
    ]
    assert left == held
    assert (status["held"], [each["held"] for each in status["environments"]]) == ([], [["MAIL"]])
    assert freed == []
    assert sorted((each["channel"], each["heldBy"], each["releasedBy"]) for each in kept) == [
        ("MAIL", "ann", "ann"),
        ("MAIL", "bob", "cid"),
        ("PAYMENTS", "bob", "cid"),
        ("WEBHOOKS", "bob", "cid"),
    ]


def test_mistakes_are_said(shop: Terminal) -> None:
    assert shop.mistake("hold") == "Say what to hold: payments, mail, webhooks or all. --list shows what is held."
    assert shop.mistake("hold", "mail", "--list") == shop.mistake("hold")
    assert shop.mistake("hold", "mail", "-e", "nowhere") == "There is no such Environment here. (environment)"
    assert "Usage: plangate release" in shop.mistake("release", "letters")
    assert shop.json("hold", "--list") == []


def test_the_status_says_what_waits(shop: Terminal) -> None:
    shop.json("keys", "create", "--environment", "shop")

    said = shop.json("status")
    (shown,) = said["environments"]

    assert {**said, "environments": []} == {
        "database": "sqlite",
        "revision": HEAD,
        "held": [],
        "toGoOut": 0,
        "environments": [],
    }
    assert (shown["environment"], shown["unplaced"], shown["overdue"], shown["held"]) == ("shop", 1, 0, [])
    assert shown["unplacedSince"] is not None
    code, out, err = shop.type("status")
    assert (code, err) == (0, "")
    assert "shop" in out
