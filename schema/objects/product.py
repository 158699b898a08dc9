"""What is sold."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from models.views import ProductView
from resolvers import catalog
from schema.info import Info
from schema.promise import field, object_type, shown
from schema.relay import NAMED, Node, show, shows, sure

if TYPE_CHECKING:
    from schema.objects.plan import Plan


@shows(ProductView)
@object_type
class Product(Node):
    """What is sold: a customer has one subscription of it, or several that each name a resource."""

    view: strawberry.Private[ProductView]
    id: ID = shown(NAMED, "id")
    key: str = shown("The merchant's own name for it, unique in the environment.", "key")
    name: str = shown("What people call it.", "name")
    description: str | None = shown("What it is.", lambda view: view.description or None)
    archived_at: datetime | None = shown("Since when it is no longer sold.", "archived_at")

    @classmethod
    def of(cls, view: ProductView) -> "Product":
        """Show a product."""
        return cls(view=view)

    @field
    async def default_plan(self, info: Info) -> Annotated["Plan", strawberry.lazy("schema.objects.plan")] | None:
        """The plan that a customer of it has without choosing, where one is named."""
        wanted = self.view.default_plan_id
        return show(sure(await info.context.loaders.plan.load(wanted))) if wanted else None

    @field
    async def after_cancellation(self, info: Info) -> Annotated["Plan", strawberry.lazy("schema.objects.plan")] | None:
        """The plan on which whoever cancels goes on at once when the end comes; null where access is revoked. (S7)"""
        wanted = self.view.after_plan_id
        return show(sure(await info.context.loaders.plan.load(wanted))) if wanted else None

    @field
    async def plans(self, info: Info) -> list[Annotated["Plan", strawberry.lazy("schema.objects.plan")]]:
        """Its plans in the order of the picker: published, not hidden, without add-ons."""
        return [show(view) for view in await catalog.plans_of(info.context, self.view.id)]
