"""When a cancellation takes effect. (K8, K14)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from billing.cancellation import FURTHEST, action_of, effective_at, timing_for_customer
from billing.lifecycle import Action, CancelTiming, Status
from billing.policies import CancellationMode, SelfServicePolicy
from billing.refusals import DateOutOfRange, InvalidInput
from tests.billing.facts import cancelling, day, facts, trying

if TYPE_CHECKING:
    from billing.subscriptions import Facts

AT = day(1, 10)
NOW, END, DATE = CancelTiming.IMMEDIATE, CancelTiming.END_OF_PERIOD, CancelTiming.ON_DATE
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("held", "timing", "date", "when"),
    [
        (facts(), NOW, None, AT),
        (facts(), END, None, day(2)),
        (facts(), DATE, day(3, 15), day(3, 15)),
        (facts(), DATE, AT + TICK, AT + TICK),
        (facts(), DATE, AT + FURTHEST, AT + FURTHEST),
        (trying(), NOW, None, AT),
        (trying(), END, None, day(1, 15)),
        (cancelling(day(1, 20)), END, None, day(2)),
    ],
)
def test_the_end_is_now_the_natural_end_or_the_date(
    held: Facts, timing: CancelTiming, date: datetime | None, when: datetime
) -> None:
    assert effective_at(held, timing, date, AT) == when


@pytest.mark.parametrize("date", [AT - TICK, AT, AT + FURTHEST + TICK])
def test_a_date_is_ahead_and_within_ten_years(date: datetime) -> None:
    with pytest.raises(DateOutOfRange) as refused:
        effective_at(facts(), DATE, date, AT)

    assert (refused.value.field, refused.value.earliest, refused.value.latest) == ("date", AT, AT + FURTHEST)


@pytest.mark.parametrize(("timing", "date"), [(DATE, None), (NOW, day(2)), (END, day(2))])
def test_a_date_goes_with_on_date_and_with_nothing_else(timing: CancelTiming, date: datetime | None) -> None:
    with pytest.raises(InvalidInput):
        effective_at(facts(), timing, date, AT)


@pytest.mark.parametrize(
    ("mode", "timing", "action"),
    [
        (CancellationMode.IMMEDIATE, NOW, Action.CANCEL_NOW),
        (CancellationMode.END_OF_PERIOD, END, Action.CANCEL_AT_PERIOD_END),
    ],
)
def test_the_policy_says_how_a_customers_cancellation_ends(
    mode: CancellationMode, timing: CancelTiming, action: Action
) -> None:
    assert timing_for_customer(SelfServicePolicy(mode=mode), Status.ACTIVE) is timing
    assert timing_for_customer(SelfServicePolicy(mode=mode), Status.NOT_STARTED) is CancelTiming.IMMEDIATE
    assert action_of(timing) is action
