"""Asking for jobs."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from models.choices import JobKind, JobState
from resolvers import jobs as resolved
from schema.info import Info
from schema.objects.job import Job
from schema.promise import about, field, input_type, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import given, short_enough, single

MOST = 20


@input_type
class JobFilter:
    """Which jobs are wanted; what is left out does not matter."""

    kinds: list[JobKind] | None = about("Of one of these kinds.", default=UNSET)
    states: list[JobState] | None = about("In one of these states.", default=UNSET)

    def to_filter(self) -> resolved.JobFilter:
        """Check what is wanted."""
        kinds, states = given(self.kinds), given(self.states)
        short_enough(kinds or (), "filter.kinds", MOST)
        short_enough(states or (), "filter.states", MOST)
        return resolved.JobFilter(
            kinds=None if kinds is None else tuple(kinds), states=None if states is None else tuple(states)
        )


@part_type
class JobsQuery:
    """Jobs."""

    @field
    async def job(self, info: Info, id: Annotated[ID, strawberry.argument(description="Its id.")]) -> Job | None:
        """One job, with its progress and items; null where there is no such one."""
        wanted = single(id)
        view = await resolved.job(info.context, wanted) if wanted else None
        return Job.of(view) if view else None

    @field
    async def jobs(
        self,
        info: Info,
        filter: Annotated[JobFilter | None, strawberry.argument(description="Which ones.")] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[Job]:
        """The jobs of the environment, newest first."""
        wanted = given(filter) or JobFilter()
        page = await resolved.jobs(info.context, wanted.to_filter(), page_of(first, after))
        return connection(page, Job.of)
