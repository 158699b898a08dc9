"""Settings come from defaults, a file and the environment, in this order, and say from where."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from plangate.execution.limits import ExecutionLimits
from plangate.execution.profile import DEVELOPMENT, PRODUCTION
from plangate.problems import UserProblem
from plangate.settings import LimitSettings, Settings, load

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("SECRET", "DATABASE_URL", "PORT", "HOST", "CONFIG", "PROFILE", "LIMITS__DEPTH"):
        monkeypatch.delenv(f"PLANGATE_{name}", raising=False)
    return tmp_path


def test_nothing_needs_to_be_set_but_the_secret() -> None:
    settings = load().settings

    assert (settings.url, settings.shows) == ("http://127.0.0.1:8000", PRODUCTION)
    assert settings.database_url == "sqlite+aiosqlite:///var/plangate.db"
    with pytest.raises(UserProblem, match="PLANGATE_SECRET is not set"):
        settings.key()


def test_the_environment_wins_over_the_file_and_what_is_given_over_both(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "plangate.toml").write_text('port = 1\nhost = "::1"\nprofile = "development"\n[limits]\ndepth = 7\n')
    monkeypatch.setenv("PLANGATE_PORT", "2")
    monkeypatch.setenv("PLANGATE_LIMITS__TOKENS", "50")

    loaded = load(given={"worker_inside": True}, by="demo")

    settings = loaded.settings
    assert (settings.port, settings.host, settings.worker_inside, settings.shows) == (2, "::1", True, DEVELOPMENT)
    assert (settings.limits.depth, settings.limits.tokens) == (7, 50)
    assert settings.url == "http://[::1]:2"
    assert dict(loaded.origins) == {
        "port": "environment",
        "host": "plangate.toml",
        "profile": "plangate.toml",
        "limits.depth": "plangate.toml",
        "limits.tokens": "environment",
        "worker_inside": "demo",
    }


def test_secrets_and_passwords_are_masked_when_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANGATE_SECRET", SECRET)
    monkeypatch.setenv("PLANGATE_DATABASE_URL", "postgresql://me:hunter2@db.example/plangate")

    listed = {setting.name: setting for setting in load().listed()}

    assert listed["secret"].value == "********"
    assert listed["database_url"].value == "postgresql+asyncpg://me:***@db.example/plangate"
    assert (listed["secret"].origin, listed["port"].origin) == ("environment", "default")
    assert [name for name, setting in listed.items() if not setting.description] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET", "short", "The setting secret (environment) is wrong: it needs at least 32 characters."),
        ("DATABASE_URL", "mysql://x/y", "The setting database_url (environment) is wrong: it is neither sqlite nor"),
        ("DATABASE_URL", "sqlite://", "The setting database_url (environment) is wrong: a SQLite database in memory"),
        ("DATABASE_URL", "sqlite:///:memory:", "The setting database_url (environment) is wrong: a SQLite database in"),
        ("DATABASE_URL", "?", "The setting database_url (environment) is wrong: it is not the address of a database."),
        ("PORT", "99999", "The setting port (environment) is wrong: Input should be less than or equal to 65535."),
        ("LIMITS__DEPTH", "0", "The setting limits.depth (environment) is wrong: Input should be greater than 0."),
        ("PUBLIC_URL", "ftp://x", "The setting public_url (environment) is wrong: it has to begin with http://"),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"PLANGATE_{name}", value)

    with pytest.raises(UserProblem) as problem:
        load()

    assert str(problem.value).startswith(said)
    assert value == "?" or value not in str(problem.value).removeprefix(said)


@pytest.mark.parametrize("given", ["inf", "-inf", "nan", "1e400"])
@pytest.mark.parametrize("name", ["IDLE_SECONDS", "HEAD_SECONDS", "LIMITS__BODY_SECONDS", "SHUTDOWN_SECONDS"])
def test_no_time_is_endless(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    monkeypatch.setenv(f"PLANGATE_{name}", given)

    with pytest.raises(UserProblem, match=r"^The setting [a-z_.]+ \(environment\) is wrong: Input should be "):
        load()


def test_a_file_with_an_unknown_setting_or_no_file_at_all_is_refused(nowhere: Path) -> None:
    (nowhere / "other.toml").write_text("databse_url = 'x'\n")

    with pytest.raises(UserProblem, match=r"databse_url \(.*other.toml\) is wrong: there is no such setting"):
        load(nowhere / "other.toml")
    with pytest.raises(UserProblem, match="There is no settings file"):
        load(nowhere / "missing.toml")


def test_every_limit_of_the_endpoint_can_be_set_and_has_its_default() -> None:
    assert LimitSettings().model_dump() == asdict(ExecutionLimits())
    assert Settings().limits.execution() == ExecutionLimits()
