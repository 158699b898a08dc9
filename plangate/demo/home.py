"""Where the demo lives: a folder that only its owner reads, made again when it is deleted."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from pydantic import SecretStr

from billing.dataclass import dataclass
from plangate.problems import UserProblem

if TYPE_CHECKING:
    from plangate.settings import Settings

FOLDER: Final = Path("var")
ENVIRONMENT: Final = "demo"
_OWN_FOLDER: Final = 0o700
_OWN_FILE: Final = 0o600


@dataclass(frozen=True, slots=True)
class DemoHome:
    """The demo's folder and its three files."""

    folder: Path = FOLDER

    @property
    def database(self) -> Path:
        """The SQLite file; where the settings look for one if nothing is set."""
        return self.folder / "plangate.db"

    @property
    def facts(self) -> Path:
        """What scripts read: address, keys and sample ids, as JSON."""
        return self.folder / "demo.json"

    @property
    def secret(self) -> Path:
        """What stands in for PLANGATE_SECRET."""
        return self.folder / "secret"

    def make(self) -> None:
        """Make the folder, closed to others."""
        try:
            self.folder.mkdir(mode=_OWN_FOLDER, parents=True, exist_ok=True)
            self.folder.chmod(_OWN_FOLDER)
        except OSError as problem:
            raise UserProblem(f"The demo needs the folder {self.folder}: {_reason(problem)}.") from None

    def own_secret(self) -> str:
        """Read the demo's secret, made once."""
        if not self.secret.exists():
            self._write(self.secret, secrets.token_urlsafe(48).encode())
        return self.secret.read_text(encoding="ascii").strip()

    def read_facts(self) -> dict[str, Any] | None:
        """Read what was written last; None where there is nothing usable."""
        try:
            read = orjson.loads(self.facts.read_bytes())
        except (OSError, ValueError):
            return None
        return cast("dict[str, Any]", read) if isinstance(read, dict) else None

    def write_facts(self, facts: dict[str, Any]) -> None:
        """Write the facts, whole or not at all."""
        self._write(self.facts, orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def _write(self, file: Path, content: bytes) -> None:
        beside = file.with_name(f".{file.name}.new")
        try:
            beside.unlink(missing_ok=True)
            opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN_FILE)
            with os.fdopen(opened, "wb") as writing:
                writing.write(content)
            beside.replace(file)
        except OSError as problem:
            raise UserProblem(f"{file} cannot be written: {_reason(problem)}.") from None


def home_of(settings: Settings) -> DemoHome | None:
    """The demo whose database the settings name; None outside a demo."""
    file = settings.sqlite_file
    home = DemoHome(file.parent) if file is not None else None
    here = home is not None and home.facts.exists() and home.database.name == (file.name if file else "")
    return home if here else None


def furnished(settings: Settings) -> Settings:
    """Give settings that name the demo's database the demo's secret, unless they have one."""
    home = home_of(settings)
    if home is None or settings.secret is not None or not home.secret.exists():
        return settings
    return settings.model_copy(update={"secret": SecretStr(home.own_secret())})


def _reason(problem: OSError) -> str:
    return (problem.strerror or "it is not possible").lower()
