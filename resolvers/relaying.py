"""Giving events their environment-wide position, after commit and in order: only here, so that no reader skips one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.stores.positions import Positions, behind

if TYPE_CHECKING:
    from models.crossing import Question
    from models.session import Database

BATCH: Final = 500
"""Events of an environment that are placed in one transaction."""


async def place_events(database: Database) -> int:
    """Place a batch of committed events in every environment that has some, and answer how many that were.

    Any number of relays may do it at once: those of one environment take turns.
    """
    waiting = await database.asked(behind)
    return sum([await database.worked(_placing(environment_id)) for environment_id in waiting])


def _placing(environment_id: str) -> Question[int]:
    return lambda run: Positions(run, environment_id).place(BATCH)
