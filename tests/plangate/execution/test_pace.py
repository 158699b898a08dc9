"""Long answers: made in slices so that others go on, in their order, and given up beyond their bounds."""

import asyncio
import time
from itertools import pairwise

from plangate.execution.limits import ExecutionLimits
from plangate.execution.pace import AT_ONCE
from tests.plangate.execution.served import Front

BUSY = "query ($n: Int!) { leaves(count: $n) { busy } }"


async def test_a_long_list_lets_others_go_on() -> None:
    """The longest turn is a small part of the whole, both in this process's own time, not the machine's."""
    turns: list[float] = []

    async def others() -> None:
        while True:
            turns.append(time.process_time())
            await asyncio.sleep(0)

    front = Front()
    await front.ask(BUSY, {"n": 1})
    beside = asyncio.create_task(others())
    before = time.process_time()
    answer = await front.ask(BUSY, {"n": 300})
    whole = time.process_time() - before
    beside.cancel()

    assert answer == {"data": {"leaves": [{"busy": str(number)} for number in range(300)]}}
    longest = max(after - before for before, after in pairwise(turns))
    assert len(turns) > 10
    assert longest < whole / 3, f"{longest * 1000:.0f} ms of {whole * 1000:.0f}"


async def test_errors_of_a_long_list_are_where_they_happened() -> None:
    answer = await Front().ask(f"{{ leaves(count: {AT_ONCE + 10}) {{ name even }} }}")

    odd = [number for number in range(AT_ONCE + 10) if number % 2]
    assert [leaf["even"] for leaf in answer["data"]["leaves"]] == [
        None if number in odd else str(number) for number in range(AT_ONCE + 10)
    ]
    assert sorted(error["path"][1] for error in answer["errors"]) == odd


async def test_an_answer_of_too_many_members_is_given_up() -> None:
    front = Front(limits=ExecutionLimits(answer_members=50))

    enough = await front.ask("{ leaves(count: 50) { name } }")
    answer = await front.ask("{ a: leaves(count: 30) { name } b: leaves(count: 30) { name } }")
    await asyncio.sleep(0.02)

    assert len(enough["data"]["leaves"]) == 50
    assert answer["data"] is None
    assert [(error["message"], error["path"], error["extensions"]) for error in answer["errors"]] == [
        (
            "The answer holds more than 50 members of lists: ask for less at once.",
            ["b"],
            {"code": "ANSWER_TOO_LARGE", "maximum": 50},
        )
    ]
    assert front.lines == []


async def test_an_answer_of_too_many_bytes_is_given_up_whole() -> None:
    front = Front(limits=ExecutionLimits(answer_bytes=200))

    answer = await front.ask("{ leaves(count: 30) { name } }")

    assert answer == {
        "errors": [
            {
                "message": "The answer is longer than 200 bytes: ask for less at once.",
                "extensions": {"code": "ANSWER_TOO_LARGE", "maximum": 200},
            }
        ]
    }
