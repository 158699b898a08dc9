"""What the house tests read: the rooms, the tracked files, and the source as trees."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("plangate", "schema", "resolvers", "models", "billing", "widgets_config")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project that exists now, new ones included, ignored ones not."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    files = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return tuple(sorted(file for file in files if file.is_file() and not file.is_symlink()))


def named(file: Path) -> str:
    """A file as the repository calls it."""
    return file.relative_to(ROOT).as_posix()


def sources(*rooms: str) -> list[Path]:
    """The Python files of some rooms."""
    return [file for file in tracked() if file.suffix == ".py" and named(file).split("/")[0] in rooms]


@cache
def tree(file: Path) -> ast.Module:
    """A Python file as a syntax tree."""
    return ast.parse(file.read_text(), filename=named(file))


def where(file: Path, node: ast.AST) -> str:
    """A place in a file, to be clicked."""
    return f"{named(file)}:{getattr(node, 'lineno', 1)}"


def imports(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every module that a file imports by its full name, `from a import b` as `a.b`; type-checking ones included."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; calls and subscripts on the way are looked through."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{dotted(value)}.{attribute}"
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
            return dotted(inner)
        case _:
            return ""
