"""Any life of two counted features, one of a resource: stored answers are as plain books say, on both databases.

`PLANGATE_TEST_LIVES` sets how many lives are lived on each database; `make machine` lives many, each time other ones.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.session import Database
from tests.scenarios import documents
from tests.scenarios.books import BEGINNING, LIMIT, TICK, Instead, window
from tests.scenarios.living import Living, ended
from tests.scenarios.templates import copied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.templates import PostgresWorlds, SqliteWorlds
    from tests.world import World

    T = TypeVar("T")

LIVES = int(os.environ.get("PLANGATE_TEST_LIVES", "6"))
FIXED = "PLANGATE_TEST_LIVES" not in os.environ
amounts = st.integers(1, 14)
hours = st.sampled_from([1, 5, 24, 100, 300, 500])
lasting = st.sampled_from([1, 5, 30, 100, 400, 700])
about = st.sampled_from(["calls", "calls", "jobs"])
beside = st.sampled_from([-TICK, timedelta(), timedelta(), TICK])
places = st.integers(0, 999)


class Life(Living):
    """One customer; each act is done in the store and in the books, and both say the same of it."""

    @initialize(hard=st.sampled_from([True, True, False]))
    def begin(self, hard: bool) -> None:
        """Subscribe."""
        self.begin_with(hard=hard)

    # -- acts --------------------------------------------------------------------------------------------------

    @rule(line=about, amount=amounts, named=st.booleans())
    def consume(self, line: str, amount: int, named: bool) -> None:
        """Take what is there, or nothing."""
        self.take(self.lines[line], amount, named=named)

    @rule(line=about, place=places)
    def spend(self, line: str, place: int) -> None:
        """Take all but a little, so that limits and what rolls over are met exactly."""
        books = self.lines[line].books
        rests = (0, books.least - 1, books.least, books.most, books.most + 1)
        left = int(books.answer(self.now)["remaining"]) - rests[place % len(rests)]
        if left > 0:
            self.take(self.lines[line], left)

    @rule(line=about, place=places, moved=beside)
    def spend_and_wait(self, line: str, place: int, moved: timedelta) -> None:
        """Let the window end with a little left."""
        self.spend(line, place)
        self.wait_for_the_reset(moved=moved, worker=False)

    @rule(line=about, amount=amounts, place=places, named=st.booleans())
    def tell_late(self, line: str, amount: int, place: int, named: bool) -> None:
        """Report what was used, dated back: some hours, or around a reset."""
        ours, at = self.lines[line], self.back(place)
        told = self.report(ours, amount, named=named, occurredAt=at)
        ours.books.use(amount, at)
        assert told["__typename"] == "UsageReported"

    @rule(line=about, amount=st.integers(1, 6), place=places, moved=beside)
    def correct(self, line: str, amount: int, place: int, moved: timedelta) -> None:
        """Take back what was counted too much, dated as some row is or around a reset; never more than there was."""
        ours = self.lines[line]
        dated = [min(self.now, max(BEGINNING, row.at + moved)) for row in ours.books.rows]
        at = (dated or [self.now])[place % max(1, len(dated))] if place % 4 else self.back(place)
        self.void(ours, amount, at)

    @rule(line=about, place=places)
    def void_all(self, line: str, place: int) -> None:
        """Take back all that a window had come to as of some row, whatever was taken back since."""
        ours = self.lines[line]
        if rows := ours.books.rows:
            at = rows[place % len(rows)].at
            stood = sum(row.amount for row in rows if window(at)[0] <= row.at <= at)
            self.void(ours, max(1, stood), at)

    @rule(line=about, amount=amounts, back=st.integers(1, 9), ago=st.sampled_from([1, 3, 30]))
    def void_what_was_voided_later(self, line: str, amount: int, back: int, ago: int) -> None:
        """Take some back now, then all that had stood some hours ago: what is left since is what can be taken."""
        ours, at = self.lines[line], max(window(self.now)[0], self.now - timedelta(hours=ago))
        if at == self.now:
            return
        told = self.report(ours, amount, occurredAt=at)
        ours.books.use(amount, at)
        assert told["__typename"] == "UsageReported"
        self.void(ours, min(amount, back), self.now)
        self.void(ours, sum(row.amount for row in ours.books.rows if window(at)[0] <= row.at <= at), at)

    @rule(line=about, first=st.integers(1, 3), second=st.integers(1, 3), back=st.integers(1, 5), turned=st.booleans())
    def burn_two_grants_and_give_some_back(self, line: str, first: int, second: int, back: int, turned: bool) -> None:
        """Use up two grants, one after the other; the limit's use is taken back first, then the last one burned."""
        ours, until = self.lines[line], self.now + timedelta(hours=700)
        for amount, priority in ((first, 4), (second, 3 if turned else 5)):
            self.give(ours, amount, priority, until)
            self.take(ours, amount)
        self.void(ours, max(0, ours.books.bore(LIMIT, *window(self.now), self.now)) + back, self.now)
        self.grants_agree(ours)

    @rule(line=about, total=st.integers(0, 20))
    def recount(self, line: str, total: int) -> None:
        """Set the window's total."""
        ours = self.lines[line]
        more = total - ours.books.total(self.now)
        told = self.report(ours, total, kind="SET", reason="recounted")
        assert told["__typename"] == "UsageReported"
        if more > 0:
            ours.books.use(more)
        elif more < 0:
            assert ours.books.take_back(-more, self.now)

    @rule(line=about, amount=st.integers(1, 9), length=lasting, named=st.booleans())
    def reserve(self, line: str, amount: int, length: int, named: bool) -> None:
        """Hold what is there, or nothing."""
        ours, until = self.lines[line], self.now + timedelta(hours=length)
        asked = {**ours.named(named), "amount": str(amount), "expiresAt": until, "idempotencyKey": self.key()}
        told, reason = self.act(documents.RESERVE, **asked), ours.books.denied(amount)
        assert told.get("reason") == reason
        if reason is None:
            ours.books.hold(amount, until)
            ours.holds.append(self.story.given["reservation"])

    @precondition(lambda self: any(each.holds for each in self.lines.values()))
    @rule(place=places, amount=st.integers(1, 12))
    def settle(self, place: int, amount: int) -> None:
        """Settle one, also one that is over."""
        ours, hold, name = self.one_held(place)
        told = self.act(documents.SETTLE, id=name, amount=str(amount), idempotencyKey=self.key())
        if not hold.holds(self.now):
            assert told["__typename"] == ended(hold)
            return
        reason = ours.books.settle(hold, amount)
        assert (told["__typename"] == "ReservationSettled", told.get("reason")) == (reason is None, reason)

    @precondition(lambda self: any(each.holds for each in self.lines.values()))
    @rule(place=places)
    def release(self, place: int) -> None:
        """Let one go, also one that is over."""
        _, hold, name = self.one_held(place)
        told = self.act(documents.RELEASE, id=name)
        assert told["__typename"] == ("ReservationReleased" if hold.holds(self.now) else ended(hold))
        if hold.holds(self.now):
            hold.ended = self.now

    @rule(line=about, amount=amounts, priority=st.sampled_from([5, 20, 50, 100]), length=lasting)
    def grant(self, line: str, amount: int, priority: int, length: int) -> None:
        """Grant something on top."""
        self.give(self.lines[line], amount, priority, self.now + timedelta(hours=length))

    @precondition(lambda self: any(each.grants for each in self.lines.values()))
    @rule(place=places)
    def revoke(self, place: int) -> None:
        """Take a grant back; one that is over stays as it is."""
        given = [each for line in self.lines.values() for each in line.grants]
        taken, name = given[place % len(given)]
        assert self.act(documents.REVOKE, id=name)["__typename"] == "GrantRevoked"
        if self.now < taken.until:
            taken.revoked = min(taken.revoked, self.now)

    @rule(line=about, limit=st.integers(0, 25), length=lasting)
    def override(self, line: str, limit: int, length: int) -> None:
        """Put something in place of everything."""
        ours, until = self.lines[line], self.now + timedelta(hours=length)
        self.cleared(ours)
        told = self.act(documents.OVERRIDE, **ours.asked, limit=str(limit), endsAt=until)
        assert told["__typename"] == "OverrideWasSet"
        ours.books.overrides.append(Instead(limit, self.now, until))

    @precondition(lambda self: any(each.books.override(self.now) for each in self.lines.values()))
    @rule()
    def clear(self) -> None:
        """Take that away again."""
        for line in self.lines.values():
            if line.books.override(self.now):
                assert self.act(documents.CLEAR, **line.asked)["__typename"] == "OverrideCleared"
                self.cleared(line)

    @rule(line=about, seats=st.integers(1, 3))
    def seat(self, line: str, seats: int) -> None:
        """Buy or give up seats at once."""
        ours = self.lines[line]
        asked = {"subscriptionId": ours.subscription, "quantity": seats, "timing": "IMMEDIATE"}
        told = self.act(documents.CHANGE, **asked)
        same = ours.books.seats[-1][1] == seats
        assert told["__typename"] == ("NothingChanges" if same else "SubscriptionChanged")
        if not same:
            ours.books.seats.append((self.now, seats))

    @rule(length=hours, worker=st.booleans())
    def wait(self, length: int, worker: bool) -> None:
        """Let time pass, with a worker or without."""
        self.move(self.now + timedelta(hours=length), worker=worker)

    @rule(moved=beside, worker=st.booleans())
    def wait_for_the_reset(self, moved: timedelta, worker: bool) -> None:
        """Let the window end, or nearly."""
        self.move(window(self.now)[1] + moved, worker=worker)

    @rule(place=places, moved=beside, worker=st.booleans())
    def wait_for_an_end(self, place: int, moved: timedelta, worker: bool) -> None:
        """Let a reservation, a grant or an override end, or nearly."""
        books = [line.books for line in self.lines.values()]
        ends = {each.until for book in books for each in book.holds}
        ends |= {each.until for book in books for each in book.grants}
        ends |= {each.until for book in books for each in book.overrides}
        coming = sorted(each for each in ends if each + moved > self.now)
        if coming:
            self.move(coming[place % len(coming)] + moved, worker=worker)

    # -- what holds --------------------------------------------------------------------------------------------

    @invariant()
    def both_say_the_same(self) -> None:
        """Now, and nothing that was used is below zero."""
        begins, ends = window(self.now)
        for line in self.lines.values():
            self.agree(line, self.now)
            assert line.books.bore(LIMIT, begins, ends) >= 0

    @rule(line=about, ahead=hours)
    def ask_ahead(self, line: str, ahead: int) -> None:
        """What will hold, as far as is known."""
        self.agree(self.lines[line], self.now + timedelta(hours=ahead))
        self.agree(self.lines[line], window(self.now)[1])


def live(lives: int, fresh: Callable[[], World], gone: Callable[[str], None]) -> None:
    """Live so many lives, each in a fresh world that is gone after it."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    calm = settings(
        max_examples=lives,
        stateful_step_count=30,
        deadline=None,
        derandomize=FIXED,
        database=None,
        suppress_health_check=slow,
    )
    run_state_machine_as_test(cast("type[Life]", lambda: Life(fresh, gone)), settings=calm)


def test_any_life_on_sqlite_is_as_the_books_say(sqlite_worlds: SqliteWorlds) -> None:
    live(LIVES, lambda: copied(Database(sqlite_worlds.fresh("machine")), sqlite_worlds.places), lambda _: None)


@pytest.mark.postgres
def test_any_life_on_postgresql_is_as_the_books_say(postgresql_worlds: PostgresWorlds) -> None:
    worlds = postgresql_worlds
    live(max(2, LIVES // 2), lambda: copied(Database(worlds.fresh()), worlds.places), worlds.drop)
