"""Moving many subscriptions."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.job_cancel import JobAnswered
from resolvers.plan_migration_start import PlanMigrationStart, start_migration
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.job import Job
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.queries.plan_migration import PlanMigrationPreviewInput
from schema.refusals import AnyAct, PlanNotAvailable
from schema.texts import actor, idempotency_key


@input_type
class PlanMigrationStartInput(PlanMigrationPreviewInput):
    """A migration of subscriptions from a plan, or one version of it, to another of the same product."""

    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> PlanMigrationStart:
        """Check every value."""
        return PlanMigrationStart(
            asked=self.to_asked(),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PlanMigrationStarted:
    """The job is queued: a worker carries it out."""

    job: Job = about("The job, with its progress.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: JobAnswered) -> "PlanMigrationStarted":
        """Show what was done."""
        return cls(job=Job.of(outcome.job), replayed=outcome.replayed)


PlanMigrationStartAnswer: TypeAlias = Annotated[
    PlanMigrationStarted | AnyAct | PlanNotAvailable,
    strawberry.union(
        "PlanMigrationStartAnswer",
        description="What `planMigrationStart` answers: the job, or how it was refused.",
    ),
]


@part_type
class PlanMigrationStartMutation:
    """The act as a root field."""

    @mutation
    async def plan_migration_start(
        self, info: Info, input: Annotated[PlanMigrationStartInput, INPUT]
    ) -> PlanMigrationStartAnswer:
        """Move subscriptions to another plan, or another version of theirs, one by one; publishing moves nobody."""
        done = perform(start_migration, info.context, input)
        return await answer(PlanMigrationStartAnswer, PlanMigrationStarted.of, done)
