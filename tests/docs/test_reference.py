"""The reference lists what there is, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import resolvers.access
from billing.refusals import Refusal
from plangate.cli.program import program
from plangate.settings import LimitSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
CODE = re.compile(r"[A-Z]{3,}(_[A-Z]+)+|DEADLINE|INTERNAL")


def listed(title: str) -> set[str]:
    """The names in the first column of a section's table."""
    section = REFERENCE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))


def commands(group: Any, path: tuple[str, ...] = ("plangate",)) -> Iterator[str]:
    """Every command of the program."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal there is."""
    for each in kind.__subclasses__():
        yield each
        yield from refusals(each)


def texts(*folders: str) -> Iterator[str]:
    """Every text in the code of some folders."""
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_every_command_is_listed() -> None:
    assert listed("Commands") == set(commands(typer.main.get_command(program)))


def test_every_setting_is_listed() -> None:
    limits = {f"limits.{name}" for name in LimitSettings.model_fields}

    assert listed("Settings") == (set(Settings.model_fields) - {"limits"}) | limits


@pytest.mark.parametrize(
    ("title", "scopes"),
    [
        ("Scopes of secret keys", resolvers.access.SCOPES),
        ("Scopes of customer tokens", resolvers.access.CUSTOMER_SCOPES),
    ],
)
def test_every_scope_is_listed_with_its_meaning(title: str, scopes: dict[str, str]) -> None:
    assert listed(title) == set(scopes)
    assert all(f"| `{scope}` | {meaning} |" in REFERENCE for scope, meaning in scopes.items())


def test_every_refusal_is_listed() -> None:
    own = ("", "ending_", "invoice_", "limit_", "payment_", "preview_", "schedule_")
    files = (*(f"billing.{each}refusals" for each in own), "resolvers.access")
    names = {kind.__name__ for kind in refusals() if kind.__module__ in files}

    assert listed("Refusals") == {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in names}


def test_every_error_of_a_request_is_listed() -> None:
    found = {text for text in texts("plangate/http", "plangate/execution") if CODE.fullmatch(text)}
    found |= {text for text in texts("plangate") if text.startswith(("CREDENTIAL_", "ORIGIN_", "SHUTTING_"))}

    assert listed("Errors of requests") == {code for code in found if CODE.fullmatch(code)}
