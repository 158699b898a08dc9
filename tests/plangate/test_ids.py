"""Ids sort by time, never repeat, and come out of a seed alike."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.ids import kind_of
from plangate.clock import FixedClock, SystemClock
from plangate.ids import ALPHABET, LENGTH, TimeOrderedIds, encode

START = datetime(2026, 3, 1, tzinfo=UTC)


def seeded(clock: FixedClock, seed: int = 7) -> TimeOrderedIds:
    return TimeOrderedIds(clock, random.Random(seed).getrandbits)


def test_an_id_has_a_prefix_and_26_characters_that_its_kind_is_read_from() -> None:
    made = TimeOrderedIds(SystemClock()).new("sub")

    prefix, _, rest = made.partition("_")
    assert (prefix, len(rest), set(rest) <= set(ALPHABET)) == ("sub", LENGTH, True)
    assert kind_of(made) == "Subscription"


def test_a_seed_and_a_clock_make_the_same_ids_again() -> None:
    first, second = seeded(FixedClock(START)), seeded(FixedClock(START))

    assert [first.new("cus") for _ in range(3)] == [second.new("cus") for _ in range(3)]
    assert seeded(FixedClock(START)).new("cus") == "cus_01kjkb3q004tff59tdwh9edd1r"


def test_ids_increase_strictly_also_within_a_millisecond_and_when_the_clock_goes_back() -> None:
    clock = FixedClock(START)
    ids = seeded(clock)
    made: list[str] = []
    for step in (0, 0, 0, 5, -3_600_000, 0, 10, 3_600_000):
        clock.move(timedelta(milliseconds=step))
        made += [ids.new("evt") for _ in range(50)]

    assert made == sorted(set(made))


def test_a_thousand_ids_of_one_process_are_a_thousand_and_sorted() -> None:
    ids = TimeOrderedIds(SystemClock())

    made = [ids.new("evt") for _ in range(1_000)]

    assert made == sorted(set(made))


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_what_is_written_sorts_as_the_number_does(one: int, other: int) -> None:
    assert (encode(one) < encode(other)) == (one < other)
    assert len(encode(one)) == LENGTH
