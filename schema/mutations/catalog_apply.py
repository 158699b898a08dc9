"""Applying a catalog's document."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.catalog_apply import CatalogApplied as Outcome
from resolvers.catalog_apply import CatalogApply
from resolvers.catalog_documents import LONGEST_DOCUMENT, apply_document
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.catalog_change import CatalogAppliedChange
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CatalogInvalid, CatalogMoved
from schema.texts import actor, idempotency_key, optional_text, text

DOCUMENT = (
    f"The catalog's document: YAML 1.2 or JSON of at most {LONGEST_DOCUMENT:,} characters, as docs/catalog.md says."
)
PRUNE = "Whether what the document does not list is archived; it stays as it is otherwise. Nobody loses anything."


@input_type
class CatalogApplyInput:
    """A catalog's document."""

    document: str = about(DOCUMENT)
    digest: str | None = about(
        "The digest of the plan that was looked at; unless it is still the plan, nothing is done.", default=UNSET
    )
    prune: bool = about(PRUNE, default=False)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CatalogApply:
        """Check every value."""
        return CatalogApply(
            document=text(self.document, "document", LONGEST_DOCUMENT),
            wanted=optional_text(self.digest, "digest"),
            prune=self.prune,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CatalogApplied:
    """The catalog is what the document says."""

    changes: list[CatalogAppliedChange] = about("What became of each thing that was not so already.")
    unchanged: int = about("How many things of the document were here already, just so.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CatalogApplied":
        """Show what was done."""
        return cls(
            changes=[CatalogAppliedChange.of(each) for each in outcome.changes],
            unchanged=outcome.unchanged,
            replayed=outcome.replayed,
        )


CatalogApplyAnswer: TypeAlias = Annotated[
    CatalogApplied | AnyAct | CatalogInvalid | CatalogMoved,
    strawberry.union(
        "CatalogApplyAnswer", description="What `catalogApply` answers: what was done, or how it was refused."
    ),
]


@part_type
class CatalogApplyMutation:
    """The act as a root field."""

    @mutation
    async def catalog_apply(self, info: Info, input: Annotated[CatalogApplyInput, INPUT]) -> CatalogApplyAnswer:
        """Publish what a document says, whole or not at all. Live subscriptions stay on their versions."""
        return await answer(CatalogApplyAnswer, CatalogApplied.of, perform(apply_document, info.context, input))
