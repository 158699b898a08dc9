"""What was found wrong in one file, and where its things stand."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import CatalogProblem

if TYPE_CHECKING:
    from billing.catalog.problem import Path, Problem

MOST_FINDINGS = 100
ENOUGH = 1_000


class EnoughError(Exception):
    """So much is wrong that looking for more helps nobody."""


@dataclass(slots=True)
class Findings:
    """The problems of the file `name` by line; `broken` names things that stand there and could not be read.

    `holds` is what the file is, and `begins` how one is begun.
    """

    name: str
    holds: str = "catalog"
    begins: str = "catalog: 1"
    found: dict[tuple[int, str], Path] = field(default_factory=dict[tuple[int, str], tuple[str | int, ...]])
    lines: dict[Path, int] = field(default_factory=dict[tuple[str | int, ...], int])
    moved: dict[Path, Path] = field(default_factory=dict[tuple[str | int, ...], tuple[str | int, ...]])
    broken: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def add(self, line: int, message: str, path: Path = ()) -> None:
        """Note a problem once; after a thousand the reading ends."""
        self.found.setdefault((line, message), path)
        if len(self.found) >= ENOUGH:
            raise EnoughError

    def place(self, path: Path, line: int) -> None:
        """Remember where `path` stands."""
        self.lines[path] = line

    def move(self, path: Path, written: Path) -> None:
        """Remember that what the catalog has at `path` stands at `written`, since something before it was left out."""
        self.moved[path] = written

    def line_of(self, path: Path) -> int:
        """The line of the path, or of the nearest thing around it that is written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.moved:
                path = (*self.moved[path[:length]], *path[length:])
                break
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def judge(self, problem: Problem) -> None:
        """Note a problem of the catalog at its line, unless it only follows from something that could not be read."""
        if problem.missing not in self.broken:
            self.add(self.line_of(problem.path), problem.message, problem.path)

    def problems(self) -> tuple[CatalogProblem, ...]:
        """All of them in the order of lines; after a hundred only how many more there are."""
        ordered = [
            CatalogProblem(message, ".".join(map(str, path)), line, self.name)
            for (line, message), path in sorted(self.found.items(), key=lambda each: each[0][0])
        ]
        if len(ordered) <= MOST_FINDINGS:
            return tuple(ordered)
        more = CatalogProblem(f"and {len(ordered) - MOST_FINDINGS} more problems.", file=self.name)
        return (*ordered[:MOST_FINDINGS], more)
