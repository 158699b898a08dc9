"""What happened is listed in order, and what was answered is remembered for its time."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from billing.lifecycle import Cause, Channel
from models.rows import add
from models.stores.journal import EventsWanted, KeyUsed, Outcome
from models.tables import SequenceRow
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
            with opened.by_time() if number == 3 else nullcontext():
                await opened.record(owner, Happening(what, f"subject{number}", {"n": number}, {"ü": [number]}))
        await opened.close()
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


async def test_an_answer_is_remembered_under_its_whole_key(work: Work) -> None:
    outcome = {"amount": str(2**62), "n": 2**62, "text": "✓"}
    asked = [
        KeyUsed("consume", "merchant", "k"),
        KeyUsed("consume", "customer:1", "k"),
        KeyUsed("consume", "merchant", "K"),
        KeyUsed("report", "merchant", "k"),
        KeyUsed("report", "customer:1", "k"),
    ]
    kept = {asked[0]: Outcome("f-merchant", outcome), asked[1]: Outcome("f-customer:1", outcome)}

    def record(key: KeyUsed, until: int) -> dict[str, object]:
        return {
            "environment_id": ENV, "mutation": key.mutation, "principal": key.principal, "key": key.key,
            "fingerprint": f"f-{key.principal}", "outcome": outcome, "created_at": day(0), "expires_at": day(until),
        }  # fmt: skip

    await work.journal.remember([record(asked[0], 30), record(asked[1], 5)])

    for key in asked:
        assert await work.journal.remembered([key]) == ({key: kept[key]} if key in kept else {})
    for number in range(len(asked) + 1):
        among = asked[:number]
        assert await work.journal.remembered(among) == {key: kept[key] for key in among if key in kept}
    assert await work.journal.forget(day(30)) == 1
    assert await work.journal.remembered(asked) == {asked[0]: kept[asked[0]]}
