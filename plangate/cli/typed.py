"""What stands before every command, and the settings that follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from plangate.logs import configure
from plangate.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from plangate.settings import Loaded


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands before the command: the settings file, if one is named."""

    config: Path | None = None


def loaded(typed: typer.Context) -> Loaded:
    """Load the settings of this invocation and start the log."""
    found = load(_typed(typed).config)
    configure(found.settings.log_level, found.settings.log_format)
    return found


def config_of(typed: typer.Context) -> Path | None:
    """The settings file that was named."""
    return _typed(typed).config


def _typed(context: typer.Context) -> Typed:
    return context.obj if isinstance(context.obj, Typed) else Typed()
