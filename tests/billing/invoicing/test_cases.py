"""The case table: `cases/<interval>/<leading|trailing|double>/<name>.json`, folders and files are its rows.

A case begins or ends inside an interval. `ahead` are the lines where its end is known before the last interval begins,
`late` where that was billed whole and is cut at the end. The figures come from `oracle.py`, which knows nothing of the
engine; `PLANGATE_WRITE_GOLDEN=1` writes the files anew: then read the difference.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.calendar import Interval, IntervalUnit, Period, local_instant
from billing.catalog.values import PriceModel
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import Due, Terms
from tests.billing.invoicing import oracle
from tests.billing.invoicing.book import NANO, Book, slot

Case = dict[str, Any]

KEPT = Path(__file__).parent / "cases"
INTERVALS = {
    "day": (Interval(IntervalUnit.DAY), timedelta(hours=7, minutes=20)),
    "week": (Interval(IntervalUnit.WEEK), timedelta(days=2, hours=5)),
    "month": (Interval(IntervalUnit.MONTH), timedelta(days=11, hours=6)),
    "quarter": (Interval(IntervalUnit.MONTH, 3), timedelta(days=40, hours=3)),
    "year": (Interval(IntervalUnit.YEAR), timedelta(days=137, hours=4)),
}
"""Each with how far inside an interval a case begins, or ends."""
SHAPES = ("leading", "trailing", "double")
ANCHORS = {
    "plain": ("UTC", "2024-01-01T00:00"),
    "month_end": ("UTC", "2024-01-31T00:00"),
    "leap_day": ("UTC", "2024-02-29T06:00"),
    "berlin_spring": ("Europe/Berlin", "2024-03-30T12:00"),
    "berlin_autumn": ("Europe/Berlin", "2024-10-26T12:00"),
    "berlin_skipped_hour": ("Europe/Berlin", "2024-03-29T02:30"),
    "new_york_spring": ("America/New_York", "2024-03-09T18:00"),
    "lord_howe_autumn": ("Australia/Lord_Howe", "2024-04-06T12:00"),
}
ROWS = [f"{interval}/{shape}/{name}" for interval in INTERVALS for shape in SHAPES for name in ANCHORS]


def written(row: str) -> Case:
    """A case as its file says, with what the oracle expects."""
    interval, shape, name = row.split("/")
    zone, text = ANCHORS[name]
    anchor, inside = datetime.fromisoformat(text), INTERVALS[interval][1]
    begin = anchor if shape == "trailing" else anchor + inside
    end = oracle.later(anchor, interval, 2) if shape == "leading" else oracle.later(anchor, interval, 1) + inside * 2
    case: Case = {"zone": zone, "anchor": text, "from": begin.isoformat(), "until": end.isoformat(), "price": 9999}
    first, last = (oracle.instant(at, ZoneInfo(zone)) for at in (begin, end))
    for unit in ProrationUnit:
        told = {"ahead": oracle.ahead(first, last, 9999, unit.value, interval, anchor, zone)}
        if shape != "leading":
            told["late"] = oracle.late(first, last, 9999, unit.value, interval, anchor, zone)
        case[unit.value] = {way: [_line(*each) for each in lines] for way, lines in told.items()}
    return case


def _line(start: datetime, end: datetime, amount: int) -> str:
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%M} {end.astimezone(UTC):%Y-%m-%dT%H:%M} {amount}"


def kept(row: str) -> Case:
    """A case as it is kept."""
    path = KEPT / f"{row}.json"
    if os.environ.get("PLANGATE_WRITE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(written(row), indent=1) + "\n", encoding="utf-8")
    case: Case = json.loads(path.read_text(encoding="utf-8"))
    return case


def billed(row: str, case: Case, unit: ProrationUnit, *, cut_late: bool) -> list[str]:
    """The lines that the engine makes of a case, from its beginning to its end."""
    zone = ZoneInfo(case["zone"])
    anchor, at, until = (
        local_instant(datetime.fromisoformat(case[each]), zone) for each in ("anchor", "from", "until")
    )
    interval = INTERVALS[row.split("/", maxsplit=1)[0]][0]
    book = Book(anchor=anchor, interval=interval, unit=unit, zone=zone)
    plan = slot("plan", 0, Terms("USD", interval, PriceModel.FLAT, unit_amount=case["price"] * NANO // 100))
    told: list[str] = []
    while at < until:
        natural = book.natural(at)
        end = natural.end if cut_late else min(natural.end, until)
        found = book.reckon(at, Due(plan, 1, Period(at, end), natural))
        told += [_line(each.period.start, each.period.end, each.net) for each in found.charges]
        at = end
    told += [_line(each.period.start, each.period.end, -each.amount) for each in book.reckon(until).credits]
    return told


@pytest.mark.parametrize("row", ROWS)
def test_the_lines_are_those_of_the_table(row: str) -> None:
    case = kept(row)

    for unit in ProrationUnit:
        ways = case[unit.value]
        assert {way: billed(row, case, unit, cut_late=way == "late") for way in ways} == ways


@pytest.mark.parametrize("row", ROWS)
def test_the_table_says_what_the_oracle_works_out(row: str) -> None:
    assert kept(row) == written(row)


def test_no_file_is_without_its_row() -> None:
    assert {path.relative_to(KEPT).with_suffix("").as_posix() for path in KEPT.rglob("*.json")} == set(ROWS)
