"""Which way a change goes, and when it takes effect. (S6)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.calendar import Interval, IntervalUnit
from billing.changes import (
    Direction,
    Position,
    applies_at,
    demand_downgrade,
    demand_no_cancellation,
    direction,
    replaced_by_plan_change,
)
from billing.lifecycle import ChangeKind, ChangeTiming
from billing.refusals import CancellationPending, CurrencyMismatch, NotADowngrade, NothingChanges
from billing.subscriptions import Scheduled
from tests.billing.facts import MONTH, WEEK, YEAR, cancelling, day, facts, target, trying

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts

UP, DOWN, SIDEWAYS = Direction.UP, Direction.DOWN, Direction.SIDEWAYS


def at(plan: str, rank: int, interval: Interval = MONTH, price: int = 0, currency: str = "USD") -> Position:
    """A plan as the rules see it."""
    return Position(plan, f"{plan}-1", rank, interval, currency, price)


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        (at("a", 1), at("b", 2), UP),
        (at("a", 2), at("b", 1), DOWN),
        (at("a", 1, price=900), at("b", 2, price=100), UP),
        (at("a", 1, price=100), at("b", 1, price=200), UP),
        (at("a", 1, price=200), at("b", 1, price=100), DOWN),
        (at("a", 1, price=100), at("b", 1, price=100), SIDEWAYS),
        (at("a", 1, MONTH, 1000), at("b", 1, YEAR, 12_000), SIDEWAYS),
        (at("a", 1, MONTH, 1000), at("b", 1, YEAR, 11_999), DOWN),
        (at("a", 1, MONTH, 1000), at("b", 1, YEAR, 12_001), UP),
        (at("a", 1, WEEK, 230), at("b", 1, MONTH, 1000), DOWN),
        (at("a", 1, WEEK, 229), at("b", 1, MONTH, 1000), UP),
        (at("a", 1, MONTH), at("a", 1, YEAR), UP),
        (at("a", 1, YEAR), at("a", 1, MONTH), DOWN),
        (at("a", 1, MONTH), at("a", 1, Interval(IntervalUnit.MONTH, 3)), UP),
        (at("a", 1, Interval(IntervalUnit.MONTH, 12)), at("a", 1, YEAR), SIDEWAYS),
        (at("a", 1, MONTH, 5), at("a", 1, MONTH, 9), UP),
        (at("a", 1, MONTH, 9), at("a", 1, MONTH, 5), DOWN),
        (at("a", 1, price=5), at("b", 0, currency=""), DOWN),
        (at("a", 0, currency=""), at("b", 1, currency="EUR"), UP),
    ],
)
def test_rank_goes_first_then_the_price_of_a_day_and_within_a_plan_the_interval(
    old: Position, new: Position, way: Direction
) -> None:
    assert direction(old, new) is way


def test_nothing_is_converted() -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        direction(at("a", 1), at("b", 2, currency="EUR"))

    assert refused.value.currency == "USD"


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (at("a", 1), at("a", 1), NothingChanges),
        (at("a", 1), at("b", 2), NotADowngrade),
        (at("a", 1, price=5), at("b", 1, price=5), NotADowngrade),
        (at("a", 1), at("a", 1, YEAR), NotADowngrade),
    ],
)
def test_a_downgrade_goes_down(old: Position, new: Position, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        demand_downgrade(old, new)


def test_lower_plans_and_shorter_intervals_are_downgrades() -> None:
    demand_downgrade(at("a", 2), at("b", 1))
    demand_downgrade(at("a", 2, YEAR), at("a", 2, MONTH))


def test_a_pending_cancellation_stands_in_the_way_and_says_until_when() -> None:
    demand_no_cancellation(facts())
    with pytest.raises(CancellationPending) as refused:
        demand_no_cancellation(cancelling(day(2)))

    assert refused.value.effective_at == day(2)


@pytest.mark.parametrize(
    ("held", "timing", "when"),
    [
        (facts(), ChangeTiming.IMMEDIATE, day(1, 9)),
        (facts(), ChangeTiming.END_OF_PERIOD, day(2)),
        (trying(), ChangeTiming.IMMEDIATE, day(1, 9)),
        (trying(), ChangeTiming.END_OF_PERIOD, day(1, 15)),
        (cancelling(day(1, 20)), ChangeTiming.END_OF_PERIOD, day(2)),
    ],
)
def test_a_change_applies_now_or_at_the_natural_end(held: Facts, timing: ChangeTiming, when: datetime) -> None:
    assert applies_at(held, timing, day(1, 9)) == when


def test_a_plan_change_replaces_plan_and_quantities_and_never_the_end() -> None:
    pending = (
        Scheduled("end", ChangeKind.CANCEL, day(3)),
        Scheduled("plan", ChangeKind.PLAN_CHANGE, day(2), target=target()),
        Scheduled("seats", ChangeKind.QUANTITY, day(2), quantity=1),
        Scheduled("pack", ChangeKind.QUANTITY, day(2), item="pack", quantity=0),
    )

    assert replaced_by_plan_change(facts(scheduled=pending)) == pending[1:]
