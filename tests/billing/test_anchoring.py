"""C19: what becomes of the anchor, and that taking a date back gives it back. (K15)

The tables of `docs/proration.md` about it are read and reckoned row by row.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.calendar import Period, period_at
from billing.invoicing.values import BillingMode
from billing.lifecycle import ChangeKind, Status
from billing.periods import cut
from billing.subscriptions import Facts, Scheduled, as_of, move
from tests.billing.facts import MONTH, UTC_ZONE, YEAR, day, facts, histories, target, trying

DOCUMENT = Path(__file__).parents[2] / "docs" / "proration.md"
TABLE = re.compile(
    r"^Begun on (?P<began>[\d-]+)(?P<chosen>, with the anchor (?P<anchor>[\d-]+))?, on (?P<on>[\d-]+)"
    r"(?:, (?P<mode>\w+))?:\n\n(?P<table>(?:\|.*\n)+)",
    re.MULTILINE,
)
ENDS = re.compile(r"to end on (?P<end>[\d-]+)")


def instant(text: str) -> datetime:
    """Midnight of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ending(held: Facts, at: datetime | None) -> Facts:
    """The same with another end, or none."""
    rest = tuple(each for each in held.scheduled if each.kind is not ChangeKind.CANCEL)
    return cut(replace(held, scheduled=rest if at is None else (*rest, Scheduled("c", ChangeKind.CANCEL, at))))


def begun(match: re.Match[str]) -> Facts:
    """What a table is about: monthly, as time alone makes it stand on a day."""
    began, anchor = instant(match["began"]), instant(match["anchor"] or match["began"])
    first = period_at(anchor, MONTH, began, UTC_ZONE)
    held = facts(
        starts_at=began,
        anchor=anchor,
        period=Period(began, first.end),
        natural_end=first.end,
        billing_mode=BillingMode(match["mode"] or "FLEXIBLE"),
        anchor_chosen=bool(match["chosen"]),
    )
    return as_of(held, instant(match["on"]))


def done(held: Facts, what: str, on: datetime) -> Facts:
    """Do what a row says."""
    if what == "yearly from now on":
        return move(held, target("big", YEAR), on)
    named = ENDS.fullmatch(what)
    assert named is not None or what in ("nothing yet", "kept after all"), what
    return ending(held, instant(named["end"]) if named else None)


TABLES = list(TABLE.finditer(DOCUMENT.read_text(encoding="utf-8")))


@pytest.mark.parametrize("match", TABLES, ids=lambda match: match.start())
def test_every_table_of_the_anchor_is_what_becomes_of_it(match: re.Match[str]) -> None:
    held = begun(match)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in match["table"].splitlines()[2:]]
    for what, anchor, ends in rows:
        held = done(held, what, instant(match["on"]))
        found = (held.billing_anchor.date().isoformat(), held.period.end.date().isoformat())
        assert (what, *found) == (what, anchor, ends)


def test_no_table_of_the_anchor_is_left_out() -> None:
    assert len(TABLES) == DOCUMENT.read_text(encoding="utf-8").count("\n| what is done |") == 4


@settings(deadline=None)
@given(histories(), st.lists(st.integers(0, 2400), min_size=1, max_size=4), st.integers(0, 20_000))
def test_a_date_that_is_set_moved_and_taken_back_leaves_nothing(held: Facts, hours: list[int], later: int) -> None:
    """Cancel and undo is the identity in both modes, and meanwhile the end is where it was said. (K14, K15)"""
    held = ending(as_of(held, held.starts_at + timedelta(hours=later)), None)
    if not held.live:
        return
    became = held
    for each in hours:
        date = held.period.start + timedelta(hours=each + 1)
        became = ending(became, date)
        assert became.cancel_at == date
        assert became.period.end == min(date, became.natural_end)
        assert cut(became) == became
        if held.billing_mode is BillingMode.FLEXIBLE:
            assert became.billing_anchor == held.anchor

    assert ending(became, None) == held


def test_a_renewal_into_the_period_of_the_date_lets_the_anchor_follow_it() -> None:
    """Set more than a period ahead nothing moves; the renewal into its period ends on it. (C17, C19)"""
    held = facts(interval=YEAR, anchor=day(1, year=2023), billing_mode=BillingMode.CLASSIC)
    held = ending(replace(held, starts_at=day(1, year=2023), period=Period(day(1, year=2023), day(1))), day(7))
    held = replace(held, natural_end=day(1))
    assert held.billing_anchor == day(1, year=2023)

    renewed = as_of(held, day(1))

    assert (renewed.billing_anchor, renewed.period) == (day(7), Period(day(1), day(7)))
    assert ending(renewed, None).billing_anchor == day(1, year=2023)


def test_a_trial_has_its_end_as_its_anchor_whatever_the_date() -> None:
    held = replace(trying(), billing_mode=BillingMode.CLASSIC)

    later = ending(ending(held, day(1, 5)), day(1, 9))

    assert (later.anchor, later.natural_end, later.period.end) == (day(1, 15), day(1, 15), day(1, 9))
    assert as_of(ending(later, None), day(1, 15)).anchor == day(1, 15)
    assert as_of(later, day(1, 9)).status is Status.CANCELED
