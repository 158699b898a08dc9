"""The environment's catalog as it would be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.changes import changes, plan_digest, settled
from billing.dataclass import dataclass
from resolvers.access import demand
from resolvers.catalog_present import present

if TYPE_CHECKING:
    from billing.catalog.values import Catalog
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class CatalogPulled:
    """The catalog, and the digest with which applying just it, to just this environment, changes nothing."""

    catalog: Catalog
    digest: str


async def catalog_pull(ctx: Context) -> CatalogPulled:
    """Read the latest version of everything, archived things too."""
    demand(ctx, "catalog")
    async with ctx.read() as read:
        here = await present(read)
    catalog = here.written()
    after = settled(catalog)
    return CatalogPulled(catalog, plan_digest(here.catalog, after, changes(here.catalog, after)))
