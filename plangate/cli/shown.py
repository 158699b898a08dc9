"""What commands say: results on standard output for people or as JSON, everything else on standard error."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console


def out() -> Console:
    """The console of results; lines are never broken where they are read by a program."""
    from rich.console import Console  # noqa: PLC0415  (who serves needs none)

    return Console(highlight=False, soft_wrap=True)


def aside() -> Console:
    """The console of everything that is no result."""
    from rich.console import Console  # noqa: PLC0415  (as above)

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Write a line of plain words that is no result."""
    sys.stderr.write(f"{line}\n")


def say_json(value: Any) -> None:  # noqa: ANN401  (JSON is anything)
    """Write a result for a script."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")


def say_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Write one thing: its facts, one a line. Names of facts become camelCase in JSON."""
    if as_json:
        say_json(camelled(facts))
        return
    widest = max(map(len, facts), default=0)
    for name, value in facts.items():
        out().print(f"[dim]{name.replace('_', ' '):<{widest}}[/]  {_text(value)}", markup=True)


def say_rows(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    """Write several things of a kind: a table, or a list of objects."""
    found = list(rows)
    if as_json:
        say_json([camelled(row) for row in found])
        return
    if not found:
        aside().print(empty)
        return
    from rich.table import Table  # noqa: PLC0415  (as above)

    table = Table(*(column.replace("_", " ") for column in columns), box=None, header_style="bold", pad_edge=False)
    for row in found:
        table.add_row(*(_text(row[column]) for column in columns))
    console = out()
    if not console.is_terminal:
        console.width = 4_000
    console.print(table, soft_wrap=False)


def say_problem(lines: Iterable[str]) -> None:
    """Say what the user can put right."""
    console = aside()
    for line in lines:
        console.print(line, markup=False, style="red")


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"  # pyright: ignore[reportUnknownArgumentType]  (a list of anything)
    return str(value).replace("[", r"\[")


def camel(key: str) -> str:
    """The name of a fact in JSON."""
    head, *rest = key.split("_")
    return head + "".join(word.capitalize() for word in rest)


def camelled(facts: Mapping[str, object]) -> dict[str, object]:
    """Name facts as JSON does."""
    return {camel(key): value for key, value in facts.items()}
