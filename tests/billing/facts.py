"""Facts to reason about: one subscription, monthly from the first of 2024, and strategies for others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.invoicing.values import BillingMode
from billing.lifecycle import ChangeKind, Status
from billing.periods import cut
from billing.subscriptions import Facts, Item, Scheduled, Target
from billing.trials import TrialEnding

UTC_ZONE = ZoneInfo("UTC")
MONTH, YEAR, WEEK = Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR), Interval(IntervalUnit.WEEK)
TEAM = Item("team", "team-1", "price", 3)
PACK = Item("pack", "pack-1", "pack-price", 2, add_on=True)


def day(month: int, number: int = 1, year: int = 2024) -> datetime:
    """Midnight of a day, by default of 2024."""
    return datetime(year, month, number, tzinfo=UTC)


START = day(1)


def facts(**other: Any) -> Facts:
    """A running subscription, with what is different about it."""
    usual = Facts(
        id="sub",
        status=Status.ACTIVE,
        starts_at=START,
        trial_end=None,
        anchor=START,
        interval=MONTH,
        zone=UTC_ZONE,
        period=Period(START, day(2)),
        natural_end=day(2),
        plan_id="team",
        plan_version_id="team-1",
        items=(TEAM,),
        currency="USD",
    )
    return replace(usual, **other)


def trying(**other: Any) -> Facts:
    """A subscription in a trial until 15 January."""
    end = day(1, 15)
    return facts(
        status=Status.TRIALING,
        trial_end=end,
        anchor=end,
        period=Period(START, end),
        natural_end=end,
        **other,
    )


def cancelling(at: datetime, **other: Any) -> Facts:
    """A subscription with a pending cancellation."""
    return cut(facts(scheduled=(Scheduled("cancel", ChangeKind.CANCEL, at),), **other))


def target(plan: str = "free", interval: Interval = MONTH, *, quantity: int = 3) -> Target:
    """What a plan change leads to."""
    return Target(plan, f"{plan}-1", (Item(plan, f"{plan}-1", "", quantity),), interval, "")


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"]
INTERVALS = [MONTH, YEAR, WEEK, Interval(IntervalUnit.MONTH, 3), Interval(IntervalUnit.DAY, 10)]
TARGETS = [target(), target("big", YEAR), target("small", WEEK)]
INSTANTS = st.datetimes(datetime(2023, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))
HOURS = st.none() | st.integers(1, 4000)


@st.composite
def histories(draw: st.DrawFn) -> Facts:
    """Subscriptions of every live sort, with whatever may be pending."""
    zone, interval = ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(INTERVALS))
    began, trial = draw(INSTANTS), draw(st.sampled_from([0, 0, 1, 14, 30]))
    trial_end = began + timedelta(days=trial) if trial else None
    chosen = trial_end is None and draw(st.booleans())
    anchor = trial_end or began + timedelta(hours=draw(st.integers(0, 200)) if chosen else 0)
    natural = period_at(anchor, interval, began, zone)
    period = Period(began, trial_end or natural.end)
    ahead = draw(st.booleans())
    ending = draw(st.sampled_from(TrialEnding)) if trial else TrialEnding.CREATE_INVOICE
    return cut(
        facts(
            status=Status.NOT_STARTED if ahead else Status.TRIALING if trial_end else Status.ACTIVE,
            starts_at=began,
            trial_end=trial_end,
            anchor=anchor,
            interval=interval,
            zone=zone,
            period=period,
            natural_end=period.end,
            items=(TEAM, PACK),
            scheduled=draw(pending(began, period.end)),
            billing_mode=draw(st.sampled_from(BillingMode)),
            anchor_chosen=chosen,
            trial_ending=ending,
            method_missing=ending is not TrialEnding.CREATE_INVOICE and draw(st.booleans()),
            trial_leads_to=target() if ending is TrialEnding.CANCEL and draw(st.booleans()) else None,
        )
    )


@st.composite
def pending(draw: st.DrawFn, began: datetime, end: datetime) -> tuple[Scheduled, ...]:
    """Whatever may wait, at the period's end or at any time."""

    def when() -> datetime | None:
        hours = draw(HOURS)
        at_end = draw(st.booleans())
        return None if hours is None else end if at_end else began + timedelta(hours=hours)

    canceled, moved, lowered, left = when(), when(), when(), when()
    waiting = (
        Scheduled("cancel", ChangeKind.CANCEL, canceled) if canceled else None,
        Scheduled("plan", ChangeKind.PLAN_CHANGE, moved, target=draw(st.sampled_from(TARGETS))) if moved else None,
        Scheduled("seats", ChangeKind.QUANTITY, lowered, quantity=9) if lowered else None,
        Scheduled("pack", ChangeKind.QUANTITY, left, item="pack", quantity=0) if left else None,
    )
    return tuple(each for each in waiting if each is not None)
