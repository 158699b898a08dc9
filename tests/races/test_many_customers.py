"""Acts of many customers that wait share a unit of work where one writes at a time: each ends for itself. (ADR 23)"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from models.tables.base import table
from models.tables.environment import SequenceRow
from models.tables.journal import EventRow, IdempotencyRow
from models.tables.subscription import SubscriptionRow
from resolvers import meter, thresholds
from resolvers.entitlement_consume import EntitlementConsume, EntitlementGranted, consume
from resolvers.inputs import CustomerRef
from tests.races.arena import FEATURE, GRANT, SCALE, Accounts, counted, take
from tests.races.test_gathered import ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.races.arena import Arena

FEW, MANY = 6, 20


async def people(arena: Arena, number: int) -> list[str]:
    """Customers who may use ten each."""
    names = [f"customer {each}" for each in range(number)]
    for name in names:
        await arena.customer(name)
    return names


async def ends_of(arena: Arena, asked: Sequence[tuple[str, str, str]]) -> list[str]:
    """How calls of these names, keys and amounts end that are made at once."""
    context = await arena.world.context()
    return await asyncio.gather(*(ended(context, *each) for each in asked))


async def test_many_take_as_many_statements_as_few_and_share_their_commits(one: Arena) -> None:
    names, heard, counts = await people(one, MANY), list[str](), dict[int, int]()
    one.world.database.heard_by(heard.append)
    for number in (MANY, FEW, MANY):
        heard.clear()
        ends = await ends_of(one, [(name, one.world.fresh_key(), "1") for name in names[:number]])
        assert ends == ["GRANTED"] * number
        counts[number] = len(heard)
    one.world.database.heard_by(lambda _: None)

    if one.world.database.one_writes:
        assert counts[FEW] == counts[MANY]
    for name in names:
        rows = 3 if name in names[:FEW] else 2
        assert await one.accounts(name) == Accounts(rows, rows * SCALE, rows * SCALE, 0, rows * SCALE, rows)


async def test_each_ends_for_itself_and_of_whom_nothing_is_taken_nothing_is_written(one: Arena) -> None:
    names = await people(one, FEW)
    before = await one.of(SequenceRow)
    asked = [(name, f"{name} {amount}", amount) for amount in ("4", "7", "6", "0") for name in names[1:]]
    ends = await ends_of(one, [("nobody", "n", "1"), (names[0], "denied", "11"), *asked, (names[0], "again", "12")])

    several = len(names) - 1
    assert ends == [
        "CUSTOMER_NOT_FOUND",
        "REQUESTED_EXCEEDS_LIMIT",
        *["GRANTED"] * several,
        *["REQUESTED_EXCEEDS_LIMIT"] * several,
        *["GRANTED"] * several,
        *["AMOUNT_OUT_OF_RANGE"] * several,
        "REQUESTED_EXCEEDS_LIMIT",
    ]
    for name in names[1:]:
        assert await one.accounts(name) == Accounts(2, 10 * SCALE, 10 * SCALE, 0, 10 * SCALE, 2)
    assert len([each for each in await one.of(SequenceRow) if each in before]) == len(before) - several


async def test_who_is_named_in_two_ways_among_others_gets_no_more_than_there_is(one: Arena) -> None:
    names, context = await people(one, FEW), await one.world.context()
    found = await one.world.ask(
        "query($ref: CustomerRef!) { customer(ref: $ref) { id } }", ref={"externalId": names[0]}
    )
    refs = [CustomerRef(id=found["customer"]["id"]), CustomerRef(external_id=names[0])]

    async def granted(number: int) -> bool:
        asked = EntitlementConsume(refs[number % 2], FEATURE, idempotency_key=f"key {number}")
        return isinstance(await consume(context, asked), EntitlementGranted)

    others = [take(context, name, f"other {name}") for name in names[1:]]
    ends = await asyncio.gather(*others, *(granted(number) for number in range(30)))

    assert ends[: len(others)] == ["GRANTED"] * len(others)
    assert ends[len(others) :].count(True) == 10
    assert await one.accounts(names[0]) == Accounts(10, 10 * SCALE, 10 * SCALE, 0, 10 * SCALE, 10)


async def test_one_key_for_many_customers_is_done_once_and_refused_to_the_others(one: Arena) -> None:
    names = await people(one, FEW)
    ends = await ends_of(one, [(name, "one key", "1") for name in [*names, names[0]]])

    assert counted(Counter(ends)) == {"GRANTED": 1, "IDEMPOTENCY_CONFLICT": FEW - 1, "REPLAYED": 1}
    assert len(await one.of(IdempotencyRow, key="one key")) == 1


async def test_who_has_something_due_is_settled_first_and_holds_nobody_up(one: Arena) -> None:
    names = await people(one, FEW)
    until = one.world.clock.now() + timedelta(days=1)
    about = {"customer": {"externalId": names[2]}, "feature": FEATURE, "amount": "5", "expiresAt": until.isoformat()}
    await one.world.ask(GRANT, input=about)
    await one.world.jump(until)
    ends = await ends_of(one, [(name, f"k {name}", "10") for name in names])
    denied = await ends_of(one, [(name, f"l {name}", "5") for name in names])

    assert (ends, denied) == (["GRANTED"] * FEW, ["LIMIT_REACHED"] * FEW)
    (expired,) = await one.of(EventRow, type="grant.expired")
    (used,) = await one.of(EventRow, type="usage.consumed", owner_id=expired["owner_id"])
    assert used["seq"] == expired["seq"] + 1
    assert (await one.accounts(names[2])).burned == 0


async def test_who_has_nothing_due_is_answered_before_those_who_have(one: Arena) -> None:
    names = await people(one, FEW)
    until = one.world.clock.now() + timedelta(days=1)
    for name in names[2:]:
        about = {"customer": {"externalId": name}, "feature": FEATURE, "amount": "5", "expiresAt": until.isoformat()}
        await one.world.ask(GRANT, input=about)
    await one.world.jump(until)
    context, order = await one.world.context(), list[str]()

    async def told(name: str) -> None:
        assert await take(context, name, f"k {name}") == "GRANTED"
        order.append(name)

    await asyncio.gather(*map(told, reversed(names)))
    if one.world.database.one_writes:
        assert set(order[:3]) == {names[-1], *names[:2]}, "the first to come is carried out alone"


async def test_two_names_of_one_who_has_something_due_are_heard_in_order_of_arrival(one: Arena) -> None:
    names, context = await people(one, FEW), await one.world.context()
    found = await one.world.ask(
        "query($ref: CustomerRef!) { customer(ref: $ref) { id } }", ref={"externalId": names[0]}
    )
    id_: str = found["customer"]["id"]
    refs = [CustomerRef(external_id=names[0]), CustomerRef(id=id_)]
    until = one.world.clock.now() + timedelta(days=1)
    about = {"customer": {"id": id_}, "feature": FEATURE, "amount": "5", "expiresAt": until.isoformat()}
    await one.world.ask(GRANT, input=about)
    await one.world.jump(until)

    async def taken(number: int) -> str:
        asked = EntitlementConsume(refs[number % 2], FEATURE, amount="2", idempotency_key=f"key {number}")
        return type(await consume(context, asked)).__name__

    others = [take(context, name, f"other {name}") for name in names[1:]]
    ends = await asyncio.gather(*others, *map(taken, range(7)), return_exceptions=True)
    refused = [isinstance(end, Exception) or end == "EntitlementDenied" for end in ends[len(others) :]]
    if one.world.database.one_writes:
        assert refused == [False] * 5 + [True] * 2
    assert (await one.accounts(names[0])).rows == 5


async def test_of_an_act_that_is_mistaken_half_way_nothing_stays(one: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    names, context, told = await people(one, 2), await one.world.context(), thresholds.tell_thresholds

    async def mistaken(*given: Any) -> None:
        if given[-1] - given[-2] == 2 * SCALE:
            raise ZeroDivisionError
        await told(*given)

    monkeypatch.setattr(meter, "tell_thresholds", mistaken)  # after the ledger's row is written, before its key is
    asked = [(name, f"{name} {place}", amount) for name in names for place, amount in enumerate(("1", "2", "1"))]
    for of in (asked[:3], asked[3:], asked):
        await asyncio.gather(*(take(context, *each) for each in of), return_exceptions=True)
    monkeypatch.undo()

    for name in names:
        assert await one.accounts(name) == Accounts(2, 2 * SCALE, 2 * SCALE, 0, 2 * SCALE, 2)
        assert await take(context, name, f"{name} 1", "2") == "GRANTED"
        assert await one.accounts(name) == Accounts(3, 4 * SCALE, 4 * SCALE, 0, 4 * SCALE, 3)


async def test_what_is_wrong_with_one_is_told_to_nobody_else(one: Arena) -> None:
    names, context = await people(one, FEW), await one.world.context()
    broken = update(table(SubscriptionRow)).where(table(SubscriptionRow).c.id == one.subscriptions[names[3]])
    async with one.world.database.working() as run:
        await run.execute(broken.values(zone="Nowhere"))
    calls: list[Any] = [take(context, name, f"key {name}") for name in names]
    ends = await asyncio.gather(*calls, return_exceptions=True)

    assert isinstance(ends.pop(3), KeyError)
    assert ends == ["GRANTED"] * (FEW - 1)
    async with one.world.database.working() as run:
        await run.execute(broken.values(zone="UTC"))
    assert await take(context, names[3], f"key {names[3]}") == "GRANTED"


@pytest.mark.parametrize("fails", ["COMMIT", "INSERT INTO event"])
async def test_a_unit_that_is_not_written_is_told_to_all_and_all_may_ask_again(one: Arena, fails: str) -> None:
    names = await people(one, FEW)

    def fail(statement: str) -> None:
        if statement.startswith(fails):
            raise OSError("the disk is gone")

    one.world.database.heard_by(fail)
    asked = [(name, f"key {name}", "1") for name in names]
    ends = await ends_of(one, asked)
    one.world.database.heard_by(lambda _: None)

    assert ends == ["TEMPORARILY_UNAVAILABLE"] * FEW
    assert await ends_of(one, asked) == ["GRANTED"] * FEW
    for name in names:
        assert await one.accounts(name) == Accounts(1, SCALE, SCALE, 0, SCALE, 1)
