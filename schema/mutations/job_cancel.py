"""Stopping a job."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.job_cancel import JobAnswered, JobCancel, cancel_job
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.job import Job
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, JobEnded
from schema.texts import actor, idempotency_key, identifier


@input_type
class JobCancelInput:
    """The job to stop."""

    id: ID = about("The job.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> JobCancel:
        """Check every value."""
        return JobCancel(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class JobCanceled:
    """The job does nothing more."""

    job: Job = about("The job, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: JobAnswered) -> "JobCanceled":
        """Show what was done."""
        return cls(job=Job.of(outcome.job), replayed=outcome.replayed)


JobCancelAnswer: TypeAlias = Annotated[
    JobCanceled | AnyAct | JobEnded,
    strawberry.union(
        "JobCancelAnswer",
        description="What `jobCancel` answers: what was done, or how it was refused.",
    ),
]


@part_type
class JobCancelMutation:
    """The act as a root field."""

    @mutation
    async def job_cancel(self, info: Info, input: Annotated[JobCancelInput, INPUT]) -> JobCancelAnswer:
        """Stop a job: what it did stays, what it did not try never will be."""
        return await answer(JobCancelAnswer, JobCanceled.of, perform(cancel_job, info.context, input))
