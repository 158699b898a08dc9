"""Periods tile time in every zone, and months, leap days and clock changes fall where people expect them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing.calendar import (
    EARLIEST,
    LATEST,
    Interval,
    IntervalUnit,
    Period,
    boundary,
    calendar_anchor,
    first_boundary_after,
    local_instant,
    midnight_after,
    period_at,
)
from billing.refusals import DateOutOfRange, InvalidInput

CALMLY = settings(deadline=None)
UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
ZONES = (UTC_ZONE, BERLIN, NEW_YORK, LORD_HOWE, APIA, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu"))
TICK = timedelta(microseconds=1)
DAY, WEEK, MONTH, YEAR, HOUR = (
    Interval(IntervalUnit.DAY),
    Interval(IntervalUnit.WEEK),
    Interval(IntervalUnit.MONTH),
    Interval(IntervalUnit.YEAR),
    Interval(IntervalUnit.HOUR),
)

zones = st.sampled_from(ZONES)
locals_ = st.datetimes(datetime(1995, 1, 1), datetime(2045, 1, 1))
instants = locals_.map(lambda at: at.replace(tzinfo=UTC))
intervals = st.builds(Interval, st.sampled_from(IntervalUnit), st.integers(1, 18))


def utc(text: str) -> datetime:
    """An instant written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(anchor: str, interval: Interval, zone: ZoneInfo, numbers: range) -> list[str]:
    """The local clock at these boundaries."""
    found = (boundary(utc(anchor), interval, number, zone).astimezone(zone) for number in numbers)
    return [f"{at:%Y-%m-%d %H:%M}" for at in found]


@CALMLY
@given(instants, intervals, instants, zones)
@example(utc("2011-12-01T10:00"), DAY, utc("2011-12-30T10:00"), APIA)
@example(utc("2024-01-31T10:00"), MONTH, utc("2024-02-29T10:00"), BERLIN)
def test_periods_tile_time_and_contain_the_instant_asked(
    anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo
) -> None:
    period = period_at(anchor, interval, at, zone)

    assert period.contains(at)
    assert period_at(anchor, interval, period.end, zone).start == period.end
    assert period_at(anchor, interval, period.start - TICK, zone).end == period.start
    assert first_boundary_after(anchor, interval, at, zone) == period.end


@CALMLY
@given(instants, intervals, st.integers(-60, 60), zones.filter(lambda zone: zone is not APIA))
def test_boundaries_strictly_increase(anchor: datetime, interval: Interval, number: int, zone: ZoneInfo) -> None:
    assert boundary(anchor, interval, number, zone) < boundary(anchor, interval, number + 1, zone)
    assert boundary(anchor, interval, 0, zone) == anchor


@CALMLY
@given(instants, intervals, st.integers(-60, 60), zones)
def test_every_boundary_begins_the_period_that_contains_it(
    anchor: datetime, interval: Interval, number: int, zone: ZoneInfo
) -> None:
    start = boundary(anchor, interval, number, zone)

    assert period_at(anchor, interval, start, zone).start == start


@CALMLY
@given(locals_, zones)
@example(datetime(2024, 3, 31, 2, 30), BERLIN)
@example(datetime(2024, 10, 27, 2, 30), BERLIN)
@example(datetime(2011, 12, 30, 12, 0), APIA)
def test_a_local_time_is_the_first_instant_at_which_the_clock_has_reached_it(local: datetime, zone: ZoneInfo) -> None:
    at = local_instant(local, zone)

    assert at.astimezone(zone).replace(tzinfo=None) >= local
    assert (at - TICK).astimezone(zone).replace(tzinfo=None) < local


def test_a_month_end_falls_on_the_last_day_of_short_months_and_returns_to_its_own() -> None:
    assert starts("2024-01-31T00:00", MONTH, UTC_ZONE, range(-2, 5)) == [
        "2023-11-30 00:00",
        "2023-12-31 00:00",
        "2024-01-31 00:00",
        "2024-02-29 00:00",
        "2024-03-31 00:00",
        "2024-04-30 00:00",
        "2024-05-31 00:00",
    ]


def test_a_leap_day_comes_back_in_leap_years() -> None:
    assert starts("2024-02-29T06:00", YEAR, UTC_ZONE, range(-1, 5)) == [
        "2023-02-28 06:00",
        "2024-02-29 06:00",
        "2025-02-28 06:00",
        "2026-02-28 06:00",
        "2027-02-28 06:00",
        "2028-02-29 06:00",
    ]


def test_a_quarter_is_three_months_from_its_own_anchor() -> None:
    quarter = Interval(IntervalUnit.MONTH, 3)

    assert starts("2024-11-30T00:00", quarter, UTC_ZONE, range(3)) == [
        "2024-11-30 00:00",
        "2025-02-28 00:00",
        "2025-05-30 00:00",
    ]


