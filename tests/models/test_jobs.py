"""Workers take a job's items in turn, so many at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.lifecycle import Channel
from models.choices import JobItemState, JobKind, JobState
from models.rows import add
from models.stores.jobs import Jobs
from models.tables.job import JobItemRow, JobRow
from tests.models.world import ENV, START, environment, settle

if TYPE_CHECKING:
    from models.session import Database

JOB, ITEMS, AT_ONCE = "job", 1_000, 100
LATER = START + timedelta(minutes=1)


async def test_a_claim_takes_no_more_items_than_it_asked_for_though_the_table_was_only_just_filled(
    database: Database,
) -> None:
    """The server knows nothing of the new items yet, and plans accordingly."""
    await settle(database, *environment())
    job = JobRow(
        id=JOB, environment_id=ENV, kind=JobKind.CANCELLATION, state=JobState.RUNNING, input={}, channel=Channel.API,
        created_at=START, total=ITEMS, listed=True,
    )  # fmt: skip
    items = [
        JobItemRow(job_id=JOB, position=place, environment_id=ENV, customer_id=f"cus{place}", subject_id=f"sub{place}")
        for place in range(1, ITEMS + 1)
    ]
    await settle(database, job)
    async with database.working() as run:
        await add(run, *items)

    taken = [await _claimed(database), await _claimed(database)]

    assert taken == [list(range(1, AT_ONCE + 1)), list(range(AT_ONCE + 1, 2 * AT_ONCE + 1))]


async def _claimed(database: Database) -> list[int]:
    async with database.working() as run:
        found = await Jobs(run, ENV).claim(JOB, JobItemState.PENDING, START, LATER, AT_ONCE)
    return [each.position for each in found]
