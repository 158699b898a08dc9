"""How many subscriptions a worker renews a second: `python -m benchmarks.renewals [--sizes N …] [--years N]`.

Each is billed for its second month: invoice, lines, number, events. One is renewed for years, to see whether an old one
costs more than a new one. Invoices are counted before a figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.ground import ground, machine, postgresql, sqlite
from benchmarks.labour import HEAD, Effort, counted, subscribed, worked
from benchmarks.multitude import multiplied
from billing.calendar import months_after
from billing.invoicing.invoices import InvoiceReason
from models.tables.base import table
from models.tables.invoice import InvoiceRow
from plangate.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.ground import Ground

UTC = ZoneInfo("UTC")
DAY, HALF, MONTH = timedelta(days=1), timedelta(days=15), timedelta(days=32)
RENEWALS = table(InvoiceRow).c.reason == InvoiceReason.RENEWAL
YEAR = 12


@dataclass(frozen=True, slots=True)
class Aged:
    """The median of renewals that come alone, in milliseconds: waited for, and of this program's processor."""

    waited: float
    processor: float

    @classmethod
    def of(cls, efforts: Sequence[Effort]) -> Aged:
        """Take the median."""
        return cls(
            statistics.median(each.seconds for each in efforts) * 1000,
            statistics.median(each.processor for each in efforts) * 1000,
        )

    def __str__(self) -> str:
        """Tell both."""
        return f"{self.waited:.1f} ms, {self.processor:.1f} of its processor"


async def renewed(at: Ground, size: int) -> Effort:
    """Renew so many once."""
    await multiplied(at, f"of {size}", size)
    now = at.contexts.clock.now()
    await worked(at, now)
    before = await counted(at, InvoiceRow, RENEWALS)
    effort = await worked(at, now + MONTH)
    if (made := await counted(at, InvoiceRow, RENEWALS) - before) != size:
        sys.exit(f"{made} renewals instead of {size}.")
    return effort


async def aged(at: Ground, years: int) -> tuple[Aged, Aged]:
    """Renew one for years, then another beside it for two more, in turns: what a renewal of the new and the old takes.

    In turns, as a machine changes more in the time of ten years' renewals than a subscription does.
    """
    await subscribed(at, "old")
    began = at.contexts.clock.now()
    grown = months_after(began, UTC, years * YEAR)
    await worked(at, grown + DAY)
    later = replace(at, contexts=replace(at.contexts, clock=FixedClock(grown + HALF)))
    await subscribed(later, "new")
    await worked(at, grown + HALF)
    new, old = list[Effort](), list[Effort]()
    for month in range(1, 2 * YEAR + 1):
        old.append(await worked(at, months_after(began, UTC, years * YEAR + month) + DAY))
        new.append(await worked(at, months_after(grown + HALF, UTC, month) + DAY))
    return Aged.of(new), Aged.of(old)


async def measured(url: str, kind: str, sizes: Sequence[int], years: int) -> None:
    """Print the rows of one database; each size has more beside it than the one before."""
    async with ground(url, key="aged") as at:
        new, old = await aged(at, years)  # in an environment of its own, as it takes it years ahead
    async with ground(url) as at:
        for size in sizes:
            effort = await renewed(at, size)
            print(f"| {kind} | {size:,} | {effort.cells(size)} |", flush=True)
    ratio = f"{old.waited / new.waited:.2f} and {old.processor / new.processor:.2f}"
    print(f"\n{kind}: one alone takes {new}; {years} years old, beside it: {old} (ratios {ratio})\n")


def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{machine()}\n")
    print(f"| database | renewals | {HEAD}\n|---|--:|--:|--:|--:|--:|")
    with sqlite() as url:
        asyncio.run(measured(url, "SQLite", chosen.sizes, chosen.years))
    with postgresql() as url:
        asyncio.run(measured(url, "PostgreSQL", chosen.sizes, chosen.years))


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000], help="how many are renewed")
    parser.add_argument("--years", type=int, default=10, help="how old the old one becomes")
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
