"""A life in the store and the same life in plain books: how each is told of an act, and that both say the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from tests.scenarios import documents
from tests.scenarios.books import BEGINNING, NEVER, TICK, Books, Given, window
from tests.scenarios.metered import CALLS, SITE, SITES, subscribed
from tests.scenarios.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.scenarios.books import Hold
    from tests.scenarios.story import Told
    from tests.world import World

    T = TypeVar("T")

EVER = (datetime.min.replace(tzinfo=UTC), NEVER)
GRANTS = """query($feature: String!) { customer(ref: {externalId: "acme"}) {
  grants(feature: $feature, ended: true) { id used } } }"""


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


class Living(RuleBasedStateMachine):
    """One customer in the store and in the books, and how both are asked."""

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
                    self.grants_agree(line)
                    for at in self.instants(line):
                        self.agree(line, at)
                self.the_same_was_told()
            finally:
                self.run(self.story.world.database.close())
                self.gone(self.story.world.database.url)
        self.loop.close()

    def begin_with(self, *, hard: bool) -> None:
        """Subscribe to one feature for the customer, and to another for one resource."""
        self.story = self.run(Story.begin(self.fresh()))
        calls = self.run(subscribed(self.story, "small" if hard else "soft"))
        self.lines["calls"] = Line("calls", Books(hard=hard), calls)
        self.run(self.story.catalog(SITES))
        of_one = {"currency": "USD", "interval": {"unit": "MONTH"}, "resourceId": SITE}
        jobs = self.run(self.story.subscribe_also("acme", "site", **of_one))
        self.lines["jobs"] = Line("jobs", Books(hard=True, size=4, most=3, least=3), jobs)

    def agree(self, line: Line, at: datetime) -> None:
        """Ask both."""
        named = {"resource": SITE} if line.asked["feature"] == "jobs" and at.hour % 2 else {}
        told = self.run(self.story.entitlement("acme", line.asked["feature"], at=at, **named))
        expected = line.books.answer(at)
        assert {name: told[name] for name in expected} == expected, (line.asked["feature"], at)

    def grants_agree(self, line: Line) -> None:
        """Ask both what each grant bore."""
        found = self.run(self.story.world.ask(GRANTS, feature=line.asked["feature"]))["customer"]["grants"]
        told = {each["id"]: each["used"] for each in found}
        names = {name: given.name for given, name in line.grants}
        expected = {name: str(line.books.bore(known, *EVER)) for name, known in names.items()}
        assert told == expected, line.asked["feature"]

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

    def give(self, line: Line, amount: int, priority: int, until: datetime) -> None:
        """Grant."""
        asked = {**line.asked, "amount": str(amount), "priority": priority, "expiresAt": until}
        assert self.act(documents.GRANT, **asked)["__typename"] == "GrantCreated"
        given = Given(f"g{len(line.grants):03}", amount, priority, self.now, until)
        line.books.grants.append(given)
        line.grants.append((given, self.story.given["grant"]))

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
