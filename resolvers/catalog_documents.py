"""Catalogs as documents, for whoever keeps one beside their code: plan, apply and pull over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from resolvers.access import demand
from resolvers.acts import open_to
from resolvers.catalog_apply import catalog_apply
from resolvers.catalog_plan import catalog_plan
from resolvers.catalog_pull import catalog_pull

if TYPE_CHECKING:
    from resolvers.catalog_apply import CatalogApplied, CatalogApply
    from resolvers.catalog_plan import CatalogPlanned
    from resolvers.context import Context

LONGEST_DOCUMENT = 100_000
"""Characters of a document that a call may carry; the command line reads larger files."""


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """What to compare with what there is; `prune` archives what the document does not list."""

    document: str
    prune: bool = False


@dataclass(frozen=True, slots=True)
class CatalogDocument:
    """The environment's catalog as a text, and the digest with which applying just it changes nothing."""

    document: str
    digest: str


async def plan_document(ctx: Context, command: DocumentPlan) -> CatalogPlanned:
    """Say what applying a document would do."""
    demand(ctx, "catalogPlan")
    catalog = await ctx.documents.read(command.document)
    return await catalog_plan(ctx, catalog, prune=command.prune)


async def apply_document(ctx: Context, command: CatalogApply) -> CatalogApplied:
    """Apply a document, or refuse it whole."""
    open_to(ctx, "catalogApply", command)
    catalog = await ctx.documents.read(command.document)
    return await catalog_apply(ctx, catalog, command)


async def pull_document(ctx: Context, *, as_json: bool = False) -> CatalogDocument:
    """Write the environment's catalog down."""
    pulled = await catalog_pull(ctx)
    return CatalogDocument(ctx.documents.write(pulled.catalog, as_json=as_json), pulled.digest)
