"""Asking for the catalog as a document, and what applying one would do."""

from typing import Annotated, TypeAlias

import strawberry

from resolvers.catalog_documents import LONGEST_DOCUMENT, DocumentPlan, plan_document, pull_document
from schema.answers import answer, perform
from schema.info import Info
from schema.mutations.catalog_apply import DOCUMENT, PRUNE
from schema.objects.catalog_change import CatalogDocument, CatalogPlan
from schema.promise import about, field, input_type, part_type
from schema.refusals import AnyQuestion, CatalogInvalid
from schema.texts import text

PLANNED = strawberry.argument(description="What would be applied.")


@input_type
class CatalogPlanInput:
    """A catalog's document."""

    document: str = about(DOCUMENT)
    prune: bool = about(PRUNE, default=False)

    def to_command(self) -> DocumentPlan:
        """Check every value."""
        return DocumentPlan(document=text(self.document, "document", LONGEST_DOCUMENT), prune=self.prune)


CatalogPlanAnswer: TypeAlias = Annotated[
    CatalogPlan | AnyQuestion | CatalogInvalid,
    strawberry.union(
        "CatalogPlanAnswer", description="What `catalogPlan` answers: what would be done, or how it would be refused."
    ),
]


@part_type
class CatalogDocumentsQuery:
    """The catalog as a document."""

    @field
    async def catalog(
        self,
        info: Info,
        json: Annotated[bool, strawberry.argument(description="In JSON; in YAML unless said.")] = False,
    ) -> CatalogDocument:
        """The whole catalog written down, hidden and archived things too: keep it, compare it, apply it elsewhere."""
        return CatalogDocument.of(await pull_document(info.context, as_json=json))

    @field
    async def catalog_plan(self, info: Info, input: Annotated[CatalogPlanInput, PLANNED]) -> CatalogPlanAnswer:
        """What `catalogApply` would do with a document, field by field, and how many live subscriptions it concerns."""
        return await answer(CatalogPlanAnswer, CatalogPlan.of, perform(plan_document, info.context, input))
