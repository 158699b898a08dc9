"""How many subscriptions a second the billing engine reckons: `python -m benchmarks.engine [--acts N] [--rounds N]`.

One core, no database: seconds are those that the process was given, so that others on the machine matter little.
Every answer is compared with the one that was worked out before a figure is printed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from time import process_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.ground import machine, spread
from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.catalog.values import PriceModel
from billing.invoicing.reconcile import Agreed, reconcile
from billing.invoicing.ruler import ProrationUnit, Ruler
from billing.invoicing.values import Billed, BillingMode, Due, Slot, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTH, ZONE = Interval(IntervalUnit.MONTH), ZoneInfo("Europe/Berlin")
ANCHOR = datetime(2024, 1, 13, tzinfo=UTC)
CHANGED = datetime(2024, 1, 28, 12, tzinfo=UTC)
NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """Something that is reckoned, and the amounts that it comes to."""

    name: str
    since: datetime
    held: Slot
    billed: Sequence[Billed]
    amounts: tuple[int, ...]


def slot(plan: str, price: int) -> Slot:
    """Make a monthly price per seat."""
    return Slot(plan, plan, Terms("EUR", MONTH, PriceModel.PER_UNIT, unit_amount=price * NANO))


def ways() -> tuple[Way, ...]:
    """List what is measured: 3 seats, of a plan at 30 and one at 50, that renew on the 13th."""
    natural = period_at(ANCHOR, MONTH, ANCHOR, ZONE)
    small, large = slot("small", 30), slot("large", 50)
    paid = Billed("line", small, 3, natural, natural, 9_000)
    return (
        Way("a renewal", ANCHOR, small, (), (9_000,)),
        Way("a beginning inside the period", CHANGED, small, (), (4_500,)),
        Way("a renewal that was billed already", ANCHOR, small, (paid,), ()),
        Way("a change inside the period", CHANGED, large, (paid,), (7_500, -4_500)),
    )


def reckoned(way: Way, times: int) -> float:
    """Reckon so often, check the last answer, and tell how many a second."""
    agreed = Agreed(Ruler(ProrationUnit.SECOND, ANCHOR, ZONE), BillingMode.FLEXIBLE, lambda _: None)
    found = None
    began = process_time()
    for _ in range(times):
        natural = period_at(ANCHOR, MONTH, way.since, ZONE)
        due = Due(way.held, 3, Period(way.since, natural.end), natural)
        found = reconcile(way.since, (due,), way.billed, (), agreed)
    spent = process_time() - began
    if found is None:
        sys.exit("Nothing was reckoned.")
    amounts = (*(each.net for each in found.charges), *(-each.amount for each in found.credits))
    if amounts != way.amounts:
        sys.exit(f"{way.name}: {amounts} instead of {way.amounts}")
    return times / spent


def main(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{machine()}; one core, {chosen.rounds} rounds\n")
    print("| reckoned | a second of one core: median (least to most) |\n|---|--:|")
    rates: dict[str, list[float]] = {way.name: [] for way in ways()}
    for _ in range(chosen.rounds):
        for way in ways():
            rates[way.name].append(reckoned(way, chosen.acts))
    for name, found in rates.items():
        print(f"| {name} | {spread(found)} |")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--acts", type=int, default=20_000, help="reckonings of a round")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
