"""The table of what is possible in which status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing import lifecycle
from billing.lifecycle import CANCEL_ACTIONS, LIVE, MOVES, Action, CancelTiming, State, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

RUNNING = {Status.TRIALING, Status.ACTIVE, Status.PAST_DUE, Status.UNPAID}


@pytest.mark.parametrize(
    ("action", "statuses"),
    [
        (Action.CANCEL_NOW, LIVE),
        (Action.CANCEL_AT_PERIOD_END, RUNNING),
        (Action.CANCEL_ON_DATE, LIVE),
        (Action.UNDO_CANCELLATION, LIVE),
        (Action.UNDO_CHANGE, LIVE),
        (Action.CHANGE_PLAN, {Status.TRIALING, Status.ACTIVE}),
        (Action.DOWNGRADE, {Status.TRIALING, Status.ACTIVE}),
    ],
)
def test_each_action_is_possible_where_the_table_says(action: Action, statuses: set[Status]) -> None:
    assert {status for status in Status if (status, action) in MOVES} == set(statuses)


def test_only_cancelling_now_ends_at_once() -> None:
    ends = {key for key, status in MOVES.items() if status is not key[0]}

    assert ends == {(status, Action.CANCEL_NOW) for status in LIVE}
    assert {MOVES[key] for key in ends} == {Status.CANCELED}


def test_nothing_is_possible_after_the_end() -> None:
    assert not [key for key in MOVES if key[0] not in LIVE]


def test_the_states_are_the_statuses_and_one_more() -> None:
    assert {state.value for state in State} == {status.value for status in Status} | {"PENDING_CANCELLATION"}


def test_each_timing_has_an_action() -> None:
    assert set(CANCEL_ACTIONS) == set(CancelTiming)


@pytest.mark.parametrize("name", [name for name in vars(lifecycle) if name.endswith("_MEANINGS")])
def test_every_member_of_a_closed_set_has_one_meaning(name: str) -> None:
    meanings: Mapping[StrEnum, str] = getattr(lifecycle, name)

    assert set(meanings) == set(type(next(iter(meanings))))
    assert len(set(meanings.values())) == len(meanings)
