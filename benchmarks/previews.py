"""How long a preview of money takes beside the plain read of a subscription: `python -m benchmarks.previews`.

The ways take turns, one call at a time; what each answers is checked before a figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.ground import ground, machine, postgresql, postgresql_version, sqlite
from billing.calendar import Interval, IntervalUnit
from billing.lifecycle import CancelTiming
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.inputs import CustomerRef
from resolvers.previews import cancellation_preview, change_preview
from resolvers.rehearsing import change_rehearsed, end_rehearsed
from resolvers.subscription_cancel import SubscriptionCancel
from resolvers.subscription_change import SubscriptionChange
from resolvers.subscription_create import SubscriptionCreate, create
from resolvers.subscriptions import subscription

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.ground import Ground

READ = "a subscription, read"
MONTHS = 5
"""So many renewals come before the distant end."""


@dataclass(frozen=True, slots=True)
class Way:
    """A question, and how to ask it; it answers False where the answer is not what it should be."""

    name: str
    ask: Callable[[], Awaitable[bool]]


async def ways(at: Ground) -> tuple[Way, ...]:
    """Subscribe somebody, and list what is asked about the subscription."""
    await upsert(at.call(), CustomerUpsert(external_id="acme"))
    asked = SubscriptionCreate(
        CustomerRef(external_id="acme"),
        "team",
        currency="USD",
        interval=Interval(IntervalUnit.MONTH, 1),
        quantity=5,
        trial_days=0,
    )
    made = await create(at.call(), asked)
    held = made.subscription.id
    change = SubscriptionChange(held, plan="enterprise")
    date = at.call().at + timedelta(days=30 * MONTHS + 15)
    end = SubscriptionCancel(held, timing=CancelTiming.ON_DATE, date=date)

    async def read() -> bool:
        return await subscription(at.call(), held) is not None

    async def change_of_access() -> bool:
        return bool((await change_preview(at.call(), change)).entitlements)

    async def change_of_money() -> bool:
        shown = await change_rehearsed(at.call(), change)
        return shown.token is not None and len(shown.done.now) == 1 and len(shown.upcoming) == 1

    async def end_of_access() -> bool:
        return bool((await cancellation_preview(at.call(), end)).entitlements)

    async def end_of_money() -> bool:
        return len((await end_rehearsed(at.call(), end)).upcoming) >= MONTHS

    return (
        Way(READ, read),
        Way("a change: entitlements", change_of_access),
        Way("a change: money, now and next", change_of_money),
        Way("an end in half a year: entitlements", end_of_access),
        Way("an end in half a year: money, every invoice until then", end_of_money),
    )


async def compared(kind: str, at: Ground, asks: int) -> None:
    """Ask in turn, and print a row for each way."""
    asked = await ways(at)
    spent: dict[str, list[float]] = {way.name: [] for way in asked}
    for number in range(asks + 1):
        for way in asked:
            began = perf_counter()
            right = await way.ask()
            if not right:
                sys.exit(f"{way.name}: another answer than it should be")
            if number:  # the first of each warms up
                spent[way.name].append(perf_counter() - began)
    floor = statistics.median(spent[READ])
    for name, times in spent.items():
        p50, p95 = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
        print(f"| {kind} | {name} | {p50 * 1000:.1f} | {p95 * 1000:.1f} | {p50 / floor:.1f} |")


async def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{machine()}; {chosen.asks} of each, one at a time")
    print("\n| database | asked for | p50, ms | p95, ms | p50, ratio to the read |")
    print("|---|---|--:|--:|--:|")
    with sqlite() as url:
        async with ground(url) as at:
            await compared("SQLite", at, chosen.asks)
    with postgresql() as url:
        async with ground(url) as at:
            await compared("PostgreSQL", at, chosen.asks)
        print(f"\n{await postgresql_version(url)}; SQLite WAL, synchronous=FULL")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--asks", type=int, default=100, help="how often each is asked")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(options()))
