"""Any life of two counted features, one of a resource: stored answers are as plain books say, on both databases.

`PLANGATE_TEST_LIVES` sets how many lives are lived on each database; `make machine` lives many, each time other ones.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.session import Database
from tests.scenarios import documents
from tests.scenarios.books import BEGINNING, LIMIT, TICK, Books, Given, Instead, window
from tests.scenarios.metered import CALLS, SITE, SITES, subscribed
from tests.scenarios.story import Story
from tests.scenarios.templates import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.scenarios.books import Hold
    from tests.scenarios.story import Told
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


class Line:
    """One counted feature: its books, and what its reservations and grants are called in the store."""

    def __init__(self, feature: str, books: Books, subscription: str) -> None:
        """Open the books."""
        self.asked: dict[str, Any] = {**CALLS, "feature": feature}
        self.books, self.subscription = books, subscription
        self.grants: list[tuple[Given, str]] = []
        self.holds: list[str] = []

    def named(self, named: bool) -> dict[str, Any]:
        """Ask about it with its resource named, where it has one, or without."""
        resource = {"resource": SITE} if named and self.asked["feature"] == "jobs" else {}
        return {**self.asked, **resource}


class Life(RuleBasedStateMachine):
    """One customer; each act is done in the store and in the books, and both say the same of it."""

    def __init__(self, fresh: Callable[[], World], gone: Callable[[str], None]) -> None:
        super().__init__()
        self.fresh, self.gone = fresh, gone
        self.loop = asyncio.new_event_loop()
        self.lines: dict[str, Line] = {}
        self.now = BEGINNING

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        """Wait for it."""
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        """Ask about every instant at which something changed, and the one before, then close."""
        if hasattr(self, "story"):
            try:
                for line in self.lines.values():
                    for at in self.instants(line):
                        self.agree(line, at)
                self.the_same_was_told()
            finally:
                self.run(self.story.world.database.close())
                self.gone(self.story.world.database.url)
        self.loop.close()

    @initialize(hard=st.sampled_from([True, True, False]))
    def begin(self, hard: bool) -> None:
        """Subscribe to one feature for the customer, and to another for one resource."""
        self.story = self.run(Story.begin(self.fresh()))
        calls = self.run(subscribed(self.story, "small" if hard else "soft"))
        self.lines["calls"] = Line("calls", Books(hard=hard), calls)
        self.run(self.story.catalog(SITES))
        of_one = {"currency": "USD", "interval": {"unit": "MONTH"}, "resourceId": SITE}
        jobs = self.run(self.story.subscribe_also("acme", "site", **of_one))
        self.lines["jobs"] = Line("jobs", Books(hard=True, size=4, most=3, least=3), jobs)

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
        ours, until = self.lines[line], self.now + timedelta(hours=length)
        asked = {**ours.asked, "amount": str(amount), "priority": priority, "expiresAt": until}
        assert self.act(documents.GRANT, **asked)["__typename"] == "GrantCreated"
        given = Given(f"g{len(ours.grants):03}", amount, priority, self.now, until)
        ours.books.grants.append(given)
        ours.grants.append((given, self.story.given["grant"]))

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

    def agree(self, line: Line, at: datetime) -> None:
        """Ask both."""
        named = {"resource": SITE} if line.asked["feature"] == "jobs" and at.hour % 2 else {}
        told = self.run(self.story.entitlement("acme", line.asked["feature"], at=at, **named))
        expected = line.books.answer(at)
        assert {name: told[name] for name in expected} == expected, (line.asked["feature"], at)

    def the_same_was_told(self) -> None:
        """Every threshold that was reached, once a window, and nothing else."""
        events = [each for each in self.run(self.story.news("acme")) if each[1] == "entitlement.threshold_reached"]
        told = Counter(
            (each[3]["resource"][1] if "resource" in each[3] else "", each[3]["threshold"][1]) for each in events
        )
        reached = [
            (SITE if name == "jobs" else "", each[2])
            for name, line in self.lines.items()
            for each in line.books.reached
        ]
        assert told == Counter(reached)

    def instants(self, line: Line) -> list[datetime]:
        """When anything changed, and the instants before."""
        books = line.books
        named = {row.at for row in books.rows} | {since for since, _ in books.seats}
        named |= {at for each in books.grants for at in (each.until, each.revoked)}
        named |= {at for each in books.overrides for at in (each.since, each.until)}
        named |= {at for each in books.holds for at in (each.until, each.ended)}
        named |= {window(at)[0] for at in named}
        tried = sorted(named | {at - TICK for at in named})
        return [at for at in tried if BEGINNING <= at < self.now + timedelta(days=90)]

    # -- in short ----------------------------------------------------------------------------------------------

    def act(self, document: str, **asked: Any) -> Told:
        """Do it in the store."""
        return self.run(self.story.act(document, **asked))

    def take(self, line: Line, amount: int, *, named: bool = False) -> None:
        """Consume."""
        asked = {**line.named(named), "amount": str(amount), "idempotencyKey": self.key()}
        told, reason = self.act(documents.CONSUME, **asked), line.books.denied(amount)
        if reason is None:
            line.books.use(amount)
        expected = "EntitlementGranted" if reason is None else "EntitlementDenied"
        assert (told["__typename"], told.get("reason")) == (expected, reason)

    def report(self, line: Line, value: int, *, named: bool = False, **more: Any) -> Told:
        """Report."""
        return self.act(documents.REPORT, **line.named(named), value=str(value), idempotencyKey=self.key(), **more)

    def void(self, line: Line, amount: int, at: datetime) -> None:
        """Correct."""
        told = self.report(line, -amount, occurredAt=at, reason="void")
        done = line.books.take_back(amount, at)
        assert told.get("code") == (None if done else "AMOUNT_OUT_OF_RANGE"), told

    def key(self) -> str:
        """A key that was not used."""
        return self.story.world.fresh_key()

    def one_held(self, place: int) -> tuple[Line, Hold, str]:
        """One of the reservations, the last ones as often as all others."""
        made = [
            (line, *each) for line in self.lines.values() for each in zip(line.books.holds, line.holds, strict=True)
        ]
        made.sort(key=lambda each: each[1].since)
        return made[-1 - place % min(len(made), 3) if place % 2 else place % len(made)]

    def back(self, place: int) -> datetime:
        """Some hours ago, or around one of the last resets, but not before the beginning."""
        start = window(self.now)[0]
        ago = (start - TICK, start, start + TICK, window(start - TICK)[0], self.now - timedelta(hours=place))
        return min(self.now, max(BEGINNING, ago[place % len(ago)]))

    def cleared(self, line: Line) -> None:
        """The one that stands gives way."""
        standing = line.books.override(self.now)
        if standing is not None:
            standing.until = self.now

    def move(self, to: datetime, *, worker: bool) -> None:
        """Move the clock."""
        if to > self.now:
            self.run(self.story.advance(to) if worker else self.story.jump(to))
            self.now = to
            for line in self.lines.values():
                line.books.now = to


def ended(hold: Hold) -> str:
    """What a reservation that holds nothing is answered."""
    return "ReservationEnded" if hold.ended < hold.until else "ReservationExpired"


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
