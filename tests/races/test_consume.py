"""Many consumers never take more than there is: together on one database, from one program, from two, from four."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.races.arena import FEATURE, SCALE, Accounts, counted, take, told_of
from tests.races.consumer import CALLS

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from tests.races.arena import Arena

ROOT = Path(__file__).parents[2]
ALL_TAKEN = Accounts(rows=100, total=100 * SCALE, of_limit=100 * SCALE, burned=0, head=100 * SCALE, keys=100)
ENDED = {"GRANTED": 100, "LIMIT_REACHED": 200}
CONSUME = """mutation($input: EntitlementConsumeInput!) { entitlementConsume(input: $input) {
  __typename ... on EntitlementDenied { reason } ... on UserError { code } } }"""


@pytest.mark.slow_race
async def test_of_300_consumers_100_are_granted_ten_times(one: Arena) -> None:
    rounds = 10
    began = perf_counter()
    for number in range(rounds):
        name = f"customer {number}"
        await one.customer(name, limit=100)
        context = await one.world.context()

        ended = await asyncio.gather(*(take(context, name, f"{name} {call}") for call in range(300)))

        assert counted(Counter(ended)) == ENDED
        assert await one.accounts(name) == ALL_TAKEN
    said = f"{rounds * 300 / (perf_counter() - began):.0f} consumes a second, one program"
    sys.stdout.write(f"\n{one.world.database.url.partition(':')[0]}: {said}\n")


async def test_reports_and_consumers_at_once_from_two_programs_keep_one_account(two: Arena) -> None:
    """Reports may go above the limit and consumers may not: nothing is granted once that much is used."""
    for number in range(5):
        name = f"customer {number}"
        await two.customer(name, limit=100)
        contexts = [await door.context() for door in two.doors]
        consumers = [take(contexts[call % 2], name, f"{name} {call}") for call in range(160)]
        reports = [told_of(contexts[call % 2], name, f"{name} bulk {call}", 10) for call in range(4)]
        random.Random(number).shuffle(consumers)
        calls = [*consumers[:60], *reports[:2], *consumers[60:120], *reports[2:], *consumers[120:]]

        ended = Counter(await asyncio.gather(*calls))

        assert ended.pop("10 REPORTED") == 4
        assert ended["GRANTED"] + ended["LIMIT_REACHED"] == 160
        assert 60 <= ended["GRANTED"] <= 100
        total = ended["GRANTED"] + 40
        assert await two.accounts(name) == Accounts(
            rows=total, total=total * SCALE, of_limit=total * SCALE, burned=0, head=total * SCALE, keys=total
        )


async def test_the_same_bulk_from_two_programs_is_written_once(two: Arena) -> None:
    await two.customer("acme", limit=1_000)
    contexts = [await door.context() for door in two.doors]

    ended = await asyncio.gather(*(told_of(contexts[call % 2], "acme", "key", 50) for call in range(6)))

    assert counted(Counter(ended)) == {"50 REPORTED": 1, "50 REPLAYED": 5}
    assert (await two.accounts("acme")).rows == 50


async def test_over_http_the_limit_holds_as_well(one: Arena) -> None:
    await one.customer("acme", limit=20)

    async def ended(number: int) -> str:
        input_ = {"customer": {"externalId": "acme"}, "feature": FEATURE, "idempotencyKey": f"key {number}"}
        answer = (await one.world.ask(CONSUME, input=input_))["entitlementConsume"]
        reason: str = answer.get("reason", answer["__typename"])
        return reason

    assert counted(Counter(await asyncio.gather(*(ended(number) for number in range(60))))) == {
        "EntitlementGranted": 20,
        "LIMIT_REACHED": 40,
    }
    assert (await one.accounts("acme")).total == 20 * SCALE


async def test_from_two_programs_the_limit_and_every_grant_are_used_up_and_no_more(two: Arena) -> None:
    await two.customer("acme", grants=[15, 5])
    contexts = [await door.context() for door in two.doors]

    calls = (take(contexts[number % 2], "acme", f"key {number}") for number in range(90))

    assert counted(Counter(await asyncio.gather(*calls))) == {"GRANTED": 30, "LIMIT_REACHED": 60}
    assert await two.accounts("acme") == Accounts(
        rows=30, total=30 * SCALE, of_limit=10 * SCALE, burned=20 * SCALE, head=10 * SCALE, keys=30
    )


async def test_amounts_of_any_size_fill_the_limit_and_never_more(two: Arena) -> None:
    await two.customer("acme", limit=30, grants=[7])
    contexts = [await door.context() for door in two.doors]
    chance = random.Random(3)
    amounts = [chance.randint(1, 3 * SCALE) for _ in range(80)]

    async def ended(number: int, amount: int) -> str:
        return await take(contexts[number % 2], "acme", f"key {number}", f"{amount / SCALE:.3f}")

    ends = await asyncio.gather(*(ended(*call) for call in enumerate(amounts)))

    books = await two.accounts("acme")
    left = 30 * SCALE - books.total
    assert left >= 0
    assert books.total == sum(amount for amount, end in zip(amounts, ends, strict=True) if end == "GRANTED")
    assert all(amount > left for amount, end in zip(amounts, ends, strict=True) if end != "GRANTED")
    assert set(ends) <= {"GRANTED", "REQUESTED_EXCEEDS_LIMIT", "LIMIT_REACHED"}


async def test_one_key_from_two_programs_is_one_act(two: Arena) -> None:
    await two.customer("acme", limit=100)
    contexts = [await door.context() for door in two.doors]

    ends = await asyncio.gather(*(take(contexts[number % 2], "acme", f"key {number % 5}") for number in range(40)))

    assert counted(Counter(ends)) == {"GRANTED": 5, "REPLAYED": 35}
    assert (await two.accounts("acme")).rows == 5


async def test_callers_who_go_away_leave_all_or_nothing(one: Arena) -> None:
    await one.customer("acme", limit=1_000)
    context = await one.world.context()
    chance = random.Random(5)

    async def leave(number: int) -> bool:
        call = asyncio.create_task(take(context, "acme", f"key {number}"))
        await asyncio.sleep(chance.random() * 0.5)
        call.cancel()
        await asyncio.wait([call])
        return not call.cancelled()

    answered = sum(await asyncio.gather(*(leave(number) for number in range(60))))

    books = await one.accounts("acme")
    assert books.rows >= answered
    assert (books.keys, books.total, books.head) == (books.rows, books.rows * SCALE, books.rows * SCALE)
    assert await take(context, "acme", "afterwards") == "GRANTED"
    assert (await one.accounts("acme")).rows == books.rows + 1


@pytest.fixture
async def consumers(database_url: str, one: Arena) -> AsyncIterator[list[Process]]:
    """Four programs that consume."""
    command = (sys.executable, "-m", "tests.races.consumer", database_url)
    started = [
        await asyncio.create_subprocess_exec(*command, f"program {number}", cwd=ROOT, stdin=PIPE, stdout=PIPE)
        for number in range(4)
    ]
    try:
        async with asyncio.timeout(180):
            assert [await heard(each) for each in started] == ["ready"] * 4
        yield started
        for each in started:
            if each.stdin is not None:
                each.stdin.close()
        async with asyncio.timeout(20):
            assert [await each.wait() for each in started] == [0] * 4
    finally:
        for each in started:
            if each.returncode is None:
                each.kill()
                await each.wait()


async def heard(process: Process) -> str:
    """The next line that a program says."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


def told(process: Process, line: str) -> None:
    """Tell a program a line."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


@pytest.mark.slow_race
async def test_from_four_programs_100_are_granted_ten_times(one: Arena, consumers: list[Process]) -> None:
    rounds = 10
    assert len(consumers) * CALLS == 300
    spent = 0.0
    for number in range(rounds):
        name = f"customer {number}"
        await one.customer(name, limit=100)
        began = perf_counter()
        for each in consumers:
            told(each, name)
        ends: list[dict[str, int]] = [orjson.loads(await heard(each)) for each in consumers]
        spent += perf_counter() - began

        assert counted(*(Counter(each) for each in ends)) == ENDED
        assert await one.accounts(name) == ALL_TAKEN
    said = f"{rounds * 300 / spent:.0f} consumes a second, four programs"
    sys.stdout.write(f"\n{one.world.database.url.partition(':')[0]}: {said}\n")
