"""What mostly waits for nothing is bounded all the same once it waits, and ends as it would have ended."""

from __future__ import annotations

import asyncio

import pytest

from plangate.http.begun import Begun, Late, within


async def _in_turns(log: list[str], seconds: float = 0.0) -> str:
    try:
        await asyncio.sleep(0)
        log.append("turn")
        await asyncio.sleep(seconds)
        async with asyncio.timeout(0.001):
            await asyncio.sleep(1)
    except TimeoutError:
        return "ended"
    finally:
        log.append("left")
    return "never"


async def test_what_waits_goes_on_where_it_stopped_and_its_own_timeouts_hold() -> None:
    log: list[str] = []

    assert await within(5, _in_turns(log)) == "ended"
    assert await within(5, asyncio.sleep(0, "at once")) == "at once"
    assert log == ["turn", "left"]


async def test_what_takes_too_long_is_told_and_left_by_its_own_door() -> None:
    log: list[str] = []

    with pytest.raises(Late):
        await within(0.01, _in_turns(log, 5))
    assert log == ["turn", "left"]


async def test_what_it_raises_and_who_gives_it_up_come_through() -> None:
    async def wrong() -> None:
        await asyncio.sleep(0)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await within(5, wrong())
    log: list[str] = []
    task = asyncio.create_task(within(5, _in_turns(log, 5)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["turn", "left"]


async def test_what_is_begun_without_a_task_has_one_before_its_clock_is_set() -> None:
    log: list[str] = []
    turns = within(0.01, _in_turns(log, 5))
    begun: list[asyncio.Task[str]] = []

    async def goes_on(waits: object) -> str:
        return await Begun(turns, waits)

    def begin() -> None:
        assert asyncio.current_task() is None
        begun.append(asyncio.create_task(goes_on(turns.send(None))))

    asyncio.get_running_loop().call_soon(begin)
    await asyncio.sleep(0.001)
    with pytest.raises(Late):
        await begun[0]
    assert log == ["turn", "left"]
