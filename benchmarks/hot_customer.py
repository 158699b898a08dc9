"""How many consumptions a second one customer gets: `python -m benchmarks.hot_customer [--acts N] [--clients N]`.

Each way takes the same number from a limit of its own, in rounds that are interleaved; more is asked for than there is,
and what was granted, what the ledger sums to, and what was asked are compared before a figure is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from contextlib import AsyncExitStack
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from benchmarks.customers import FEATURE, made, used
from benchmarks.ground import Ground, ground, machine, postgresql, postgresql_version, spread, sqlite
from benchmarks.over_http import OverHttp
from benchmarks.raw import RawPostgreSQL, RawSQLite
from models.gathering import MOST, Gathering
from resolvers.entitlement_consume import EntitlementConsume, EntitlementGranted, consume
from resolvers.inputs import CustomerRef

if TYPE_CHECKING:
    from collections.abc import Sequence

BEYOND = 20
"""So many more are asked for than there is."""
GATHERED = "gathered"
ALONE = "one commit each, same statements"


class Way(Protocol):
    """One way to take from a customer's limit."""

    name: str

    async def open(self) -> None:
        """Get ready."""
        ...

    async def begin(self, customer: str, limit: int) -> None:
        """Make a customer with a limit."""
        ...

    async def take(self, key: str) -> bool:
        """Take one; False where nothing is left."""
        ...

    async def ledger(self) -> int:
        """Sum what the customer used."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class InProcess:
    """Plangate's resolver, called directly; with `most` 1 every act has a unit of work and a COMMIT of its own."""

    def __init__(self, name: str, at: Ground, most: int) -> None:
        """Take so many acts together at most."""
        self.name = name
        self._ground = at
        self._gathering = Gathering(most)
        self._customer = ""

    async def open(self) -> None:
        """Nothing to open."""

    async def begin(self, customer: str, limit: int) -> None:
        """Make a customer with a limit."""
        self._customer = customer
        self._ground.contexts.database.gathering = self._gathering
        await made(self._ground, customer, limit)

    async def take(self, key: str) -> bool:
        """Take one."""
        ref = CustomerRef(external_id=self._customer)
        answer = await consume(self._ground.call(), EntitlementConsume(ref, FEATURE, idempotency_key=key))
        return isinstance(answer, EntitlementGranted)

    async def ledger(self) -> int:
        """Sum what the customer used."""
        return await used(self._ground, self._customer)

    async def close(self) -> None:
        """Nothing to close."""


async def measured(way: Way, customer: str, acts: int, clients: int) -> float:
    """Take until nothing is left and check what was said; answer how many calls were made a second."""
    await way.begin(customer, acts)
    waiting = iter(range(acts + BEYOND))
    granted = 0

    async def client() -> None:
        nonlocal granted
        for number in waiting:
            taken = await way.take(f"{customer} {number}")
            granted += taken

    began = perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    spent = perf_counter() - began
    if granted != acts or await way.ledger() != acts:
        sys.exit(f"{way.name}: {granted} of {acts} granted, the ledger has {await way.ledger()}")
    return (acts + BEYOND) / spent


async def compared(kind: str, ways: Sequence[Way], chosen: argparse.Namespace) -> None:
    """Measure the ways in turn, and print a row for each."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    async with AsyncExitStack() as opened:
        for way in ways:
            opened.push_async_callback(way.close)
            await way.open()
            await measured(way, f"{way.name} warm", 100, chosen.clients)
        for number in range(chosen.rounds):
            for way in (*ways[number % len(ways) :], *ways[: number % len(ways)]):
                acts = chosen.acts if way.name == GATHERED else max(100, chosen.acts // 5)
                rates[way.name].append(await measured(way, f"{way.name} {number}", acts, chosen.clients))
    floor = statistics.median(rates[ALONE])
    for way in ways:
        print(f"| {kind} | {way.name} | {spread(rates[way.name])} | {statistics.median(rates[way.name]) / floor:.2f} |")


def plangate(at: Ground, url: str) -> tuple[Way, ...]:
    """Every way through Plangate."""
    return InProcess(GATHERED, at, MOST), InProcess(ALONE, at, 1), OverHttp(at, url)


async def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{machine()}; {chosen.clients} clients, {chosen.rounds} rounds")
    print("\n| database | way | consumptions a second: median (least to most) | ratio to one commit each |")
    print("|---|---|--:|--:|")
    with sqlite() as url:
        async with ground(url) as at:
            await compared("SQLite", (*plangate(at, url), RawSQLite(url)), chosen)
    with postgresql() as url:
        async with ground(url) as at:
            await compared("PostgreSQL", (*plangate(at, url), RawPostgreSQL(url)), chosen)
        print(f"\n{await postgresql_version(url)}; SQLite WAL, synchronous=FULL")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--acts", type=int, default=2_000, help="consumptions of a round, of slow ways a fifth")
    parser.add_argument("--clients", type=int, default=64, help="how many call at once")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(options()))
