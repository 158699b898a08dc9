"""How many subscriptions a worker renews a second: `python -m benchmarks.renewals [--sizes N …] [--years N]`.

Each is billed for its second month: invoice, lines, number, events. One is renewed for years, to see whether an old one
costs more than a new one. Invoices are counted before a figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.ground import ground, machine, postgresql, sqlite
from benchmarks.labour import HEAD, Effort, counted, subscribed, worked
from benchmarks.multitude import multiplied
from billing.invoicing.invoices import InvoiceReason
from models.tables.base import table
from models.tables.invoice import InvoiceRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.ground import Ground

MONTH = timedelta(days=32)
RENEWALS = table(InvoiceRow).c.reason == InvoiceReason.RENEWAL
YEAR = 12


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


async def aged(at: Ground, years: int) -> tuple[float, float]:
    """Renew one for years; milliseconds of the processor for a renewal in its first year and in its last."""
    await subscribed(at, "old")
    now = at.contexts.clock.now()
    await worked(at, now)
    spent = [
        (await worked(at, now + timedelta(days=30.44 * month + 1))).processor for month in range(1, years * YEAR + 1)
    ]
    first, last = spent[1 : YEAR + 1], spent[-YEAR:]
    return statistics.median(first) * 1000, statistics.median(last) * 1000


async def measured(url: str, kind: str, sizes: Sequence[int], years: int) -> None:
    """Print the rows of one database; each size has more beside it than the one before."""
    async with ground(url) as at:
        first, last = await aged(at, years)
        for size in sizes:
            effort = await renewed(at, size)
            print(f"| {kind} | {size:,} | {effort.cells(size)} |", flush=True)
        print(f"\n{kind}: a renewal takes {first:.1f} ms in the first year and {last:.1f} ms in year {years}\n")


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
