"""What waits is carried out together, in order of arrival; who goes away or fails disturbs nobody else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from billing.refusals import TemporarilyUnavailable
from models.gathering import Gathering, Group

if TYPE_CHECKING:
    from collections.abc import Sequence


class Desk:
    """Carries acts out when it is let, and remembers in which groups."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = asyncio.Event()

    async def carry_out(self, group: Group[str]) -> Sequence[str]:
        """Answer each in capitals; `fail` fails its group, and one of `late` begins when the desk is open."""
        if "late" in group.acts:
            await self.open.wait()
        acts = group.begin()
        self.groups.append(list(acts))
        await self.open.wait()
        if "fail" in acts:
            message = "the commit failed"
            raise OSError(message)
        return [act.upper() for act in acts]


@pytest.fixture
def desk() -> Desk:
    """A desk that is closed."""
    return Desk()


def brought(gathering: Gathering, desk: Desk, *acts: str, about: str = "acme") -> asyncio.Task[Sequence[str]]:
    """A caller who brings acts."""
    return asyncio.create_task(_bring(gathering, desk, about, acts))


async def _bring(gathering: Gathering, desk: Desk, about: str, acts: tuple[str, ...]) -> Sequence[str]:
    return await gathering(about, acts, desk.carry_out)


async def turns(number: int = 5) -> None:
    """Let the loop go round."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_who_comes_alone_is_carried_out_at_once_and_who_waits_in_company(desk: Desk) -> None:
    gathering = Gathering()
    first = brought(gathering, desk, "a")
    await turns()
    assert desk.groups == [["a"]]

    rest = [brought(gathering, desk, *acts) for acts in (("b",), ("c", "d"), ("e",))]
    await turns()
    assert desk.groups == [["a"]]
    desk.open.set()

    assert list(await first) == ["A"]
    assert [list(each) for each in await asyncio.gather(*rest)] == [["B"], ["C", "D"], ["E"]]
    assert desk.groups == [["a"], ["b", "c", "d", "e"]]


async def test_a_group_has_a_size_unless_one_caller_brings_more(desk: Desk) -> None:
    gathering = Gathering(most=3)
    desk.open.set()
    callers = [brought(gathering, desk, *acts) for acts in ("ab", "cd", "e", "fghij", "k")]

    assert ["".join(await each) for each in callers] == ["AB", "CD", "E", "FGHIJ", "K"]
    assert desk.groups == [["a", "b"], ["c", "d", "e"], ["f", "g", "h", "i", "j"], ["k"]]


async def test_what_is_about_others_does_not_wait(desk: Desk) -> None:
    gathering = Gathering()
    callers = [brought(gathering, desk, name, about=name) for name in ("acme", "beta")]
    await turns()

    assert desk.groups == [["acme"], ["beta"]]
    desk.open.set()
    assert [list(await each) for each in callers] == [["ACME"], ["BETA"]]


async def test_a_failure_is_told_to_everybody_of_the_group_and_the_next_is_carried_out(desk: Desk) -> None:
    gathering = Gathering()
    first = brought(gathering, desk, "a")
    await turns()
    group = [brought(gathering, desk, act) for act in ("b", "fail", "c")]
    await turns()
    desk.open.set()
    await first
    ended = await asyncio.gather(*group, return_exceptions=True)

    assert [str(each) for each in ended] == ["the commit failed"] * 3
    assert list(await brought(gathering, desk, "d")) == ["D"]


async def test_who_goes_away_before_its_turn_takes_its_acts_back(desk: Desk) -> None:
    gathering = Gathering()
    first, second, third = (brought(gathering, desk, act) for act in "abc")
    await turns()
    waiting = [brought(gathering, desk, act) for act in "de"]
    await turns()
    second.cancel()
    waiting[0].cancel()
    await turns()
    desk.open.set()

    assert (list(await first), list(await third), list(await waiting[1])) == (["A"], ["C"], ["E"])
    assert desk.groups == [["a", "b", "c"], ["e"]]
    assert second.cancelled()


async def test_who_goes_away_alone_leaves_an_act_that_is_carried_out_all_the_same(desk: Desk) -> None:
    gathering = Gathering()
    only = brought(gathering, desk, "a")
    await turns()
    only.cancel()
    await turns()
    desk.open.set()
    await gathering.idle()

    assert desk.groups == [["a"]]
    assert only.cancelled()


async def test_nothing_is_left_behind(desk: Desk) -> None:
    gathering = Gathering()
    desk.open.set()
    await asyncio.gather(*(brought(gathering, desk, act, about=act) for act in "abc"))
    await gathering.idle()

    assert gathering._queues == {}
    assert gathering._running == set()


async def test_who_is_not_begun_in_time_is_refused_and_never_carried_out_however_the_database_is_busy(
    desk: Desk,
) -> None:
    """Both who waits behind a group and who is in one that waits for its turn; who has begun waits for its end."""
    gathering = Gathering(patience=0.1)
    begun = brought(gathering, desk, "a")
    await turns()
    behind = brought(gathering, desk, "b")
    waiting = brought(gathering, desk, "late", about="beta")
    ended = await asyncio.gather(behind, waiting, return_exceptions=True)

    assert [type(each) for each in ended] == [TemporarilyUnavailable] * 2
    assert not begun.done()
    desk.open.set()
    assert list(await begun) == ["A"]
    await gathering.idle()
    assert desk.groups == [["a"], []]
    assert list(await brought(gathering, desk, "c")) == ["C"], "who comes later has all of the patience again"


async def test_a_queue_is_told_of_from_the_moment_it_is_entered_until_it_is_empty(desk: Desk) -> None:
    gathering = Gathering()
    entered = gathering.enter("acme", ["a"], desk.carry_out)
    assert "acme" in gathering
    desk.open.set()
    assert list(await entered) == ["A"]
    await gathering.idle()
    assert "acme" not in gathering