def test_a_daily_boundary_keeps_its_local_hour_through_clock_changes() -> None:
    assert starts("2024-03-29T23:00", DAY, BERLIN, range(4)) == [
        "2024-03-30 00:00",
        "2024-03-31 00:00",
        "2024-04-01 00:00",
        "2024-04-02 00:00",
    ]
    assert period_at(utc("2024-03-29T23:00"), DAY, utc("2024-03-31T12:00"), BERLIN).length == timedelta(hours=23)
    assert period_at(utc("2024-10-25T22:00"), DAY, utc("2024-10-27T12:00"), BERLIN).length == timedelta(hours=25)


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2024-03-31T02:30", BERLIN, "2024-03-31T01:00"),
        ("2024-10-27T02:30", BERLIN, "2024-10-27T00:30"),
        ("2024-03-10T02:00", NEW_YORK, "2024-03-10T07:00"),
        ("2024-11-03T01:15", NEW_YORK, "2024-11-03T05:15"),
        ("2024-10-06T02:10", LORD_HOWE, "2024-10-05T15:30"),
        ("2024-04-07T01:45", LORD_HOWE, "2024-04-06T14:45"),
        ("2011-12-30T10:00", APIA, "2011-12-30T10:00"),
    ],
)
def test_skipped_times_are_the_first_after_the_jump_and_doubled_ones_the_first_of_two(
    local: str, zone: ZoneInfo, instant: str
) -> None:
    assert local_instant(datetime.fromisoformat(local), zone) == utc(instant)


def test_a_boundary_in_a_skipped_hour_moves_and_the_next_one_is_back() -> None:
    assert starts("2024-03-30T01:30", DAY, BERLIN, range(3)) == [
        "2024-03-30 02:30",
        "2024-03-31 03:00",
        "2024-04-01 02:30",
    ]


def test_a_day_that_the_zone_skipped_has_no_period_of_its_own() -> None:
    anchor = local_instant(datetime(2011, 12, 28), APIA)

    assert starts(anchor.replace(tzinfo=None).isoformat(), DAY, APIA, range(5)) == [
        "2011-12-28 00:00",
        "2011-12-29 00:00",
        "2011-12-31 00:00",
        "2011-12-31 00:00",
        "2012-01-01 00:00",
    ]
    assert period_at(anchor, DAY, utc("2011-12-30T10:00"), APIA) == Period(
        utc("2011-12-30T10:00"), utc("2011-12-31T10:00")
    )


def test_hours_are_elapsed_time() -> None:
    anchor = utc("2024-10-26T22:15")

    assert [boundary(anchor, HOUR, n, BERLIN) - anchor for n in range(6)] == [timedelta(hours=n) for n in range(6)]


def test_calendar_weeks_begin_on_monday_and_months_on_the_first() -> None:
    anchor = calendar_anchor(NEW_YORK)
    at = utc("2024-03-10T15:00")

    assert period_at(anchor, WEEK, at, NEW_YORK) == Period(utc("2024-03-04T05:00"), utc("2024-03-11T04:00"))
    assert period_at(anchor, MONTH, at, NEW_YORK) == Period(utc("2024-03-01T05:00"), utc("2024-04-01T04:00"))
    assert period_at(anchor, YEAR, at, NEW_YORK) == Period(utc("2024-01-01T05:00"), utc("2025-01-01T05:00"))


def test_the_midnight_after_a_notice_ends_its_last_day() -> None:
    assert midnight_after(utc("2024-01-10T14:00"), UTC_ZONE, 30) == utc("2024-02-10T00:00")
    assert midnight_after(utc("2024-01-10T23:30"), BERLIN) == utc("2024-01-11T23:00")


def test_a_period_knows_its_exact_rest() -> None:
    period = Period(utc("2024-01-01T00:00"), utc("2024-01-31T00:00"))

    assert period.remaining(utc("2023-12-01T00:00")) == 1
    assert period.remaining(utc("2024-01-11T00:00")) == Fraction(2, 3)
    assert period.remaining(period.end) == 0
    assert Period(period.start, period.start).remaining(period.start) == 0


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", IntervalUnit)
def test_the_ends_of_the_calendar_are_refused_by_name(zone: ZoneInfo, unit: IntervalUnit) -> None:
    anchor, huge = utc("2024-01-31T00:00"), Interval(unit, 10**12)

    for number in (10**6, -(10**6), 10**30, -(10**30)):
        with pytest.raises(DateOutOfRange):
            boundary(anchor, Interval(unit, 10**3), number, zone)
    with pytest.raises(DateOutOfRange):
        period_at(anchor, huge, anchor, zone)
    for extreme in (EARLIEST, LATEST):
        with pytest.raises(DateOutOfRange):
            period_at(anchor, Interval(unit, 7), extreme, zone)
        with pytest.raises(DateOutOfRange):
            boundary(extreme, Interval(unit, 1), 1 if extreme is LATEST else -1, zone)


def test_the_last_midnight_is_refused_by_name() -> None:
    with pytest.raises(DateOutOfRange):
        midnight_after(LATEST, UTC_ZONE)
    with pytest.raises(DateOutOfRange):
        local_instant(datetime.max, NEW_YORK)  # noqa: DTZ901  (local by meaning)


def test_impossible_intervals_and_periods_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one unit"):
        Interval(IntervalUnit.DAY, 0)
    with pytest.raises(InvalidInput, match="ends after it starts"):
        Period(utc("2024-01-02T00:00"), utc("2024-01-01T00:00"))
