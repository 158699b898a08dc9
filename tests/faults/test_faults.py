"""A short form of `make faults`: after every fault all that was acknowledged is there, once, and the sums agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.cluster import Cluster
from tests.faults.rounds import killed, power_lost

if TYPE_CHECKING:
    from tests.faults.rounds import Figures


def demand_whole(figures: Figures, rounds: int) -> None:
    """Every round was run, said something, and lost nothing."""
    found = figures.found
    assert (figures.rounds, found.lost, found.doubled, found.wrong) == (rounds, [], [], []), figures.log
    assert found.acknowledged > 0


@pytest.mark.usefixtures("caged")
async def test_what_was_acknowledged_survives_a_power_cut() -> None:
    demand_whole(await power_lost(1, "short"), 1)


@pytest.mark.usefixtures("caged")
async def test_the_same_proof_finds_what_is_lost_by_not_waiting_for_the_disk() -> None:
    found = (await power_lost(1, "short", sloppy=True)).found

    assert found.acknowledged > 0
    assert len(found.lost) == found.acknowledged


@pytest.mark.usefixtures("caged")
async def test_a_full_disk_and_a_failed_sync_are_told_and_nothing_is_claimed_falsely_afterwards() -> None:
    figures = await power_lost(2, "short", troubled=True)

    demand_whole(figures, 2)
    assert figures.found.refused > 0


async def test_what_was_acknowledged_survives_a_killed_gateway() -> None:
    demand_whole(await killed(1, "short"), 1)


@pytest.mark.postgres
async def test_on_postgresql_it_survives_a_killed_gateway_and_a_killed_server() -> None:
    with Cluster() as cluster:
        demand_whole(await killed(1, "short", cluster), 1)
