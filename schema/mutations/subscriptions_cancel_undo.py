"""Taking a bulk cancellation back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.job_cancel import JobAnswered
from resolvers.subscriptions_cancel_undo import CancellationsUndo, undo_cancellations
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.job import Job
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class SubscriptionsCancelUndoInput:
    """The bulk cancellation to take back."""

    id: ID = about("The job of the bulk cancellation.")
    dry_run: bool = about(
        "Whether nothing is taken back: another job then tells of each item what would be, and its money.",
        default=False,
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CancellationsUndo:
        """Check every value."""
        return CancellationsUndo(
            id=identifier(self.id, "id"),
            dry_run=self.dry_run,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class SubscriptionsCancelUndoStarted:
    """The job runs backwards: a worker takes back what still waits; a dry run is a job of its own."""

    job: Job = about("The job, as of now; of a dry run, that one.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: JobAnswered) -> "SubscriptionsCancelUndoStarted":
        """Show what was done."""
        return cls(job=Job.of(outcome.job), replayed=outcome.replayed)


SubscriptionsCancelUndoAnswer: TypeAlias = Annotated[
    SubscriptionsCancelUndoStarted | AnyAct,
    strawberry.union(
        "SubscriptionsCancelUndoAnswer",
        description="What `subscriptionsCancelUndo` answers: what was done, or how it was refused.",
    ),
]


@part_type
class SubscriptionsCancelUndoMutation:
    """The act as a root field."""

    @mutation
    async def subscriptions_cancel_undo(
        self, info: Info, input: Annotated[SubscriptionsCancelUndoInput, INPUT]
    ) -> SubscriptionsCancelUndoAnswer:
        """Take a bulk cancellation back: ends that wait are undone as single ones are, others stay. (K14)"""
        return await answer(
            SubscriptionsCancelUndoAnswer,
            SubscriptionsCancelUndoStarted.of,
            perform(undo_cancellations, info.context, input),
        )
