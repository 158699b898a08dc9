"""Every command in its place. Each is loaded when it is named: who serves waits for none of the others."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

from typer.core import TyperGroup
from typer.main import get_group

from plangate.cli.unswept import unswept

PLACES: Final = MappingProxyType({
    "demo": "demo",
    "serve": "serving",
    "worker": "working",
    "migrate": "migrating",
    "schema": "told",
    "events": "told",
    "config": "told",
    "import": "importing",
    "hold": "holding",
    "release": "holding",
    "status": "status",
    "journal": "journal",
    "catalog": "catalog",
    "keys": "keys",
    "token": "tokens",
    "clock": "clock",
    "environment": "environments",
})  # fmt: skip
"""In which module of this package a command is, or a group of them, in the order in which they are listed."""


class Commands(TyperGroup):
    """The program's commands."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  (typer's own arguments)
        """Take those that are there by their names."""
        super().__init__(**given)
        self.commands = cast("Any", Loaded())


class Loaded(Mapping[str, Any]):
    """Commands by name."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (typer's commands have no public type)
        """Load one: it stands alone, or is a group of its own."""
        place = f"{__package__}.{PLACES[name]}"
        if place not in sys.modules:
            with unswept():
                import_module(place)
        group = get_group(sys.modules[place].commands)
        return group.commands.get(name, group)

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(PLACES)

    def __len__(self) -> int:
        """Count them."""
        return len(PLACES)
