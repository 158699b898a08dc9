"""A level is what was told: the largest of a window, or the latest, whatever was taken back and in whatever order."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from billing.entitlements.burning import Burn
from billing.entitlements.sources import Aggregation, Counter, Usage
from models.choices import UsageKind
from models.stores.counters import Counted
from models.stores.levels import Told
from models.stores.usage import LedgerRow
from tests.models.world import CUSTOMER, ENV, FEATURE, day, undone, working

if TYPE_CHECKING:
    from datetime import datetime

    from models.session import Database

WINDOWS = ((None, None), (day(0), day(10)), (day(10), day(20)), (day(5), None))
LIVES, LONG = 6, 25


class Said(NamedTuple):
    """One value that was told, in order: what it says, of which instant and resource."""

    occurred_at: datetime
    resource: str
    value: int


def inside(said: Said, window: tuple[datetime | None, datetime | None]) -> bool:
    """Whether it was told of a window."""
    start, end = window
    return (start is None or said.occurred_at >= start) and (end is None or said.occurred_at < end)


def plainly(said: list[Said], window: tuple[datetime | None, datetime | None], at: datetime, *, most: bool) -> int:
    """The level, found by crossing out what was taken back and looking at what is left."""
    left: list[Said] = []
    for each in said:
        if each.value >= 0:
            left.append(each)
        else:
            told = [place for place, one in enumerate(left) if one == each._replace(value=-each.value)]
            del left[told[0]]
    held = [each for each in left if inside(each, window) and each.occurred_at <= at]
    total = 0
    for resource in {each.resource for each in held}:
        own = [each for each in held if each.resource == resource]
        latest = max(each.occurred_at for each in own)
        total += max(each.value for each in own) if most else [e for e in own if e.occurred_at == latest][-1].value
    return total


def next_said(lots: Random, said: list[Said], present: int) -> Said:
    """Something new, often of an instant that was told of before, or something taken back."""
    standing = [each for each in said if said.count(each) > said.count(each._replace(value=-each.value))]
    again = [each for each in standing if each.value > 0]
    if again and lots.random() < 0.25:
        each = lots.choice(again)
        return each._replace(value=-each.value)
    return Said(day(lots.randint(0, present)), lots.choice(("", "a")), lots.choice((0, 3, 5, 5, 8, 2**61)))


async def test_a_level_is_the_largest_or_the_latest_of_what_stands(shop: Database) -> None:
    lots = Random(7)
    for aggregation in (Aggregation.MAX, Aggregation.LAST):
        for _ in range(LIVES):
            async with undone(shop) as session:
                ledger, said, present = working(session).usage, list[Said](), 1
                for number in range(LONG):
                    present += lots.randint(0, 2)
                    told = next_said(lots, said, present)
                    window = lots.choice([each for each in WINDOWS if inside(told, each)])
                    of = Counted(CUSTOMER, FEATURE, Counter("", *window), aggregation)
                    will = await ledger.level_with(of, Told(told.resource, told.occurred_at, told.value))
                    assert told.value >= 0 or await ledger.stands(of, Told(told.resource, told.occurred_at, told.value))
                    await ledger.record(written(number, told, day(present)), of, Burn(told.value), day(present))
                    said.append(told)
                    for asked in (window, lots.choice(WINDOWS)):
                        of = of._replace(counter=Counter("", *asked))
                        now, then = day(present), day(lots.randint(0, present))
                        level = plainly(said, asked, now, most=aggregation is Aggregation.MAX)
                        before = plainly(said, asked, then, most=aggregation is Aggregation.MAX)
                        assert await ledger.used(of, now) == await ledger.total(of) == level
                        assert await ledger.usages([of], then) == [Usage(before)]
                        assert asked != window or will == level


def written(number: int, told: Said, at: datetime) -> LedgerRow:
    """The ledger row of what was told."""
    return LedgerRow(
        id=f"use{number}", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, resource=told.resource,
        scope="", seq=number, kind=UsageKind.REPORT, amount=told.value, limit_amount=told.value,
        occurred_at=told.occurred_at, recorded_at=at,
    )  # fmt: skip
