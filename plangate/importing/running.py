"""Running an import: check every line, and when nothing is wrong bring them in, a bounded batch a transaction."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from billing.dataclass import dataclass
from plangate.importing.lines import BadLine
from plangate.importing.reading import records
from plangate.importing.seen import SeenOnDisk
from plangate.problems import UserProblem
from resolvers.access import demand
from resolvers.importing.checking import check
from resolvers.importing.keeping import ImportStopped, keep_batch
from resolvers.importing.made import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from billing.refusals import Refusal
    from resolvers.context import Context
    from resolvers.importing.records import Record

T = TypeVar("T")
AT_ONCE: Final = 200
"""How many lines are checked together, and how many are written in one transaction."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How many lines there are, and how many of them are wrong."""

    lines: int
    wrong: int


async def check_file(ctx: Context, file: Path, tell: Callable[[int, str], None]) -> Checked:
    """Check a whole file, telling everything that is wrong by line; nothing is written."""
    demand(ctx, "import")
    catalog, seen = Catalog({}, {}), SeenOnDisk()
    lines, wrong = 0, 0
    try:
        for batch in _batches(records(file), AT_ONCE):
            good: list[tuple[int, Record]] = []
            bad: list[tuple[int, str]] = []
            for number, record in batch:
                if isinstance(record, BadLine):
                    bad += [(number, problem) for problem in record.problems]
                else:
                    good.append((number, record))
            bad += [(number, said(refusal)) for number, refusal in await check(ctx, catalog, good, seen)]
            lines += len(batch)
            wrong += len({number for number, _ in bad})
            for number, problem in sorted(bad):
                tell(number, problem)
    finally:
        seen.close()
    return Checked(lines, wrong)


async def keep_file(ctx: Context, file: Path, progress: Callable[[int], None]) -> Counter[str]:
    """Bring a checked file in; what was brought in before is passed over, so that it may be run again at any time."""
    catalog = Catalog({}, {})
    counted: Counter[str] = Counter()
    for batch in _batches(records(file), AT_ONCE):
        good = [(number, record) for number, record in batch if not isinstance(record, BadLine)]
        if len(good) < len(batch):
            raise UserProblem(f"{file} was changed while it was being imported: run it again.")
        try:
            counted.update(await keep_batch(ctx, catalog, good))
        except ImportStopped as stopped:
            raise UserProblem(
                f"line {stopped.line}: {said(stopped.refusal)} What stands above is imported up to line "
                f"{counted['lines']}; run it again when this is put right."
            ) from None
        counted["lines"] += len(batch)
        progress(counted["lines"])
    return counted


def said(refusal: Refusal) -> str:
    """Say a refusal in a line."""
    return f"{refusal.field}: {refusal.message}" if refusal.field else refusal.message


def _batches(each: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(each)
    while batch := list(islice(rest, size)):
        yield batch
