"""Taking a pending change back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.as_previewed import undo_change_as_previewed
from resolvers.scheduled_change_undo import ScheduledChangeUndo
from resolvers.scheduled_change_undo import ScheduledChangeUndone as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.scheduled_change import ScheduledChange
from schema.objects.subscription import Subscription
from schema.preview_refusals import PreviewRequired
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import ActionNotAllowed, AlreadyApplied, AlreadyEnded, AnyAct, RefundAlreadyMade
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import actor, idempotency_key, identifier


@input_type
class ScheduledChangeUndoInput:
    """The pending change to take back."""

    id: ID = about("The scheduled change.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ScheduledChangeUndo:
        """Check every value."""
        return ScheduledChangeUndo(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ScheduledChangeUndone:
    """The change will not happen."""

    subscription: Subscription = about("The subscription, as of now.")
    change: ScheduledChange = about("The change that was taken back.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "ScheduledChangeUndone":
        """Show what was done."""
        return cls(
            subscription=Subscription.of(outcome.subscription),
            change=ScheduledChange.of(outcome.change),
            replayed=outcome.replayed,
        )


ScheduledChangeUndoAnswer: TypeAlias = Annotated[
    ScheduledChangeUndone
    | AnyAct
    | ActionNotAllowed
    | AlreadyApplied
    | AlreadyEnded
    | RefundAlreadyMade
    | ManagedBySchedule
    | PreviewRequired,
    strawberry.union(
        "ScheduledChangeUndoAnswer",
        description="What `scheduledChangeUndo` answers: what was done, or how it was refused.",
    ),
]


@part_type
class ScheduledChangeUndoMutation:
    """The act as a root field."""

    @mutation
    async def scheduled_change_undo(
        self, info: Info, input: Annotated[ScheduledChangeUndoInput, INPUT]
    ) -> ScheduledChangeUndoAnswer:
        """Take a pending change back; a pending cancellation has its own undo, which takes a preview's token."""
        return await answer(
            ScheduledChangeUndoAnswer, ScheduledChangeUndone.of, perform(undo_change_as_previewed, info.context, input)
        )
