"""How many subscriptions a job ends a second: `python -m benchmarks.cancels [--size N] [--on PostgreSQL]`.

First as a dry run, then for good: each is ended now, and its unpaid invoice lowered by a credit note. What has ended is
counted before a figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.ground import ground, machine, postgresql, sqlite
from benchmarks.labour import HEAD, live, subscribed, worked
from billing.ending import EndAsked
from billing.lifecycle import CancelTiming, State
from resolvers.bulk_cancellation import Chosen, Terms
from resolvers.subscriptions_cancel import SubscriptionsCancel, cancel_many

if TYPE_CHECKING:
    from benchmarks.labour import Effort

OPENED = {"SQLite": sqlite, "PostgreSQL": postgresql}
TERMS = Terms(timing=CancelTiming.IMMEDIATE, money=EndAsked(prorate=True, invoice_now=True))


async def measured(url: str, size: int) -> tuple[Effort, Effort]:
    """End so many: what a dry run takes, and what it takes for good."""
    async with ground(url) as at:
        for number in range(size):
            await subscribed(at, f"customer {number}")
        later = at.contexts.clock.now() + timedelta(hours=1)
        await worked(at, later)
        efforts: list[Effort] = []
        for dry, left in ((True, size), (False, 0)):
            asked = SubscriptionsCancel(Chosen(states=(State.ACTIVE,)), TERMS, dry_run=dry)
            await cancel_many(at.call(), asked)
            efforts.append(await worked(at, later))
            if (found := await live(at)) != left:
                sys.exit(f"{found} are live instead of {left}.")
    return efforts[0], efforts[1]


def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{machine()}; {chosen.size:,} subscriptions\n")
    print(f"| database | way | {HEAD}\n|---|---|--:|--:|--:|--:|")
    for kind in chosen.on:
        with OPENED[kind]() as url:
            tried, done = asyncio.run(measured(url, chosen.size))
        for way, effort in (("dry run", tried), ("for good", done)):
            print(f"| {kind} | {way} | {effort.cells(chosen.size)} |", flush=True)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=1_000, help="how many are ended")
    parser.add_argument("--on", nargs="+", choices=OPENED, default=list(OPENED), help="on which databases")
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
