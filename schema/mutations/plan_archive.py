"""Archiving a plan."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from models.views import PlanView
from resolvers.catalog_archive import Archive, Archived, archive_plan
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import identifier_or_key
from schema.objects.plan import Plan
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key


@input_type
class PlanArchiveInput:
    """The plan to archive."""

    plan_id: ID = about("The plan's or add-on's id or key.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> Archive:
        """Check every value."""
        return Archive(
            ref=identifier_or_key(self.plan_id, "planId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class PlanArchiveDone:
    """The plan or add-on is off sale."""

    plan: Plan = about("The plan.")
    live: int = about("How many live subscriptions have it; none of them is touched.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Archived[PlanView]) -> "PlanArchiveDone":
        """Show what was done."""
        return cls(plan=Plan.of(outcome.view), live=outcome.live, replayed=outcome.replayed)


PlanArchiveAnswer: TypeAlias = Annotated[
    PlanArchiveDone | AnyAct,
    strawberry.union(
        "PlanArchiveAnswer", description="What `planArchive` answers: what was done, or how it was refused."
    ),
]


@part_type
class PlanArchiveMutation:
    """The act as a root field."""

    @mutation
    async def plan_archive(self, info: Info, input: Annotated[PlanArchiveInput, INPUT]) -> PlanArchiveAnswer:
        """Take a plan or add-on off sale: who has it renews, pauses and cancels as before. (K2)"""
        return await answer(PlanArchiveAnswer, PlanArchiveDone.of, perform(archive_plan, info.context, input))
