"""Any life of a counted feature: what is stored answers as plain books do, at every instant, on both databases.

`PLANGATE_TEST_LIVES` sets how many lives are lived on each database; `make machine` lives many.
"""

from __future__ import annotations

import asyncio
import os
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
from tests.scenarios.metered import CALLS, report, stands, subscribed, take
from tests.scenarios.story import Story
from tests.scenarios.templates import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.scenarios.story import Told
    from tests.scenarios.templates import PostgresWorlds, SqliteWorlds
    from tests.world import World

    T = TypeVar("T")

LIVES = int(os.environ.get("PLANGATE_TEST_LIVES", "6"))
amounts = st.integers(1, 14)
hours = st.integers(1, 500)
pasts = st.integers(0, 900)


class Life(RuleBasedStateMachine):
    """One customer; each act is done in the store and in the books, and both say the same of it."""

    def __init__(self, fresh: Callable[[], World], gone: Callable[[str], None]) -> None:
        super().__init__()
        self.fresh, self.gone = fresh, gone
        self.loop = asyncio.new_event_loop()
        self.books = Books(hard=True)
        self.grants: list[tuple[Given, str]] = []
        self.holds: list[str] = []

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        """Wait for it."""
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        """Ask about every instant at which something changed, and the one before, then close."""
        if hasattr(self, "story"):
            try:
                for at in self.instants():
                    self.agree(at)
            finally:
                self.run(self.story.world.database.close())
                self.gone(self.story.world.database.url)
        self.loop.close()

    @initialize(hard=st.sampled_from([True, True, False]))
    def begin(self, hard: bool) -> None:
        """Subscribe."""
        self.books = Books(hard=hard)
        self.story = self.run(Story.begin(self.fresh()))
        self.subscription = self.run(subscribed(self.story, "small" if hard else "soft"))

    # -- acts --------------------------------------------------------------------------------------------------

    @rule(amount=amounts)
    def consume(self, amount: int) -> None:
        """Take what is there, or nothing."""
        told, reason = self.run(take(self.story, amount)), self.books.denied(amount)
        if reason is None:
            self.books.use(amount)
        assert (told["__typename"], told.get("reason")) == (
            "EntitlementGranted" if reason is None else "EntitlementDenied",
            reason,
        )

    @rule(rest=st.integers(0, 2))
    def spend(self, rest: int) -> None:
        """Take all but a little, so that limits are met exactly."""
        left = int(self.books.answer(self.books.now)["remaining"])
        if left > rest:
            self.consume(left - rest)

    @rule(rest=st.integers(0, 2))
    def spend_and_wait(self, rest: int) -> None:
        """Let the window end with a little left."""
        self.spend(rest)
        self.wait_for_the_reset(worker=False)

    @rule(amount=amounts, past=pasts)
    def tell_late(self, amount: int, past: int) -> None:
        """Report what was used, dated back."""
        at = self.back(past)
        told = self.run(report(self.story, amount, occurredAt=at))
        self.books.use(amount, at)
        assert told["__typename"] == "UsageReported"

    @precondition(lambda self: self.books.rows)
    @rule(amount=amounts, data=st.data())
    def correct(self, amount: int, data: st.DataObject) -> None:
        """Take back what was counted too much, dated as some row is; never more than there was since."""
        at = self.books.rows[data.draw(st.integers(0, len(self.books.rows) - 1))].at
        told = self.run(report(self.story, -amount, occurredAt=at, reason="void"))
        done = self.books.take_back(amount, at)
        assert told.get("code") == (None if done else "AMOUNT_OUT_OF_RANGE"), told

    @rule(total=st.integers(0, 30))
    def recount(self, total: int) -> None:
        """Set the window's total."""
        more = total - self.books.total(self.books.now)
        told = self.run(report(self.story, total, kind="SET", reason="recounted"))
        assert told["__typename"] == "UsageReported"
        if more > 0:
            self.books.use(more)
        elif more < 0:
            assert self.books.take_back(-more, self.books.now)

    @rule(amount=amounts, length=st.integers(1, 700))
    def reserve(self, amount: int, length: int) -> None:
        """Hold what is there, or nothing."""
        until = self.books.now + timedelta(hours=length)
        asked = {**CALLS, "amount": str(amount), "expiresAt": until, "idempotencyKey": self.key()}
        told, reason = self.act(documents.RESERVE, **asked), self.books.denied(amount)
        assert told.get("reason") == reason
        if reason is None:
            self.books.hold(amount, until)
            self.holds.append(self.story.given["reservation"])

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=st.integers(1, 20))
    def settle(self, data: st.DataObject, amount: int) -> None:
        """Settle one, also one that is over."""
        place = data.draw(st.integers(0, len(self.holds) - 1))
        hold = self.books.holds[place]
        told = self.act(documents.SETTLE, id=self.holds[place], amount=str(amount), idempotencyKey=self.key())
        if not hold.holds(self.books.now):
            assert told["__typename"] == self.ended(place)
            return
        reason = self.books.settle(hold, amount)
        assert (told["__typename"] == "ReservationSettled", told.get("reason")) == (reason is None, reason)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Let one go, also one that is over."""
        place = data.draw(st.integers(0, len(self.holds) - 1))
        hold = self.books.holds[place]
        told = self.act(documents.RELEASE, id=self.holds[place])
        assert told["__typename"] == ("ReservationReleased" if hold.holds(self.books.now) else self.ended(place))
        if hold.holds(self.books.now):
            hold.ended = self.books.now

    @rule(amount=amounts, priority=st.sampled_from([5, 20, 100]), length=st.integers(1, 1500))
    def grant(self, amount: int, priority: int, length: int) -> None:
        """Grant something on top."""
        until = self.books.now + timedelta(hours=length)
        asked = {**CALLS, "amount": str(amount), "priority": priority, "expiresAt": until}
        assert self.act(documents.GRANT, **asked)["__typename"] == "GrantCreated"
        given = Given(f"g{len(self.grants):03}", amount, priority, self.books.now, until)
        self.books.grants.append(given)
        self.grants.append((given, self.story.given["grant"]))

    @precondition(lambda self: self.grants)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        """Take a grant back; one that is over stays as it is."""
        given, name = self.grants[data.draw(st.integers(0, len(self.grants) - 1))]
        assert self.act(documents.REVOKE, id=name)["__typename"] == "GrantRevoked"
        if self.books.now < given.until:
            given.revoked = min(given.revoked, self.books.now)

    @rule(limit=st.integers(0, 25), length=st.integers(1, 900))
    def override(self, limit: int, length: int) -> None:
        """Put something in place of everything."""
        until = self.books.now + timedelta(hours=length)
        self.cleared()
        told = self.act(documents.OVERRIDE, **CALLS, limit=str(limit), endsAt=until)
        assert told["__typename"] == "OverrideWasSet"
        self.books.overrides.append(Instead(limit, self.books.now, until))

    @precondition(lambda self: self.books.override(self.books.now))
    @rule()
    def clear(self) -> None:
        """Take that away again."""
        assert self.act(documents.CLEAR, **CALLS)["__typename"] == "OverrideCleared"
        self.cleared()

    @rule(seats=st.integers(1, 3))
    def seat(self, seats: int) -> None:
        """Buy or give up seats at once."""
        asked = {"subscriptionId": self.subscription, "quantity": seats, "timing": "IMMEDIATE"}
        told = self.act(documents.CHANGE, **asked)
        same = self.books.seats[-1][1] == seats
        assert told["__typename"] == ("NothingChanges" if same else "SubscriptionChanged")
        if not same:
            self.books.seats.append((self.books.now, seats))

    @rule(length=hours, worker=st.booleans())
    def wait(self, length: int, worker: bool) -> None:
        """Let time pass, with a worker or without."""
        self.move(self.books.now + timedelta(hours=length), worker=worker)

    @rule(worker=st.booleans())
    def wait_for_the_reset(self, worker: bool) -> None:
        """Let the window end."""
        self.move(window(self.books.now)[1], worker=worker)

    # -- what holds --------------------------------------------------------------------------------------------

    @invariant()
    def both_say_the_same(self) -> None:
        """Now."""
        if hasattr(self, "story"):
            self.agree(self.books.now)

    @invariant()
    def no_more_is_used_and_held_than_there_is(self) -> None:
        """Nothing that was left is below zero, and nothing that was used either."""
        begins, ends = window(self.books.now)
        assert self.books.bore(LIMIT, begins, ends) >= 0

    @rule(ahead=st.integers(0, 2000))
    def ask_ahead(self, ahead: int) -> None:
        """What will hold, as far as is known."""
        self.agree(self.books.now + timedelta(hours=ahead))

    def agree(self, at: datetime) -> None:
        """Ask both."""
        told = self.run(stands(self.story, at=at))
        expected = self.books.answer(at)
        assert {name: told[name] for name in expected} == expected, at

    def instants(self) -> list[datetime]:
        """When anything changed, and the instants before."""
        books = self.books
        named = {row.at for row in books.rows} | {since for since, _ in books.seats}
        named |= {at for each in books.grants for at in (each.since, each.until, each.revoked)}
        named |= {at for each in books.overrides for at in (each.since, each.until)}
        named |= {at for each in books.holds for at in (each.since, each.until, each.ended)}
        named |= {window(at)[0] for at in named}
        tried = sorted(named | {at - TICK for at in named})
        return [at for at in tried if BEGINNING <= at < books.now + timedelta(days=90)]

    # -- in short ----------------------------------------------------------------------------------------------

    def act(self, document: str, **asked: Any) -> Told:
        """Do it in the store."""
        return self.run(self.story.act(document, **asked))

    def key(self) -> str:
        """A key that was not used."""
        return self.story.world.fresh_key()

    def back(self, past: int) -> datetime:
        """So many hours ago, but not before the beginning."""
        return max(BEGINNING, self.books.now - timedelta(hours=past))

    def ended(self, place: int) -> str:
        """What a reservation that holds nothing is answered."""
        hold = self.books.holds[place]
        return "ReservationEnded" if hold.ended < hold.until else "ReservationExpired"

    def cleared(self) -> None:
        """The one that stands gives way."""
        standing = self.books.override(self.books.now)
        if standing is not None:
            standing.until = self.books.now

    def move(self, to: datetime, *, worker: bool) -> None:
        """Move the clock."""
        self.run(self.story.advance(to) if worker else self.story.jump(to))
        self.books.now = to


def live(lives: int, fresh: Callable[[], World], gone: Callable[[str], None]) -> None:
    """Live so many lives, each in a fresh world that is gone after it."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    calm = settings(max_examples=lives, stateful_step_count=30, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(cast("type[Life]", lambda: Life(fresh, gone)), settings=calm)


def test_any_life_on_sqlite_is_as_the_books_say(sqlite_worlds: SqliteWorlds) -> None:
    live(LIVES, lambda: copied(Database(sqlite_worlds.fresh("machine")), sqlite_worlds.places), lambda _: None)


@pytest.mark.postgres
def test_any_life_on_postgresql_is_as_the_books_say(postgresql_worlds: PostgresWorlds) -> None:
    worlds = postgresql_worlds
    live(max(2, LIVES // 2), lambda: copied(Database(worlds.fresh()), worlds.places), worlds.drop)
