"""`docs/proration.md` says what is true: every table in it is reckoned, row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.calendar import Interval, IntervalUnit, Period, local_instant
from billing.invoicing.ruler import ProrationUnit
from billing.invoicing.values import BillingMode, Due, Rebate, Reckoned
from tests.billing.invoicing.book import Book, slot

DOCUMENT = Path(__file__).parents[3] / "docs" / "proration.md"
BILLED = re.compile(
    r"^Billed (?P<every>monthly|yearly) from (?P<anchor>[\d-]+)(?:, in (?P<zone>[\w/]+))?"
    r"(?:, by (?P<unit>\w+))?(?:, (?P<mode>CLASSIC))?:\n\n(?P<table>(?:\|.*\n)+)",
    re.MULTILINE,
)
HELD = re.compile(r"(?P<plan>\w+) (?P<price>[\d.]+)(?: \u00d7 (?P<quantity>\d+))?(?: to (?P<end>[\d-]+))?")
MINUS = "\u2212"
EVERY = {"monthly": Interval(IntervalUnit.MONTH), "yearly": Interval(IntervalUnit.YEAR)}
OFF = {
    "half off": Rebate("half", ppm=500_000),
    "third off": Rebate("third", ppm=333_333),
    "5.00 off": Rebate("five", amount=500),
}


@dataclass(frozen=True)
class Row:
    """A day, what is held from then on, how, and the lines that the document promises."""

    on: str
    held: str
    how: str
    lines: str


@dataclass(frozen=True)
class Example:
    """A table of the document with the sentence above it."""

    every: str
    anchor: str
    zone: ZoneInfo
    unit: ProrationUnit
    mode: BillingMode
    rows: tuple[Row, ...]


def examples() -> list[Example]:
    """Every table of the document."""
    found: list[Example] = []
    for match in BILLED.finditer(DOCUMENT.read_text(encoding="utf-8")):
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in match["table"].splitlines()]
        rows = tuple(Row(*row) for row in cells[2:])
        unit, mode = ProrationUnit(match["unit"] or "SECOND"), BillingMode(match["mode"] or "FLEXIBLE")
        found.append(Example(match["every"], match["anchor"], ZoneInfo(match["zone"] or "UTC"), unit, mode, rows))
    return found


def told(found: Reckoned) -> str:
    """Lines as the document writes them: what is given back, then what is charged."""
    amounts = [-each.amount for each in found.credits] + [each.net for each in found.charges]
    return ", ".join(f"{MINUS * (each < 0)}{abs(each) // 100}.{abs(each) % 100:02}" for each in amounts) or "none"


def owed(row: Row, at: datetime, book: Book) -> list[Due]:
    """What a row holds."""
    held = HELD.fullmatch(row.held)
    if held is None:
        assert row.held == "nothing"
        return []
    natural = book.natural(at)
    end = midnight(held["end"], book.zone) if held["end"] else natural.end
    plan = slot(held["plan"], int(held["price"].replace(".", "")))
    return [Due(plan, int(held["quantity"] or 1), Period(at, end), natural)]


def midnight(day: str, zone: ZoneInfo) -> datetime:
    """When a local day begins."""
    return local_instant(datetime.fromisoformat(day), zone)


@pytest.mark.parametrize("number", range(len(examples())))
def test_every_table_of_the_document_is_what_is_billed(number: int) -> None:
    example = examples()[number]
    anchor = midnight(example.anchor, example.zone)
    book = Book(anchor, EVERY[example.every], example.unit, example.zone, example.mode)
    for row in example.rows:
        if row.how == "credits invoiced":
            book.invoiced()
        book.rebate = OFF.get(row.how)
        assert row.how in {*OFF, "", "not prorated", "credits invoiced"}
        at = midnight(row.on, example.zone)
        found = book.reckon(at, *owed(row, at, book), prorate=row.how != "not prorated")

        assert (row.on, row.held, told(found)) == (row.on, row.held, row.lines)


def test_no_table_of_the_document_is_left_out() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert len(examples()) == text.count("\n| on |") == text.count("\nBilled ") > 0
    assert sum(len(example.rows) for example in examples()) == len(re.findall(r"^\| \d", text, re.MULTILINE))
