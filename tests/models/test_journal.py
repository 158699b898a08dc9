"""What happened is listed in order, what was answered is remembered for its time, what is to be done is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.lifecycle import Cause, Channel
from models.rows import add
from models.stores.journal import EVENT_TO_PLACE, EventsWanted, Outbox, Outcome
from models.tables import EventRow, IdempotencyRow, OutboxRow, SequenceRow
from models.work import Happening
from tests.models.world import CUSTOMER, ENV, Numbered, customer, day, undone, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.session import Database
    from models.work import Work


@pytest.fixture
async def work(shop: Database) -> AsyncIterator[Work]:
    """Five events of two customers."""
    async with undone(shop) as session:
        await add(session, customer("other"), SequenceRow(owner_id="other", environment_id=ENV))
        opened = working(session, day(2), Numbered())
        for number, owner in enumerate((CUSTOMER, "other", CUSTOMER, CUSTOMER, "other")):
            await opened.bump(owner)
            what = "thing.begun" if number % 2 else "thing.ended"
            await opened.record(owner, Happening(what, f"subject{number}", {"n": number}, {"ü": [number]}, number == 3))
        yield opened


async def events(work: Work, **wanted: object) -> list[str]:
    """What a list of events holds."""
    page = await work.journal.page(EventsWanted(**wanted), 10, None)  # type: ignore[arg-type]  # the case's own
    return [view.subject_id for _, view in page.rows]


async def test_events_of_a_customer_are_in_its_sequence(work: Work) -> None:
    assert await events(work, customer_id=CUSTOMER) == ["subject0", "subject2", "subject3"]
    assert await events(work, customer_id=CUSTOMER, types=("thing.begun",)) == ["subject3"]
    assert await events(work, customer_id=CUSTOMER, types=()) == []
    assert await events(work, customer_id=CUSTOMER, subject_id="subject2") == ["subject2"]


async def test_an_event_says_who_caused_it_and_what_changed(work: Work) -> None:
    page = await work.journal.page(EventsWanted(CUSTOMER), 10, None)
    asked, timed = page.rows[1][1], page.rows[2][1]

    assert await work.journal.by_id(asked.id) == asked
    assert (asked.seq, asked.before, asked.after) == (2, {"n": 2}, {"ü": [2]})
    assert (asked.cause, asked.channel, asked.occurred_at) == (Cause.REQUEST, Channel.API, day(2))
    assert (timed.seq, timed.cause, timed.channel) == (3, Cause.AUTOMATIC, Channel.WORKER)


async def test_an_event_is_placed_once_and_then_listed_for_the_environment(work: Work) -> None:
    outbox = Outbox(work.journal._run)
    assert await outbox.waits()
    waiting = await outbox.to_place(3)
    assert await events(work) == []

    for position, act in enumerate(reversed(waiting)):
        assert await outbox.done(act["id"])
        assert not await outbox.done(act["id"])
        await outbox.place(act["subject_id"], position)
        await outbox.place(act["subject_id"], 99)

    assert await events(work) == ["subject2", "subject1", "subject0"]
    assert [await outbox.done(act["id"]) for act in await outbox.to_place(10)] == [True, True]
    assert not await outbox.waits()


@pytest.fixture
async def outbox(shop: Database) -> AsyncIterator[Outbox]:
    """Five acts, the oldest first, which do not stand in the order of their events; later ones are due sooner."""
    async with undone(shop) as session:
        for number, (owner, seq) in enumerate((("a", 3), ("b", 1), ("a", 2), ("b", 2), ("a", 1))):
            event, act = f"{owner}{seq}", f"out{number}"
            await add(
                session,
                EventRow(
                    id=event, environment_id=ENV, owner_id=owner, seq=seq, type="thing.begun", subject_id="thing",
                    occurred_at=day(0), recorded_at=day(0), cause=Cause.REQUEST, channel=Channel.API,
                ),
                OutboxRow(id=act, environment_id=ENV, kind=EVENT_TO_PLACE, subject_id=event, due_at=day(9 - number)),
            )  # fmt: skip
        yield Outbox(session)


async def test_whatever_the_order_of_the_acts_an_owners_events_are_placed_by_their_numbers(outbox: Outbox) -> None:
    async def next_ones(limit: int) -> list[str]:
        return [act["subject_id"] for act in await outbox.to_place(limit)]

    assert [await next_ones(limit) for limit in (1, 2, 3)] == [["a1"], ["a1", "b1"], ["a1", "b1", "a2"]]
    assert await next_ones(9) == ["a1", "b1", "a2", "b2", "a3"]
    assert await outbox.done((await outbox.to_place(1))[0]["id"])
    assert await next_ones(9) == ["a2", "b1", "a3", "b2"]


async def test_an_answer_is_remembered_under_its_whole_key(work: Work) -> None:
    def record(principal: str, key: str, until: int) -> IdempotencyRow:
        return IdempotencyRow(
            environment_id=ENV, mutation="consume", principal=principal, key=key, fingerprint=f"f-{principal}",
            outcome={"amount": str(2**62), "n": 2**62, "text": "✓"}, created_at=day(0), expires_at=day(until),
        )  # fmt: skip

    await work.journal.remember(record("merchant", "k", 30))
    await work.journal.remember(record("customer:1", "k", 5))
    outcome = {"amount": str(2**62), "n": 2**62, "text": "✓"}

    assert await work.journal.remembered("consume", "merchant", "k") == Outcome("f-merchant", outcome)
    assert await work.journal.remembered("consume", "customer:1", "k") == Outcome("f-customer:1", outcome)
    assert await work.journal.remembered("consume", "merchant", "K") is None
    assert await work.journal.remembered("report", "merchant", "k") is None
    assert await work.journal.forget(day(30)) == 1
    assert await work.journal.remembered("consume", "customer:1", "k") is None
    assert await work.journal.remembered("consume", "merchant", "k") is not None
