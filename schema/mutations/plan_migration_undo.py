"""Taking a migration back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.job_cancel import JobAnswered
from resolvers.job_undoing import JobUndo
from resolvers.plan_migration_undo import undo_migration
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.job import Job
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class PlanMigrationUndoInput:
    """The migration to take back."""

    id: ID = about("The job of the migration.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> JobUndo:
        """Check every value."""
        return JobUndo(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PlanMigrationUndoStarted:
    """The job runs backwards: a worker takes back what still waits."""

    job: Job = about("The job, as of now.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: JobAnswered) -> "PlanMigrationUndoStarted":
        """Show what was done."""
        return cls(job=Job.of(outcome.job), replayed=outcome.replayed)


PlanMigrationUndoAnswer: TypeAlias = Annotated[
    PlanMigrationUndoStarted | AnyAct,
    strawberry.union(
        "PlanMigrationUndoAnswer",
        description="What `planMigrationUndo` answers: what was done, or how it was refused.",
    ),
]


@part_type
class PlanMigrationUndoMutation:
    """The act as a root field."""

    @mutation
    async def plan_migration_undo(
        self, info: Info, input: Annotated[PlanMigrationUndoInput, INPUT]
    ) -> PlanMigrationUndoAnswer:
        """Take a plan migration back until it is applied: moves that wait are undone, those already made stay."""
        return await answer(
            PlanMigrationUndoAnswer, PlanMigrationUndoStarted.of, perform(undo_migration, info.context, input)
        )
