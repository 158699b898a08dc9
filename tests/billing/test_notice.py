"""Notice: whole local days from the click, and never before the next payment. (P8, P11)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing.calendar import Period
from billing.cancellation import demand_avoidable, effective_at
from billing.ending_refusals import ProrationUnavoidable
from billing.instalments import AccessAfterCompletion, Instalments
from billing.lifecycle import CancelTiming, Status
from billing.notice import Notice
from billing.refusals import InvalidInput
from tests.billing.facts import START, YEAR, cancelling, day, facts, trying

CLICK = datetime(2024, 1, 10, 14, tzinfo=UTC)
FURTHER = CLICK + timedelta(days=1)
AFTER = CancelTiming.AFTER_NOTICE


def read(instant: str) -> datetime:
    """Read an instant in UTC."""
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "notice", "zone", "over"),
    [
        ("2024-01-10T14:00", Notice(days=30), "UTC", "2024-02-10T00:00"),
        ("2024-01-10T00:00", Notice(days=30), "UTC", "2024-02-10T00:00"),
        ("2024-01-10T23:59", Notice(days=30), "UTC", "2024-02-10T00:00"),
        ("2024-01-10T14:00", Notice(days=30), "Europe/Berlin", "2024-02-09T23:00"),
        ("2024-01-10T23:30", Notice(days=30), "Europe/Berlin", "2024-02-10T23:00"),  # the 11th in Berlin
        ("2024-01-10T03:00", Notice(days=30), "America/New_York", "2024-02-09T05:00"),  # the 9th in New York
        ("2024-03-01T12:00", Notice(days=30), "Europe/Berlin", "2024-03-31T22:00"),  # the day of 23 hours is whole
        ("2024-10-01T12:00", Notice(days=26), "Europe/Berlin", "2024-10-27T23:00"),  # and that of 25
        ("2024-03-01T12:00", Notice(days=29), "Africa/Cairo", "2024-03-30T22:00"),
        ("2024-04-01T12:00", Notice(days=24), "Africa/Cairo", "2024-04-25T22:00"),  # midnight is skipped: 01:00 there
        ("2024-01-31T12:00", Notice(months=1), "UTC", "2024-03-01T00:00"),  # ends 29 February
        ("2023-01-31T12:00", Notice(months=1), "UTC", "2023-03-01T00:00"),
        ("2024-01-10T14:00", Notice(months=1), "UTC", "2024-02-11T00:00"),
        ("2024-11-30T23:30", Notice(months=3), "Europe/Berlin", "2025-03-01T23:00"),  # 1 December to 1 March
        ("2024-02-29T12:00", Notice(months=12), "UTC", "2025-03-01T00:00"),
        ("2024-01-10T14:00", Notice(days=365), "UTC", "2025-01-10T00:00"),
    ],
)
def test_it_is_over_at_the_midnight_that_ends_its_last_day(at: str, notice: Notice, zone: str, over: str) -> None:
    assert notice.over_at(read(at), ZoneInfo(zone)) == read(over)


def test_it_ends_with_the_next_payment_where_that_comes_later() -> None:
    month, ten = Notice(days=30), Notice(days=10)
    yearly = facts(interval=YEAR, period=Period(START, day(1, year=2025)), natural_end=day(1, year=2025))
    three = Instalments(3, AccessAfterCompletion.KEEP, day(2))

    assert effective_at(facts(), AFTER, None, CLICK, None, month) == day(2, 10)
    assert effective_at(facts(), AFTER, None, CLICK, None, ten) == day(2)
    assert effective_at(cancelling(day(1, 20)), AFTER, None, CLICK, None, ten) == day(2)
    assert effective_at(yearly, AFTER, None, CLICK, None, month) == day(1, year=2025)
    assert effective_at(facts(), AFTER, None, CLICK, None, ten, billed=False) == day(1, 21)
    assert effective_at(facts(status=Status.PAUSED), AFTER, None, CLICK, None, ten) == day(1, 21)
    assert effective_at(facts(instalments=three), AFTER, None, CLICK, None, ten) == day(1, 21)
    later = facts(status=Status.NOT_STARTED, starts_at=day(3))
    assert effective_at(later, AFTER, None, CLICK, None, ten) == day(3)


def test_a_trial_ends_it_whatever_the_notice() -> None:
    for notice in (Notice(days=1), Notice(months=12)):
        assert effective_at(trying(), AFTER, None, CLICK, None, notice) == day(1, 15)
    waits = trying(instalments=None)
    assert effective_at(waits, AFTER, None, CLICK, None, Notice(days=1), billed=False) == day(1, 15)


def test_a_piece_of_a_period_to_come_is_prorated_whatever_is_said() -> None:
    with pytest.raises(ProrationUnavoidable):
        demand_avoidable(facts(), effective_at(facts(), AFTER, None, CLICK, None, Notice(days=30)))
    demand_avoidable(facts(), effective_at(facts(), AFTER, None, CLICK, None, Notice(days=10)))


@pytest.mark.parametrize(
    ("days", "months", "field"),
    [
        (None, None, "notice"),
        (1, 1, "notice"),
        (0, None, "notice.days"),
        (366, None, "notice.days"),
        (None, 0, "notice.months"),
        (None, 13, "notice.months"),
    ],
)
def test_what_is_no_notice_is_refused(days: int | None, months: int | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Notice(days, months)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("timing", "notice"), [(AFTER, None), (CancelTiming.IMMEDIATE, Notice(days=1)), (CancelTiming.ON_DATE, Notice(1))]
)
def test_a_notice_goes_with_after_notice_and_with_nothing_else(timing: CancelTiming, notice: Notice | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        effective_at(facts(), timing, FURTHER if timing is CancelTiming.ON_DATE else None, CLICK, None, notice)

    assert refused.value.field == "notice"
