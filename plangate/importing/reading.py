"""Reading an import file line by line: never more of it in memory than a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plangate.importing.lines import BadLine, record_of
from plangate.problems import UserProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from resolvers.importing.records import Record

LONGEST_LINE: Final = 65_536


def records(file: Path) -> Iterator[tuple[int, Record | BadLine]]:
    """Read each line that is not empty: its number and its record, or what is wrong with it."""
    try:
        with file.open("rb") as opened:
            for number, line in _lines(opened):
                yield number, _read(line)
    except OSError as problem:
        raise UserProblem(f"{file} cannot be read: {problem.strerror or problem}.") from None


def _read(line: bytes | None) -> Record | BadLine:
    if line is None:
        return BadLine(f"The line is longer than {LONGEST_LINE} bytes; nothing after it was read.")
    try:
        return record_of(line)
    except BadLine as bad:
        return bad


def _lines(opened: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line that is not empty; None stands for one that is too long, after which nothing is read."""
    number = 0
    while line := opened.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) <= LONGEST_LINE:
            if line.strip():
                yield number, line
            continue
        yield number, None
        return
