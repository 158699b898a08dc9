"""Archiving a product."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from models.views import ProductView
from resolvers.catalog_archive import Archive, Archived, archive_product
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import identifier_or_key
from schema.objects.product import Product
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key


@input_type
class ProductArchiveInput:
    """The product to archive."""

    product_id: ID = about("The product's id or key.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> Archive:
        """Check every value."""
        return Archive(
            ref=identifier_or_key(self.product_id, "productId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ProductArchiveDone:
    """The product is off sale."""

    product: Product = about("The product.")
    live: int = about("How many live subscriptions have it; none of them is touched.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Archived[ProductView]) -> "ProductArchiveDone":
        """Show what was done."""
        return cls(product=Product.of(outcome.view), live=outcome.live, replayed=outcome.replayed)


ProductArchiveAnswer: TypeAlias = Annotated[
    ProductArchiveDone | AnyAct,
    strawberry.union(
        "ProductArchiveAnswer", description="What `productArchive` answers: what was done, or how it was refused."
    ),
]


@part_type
class ProductArchiveMutation:
    """The act as a root field."""

    @mutation
    async def product_archive(self, info: Info, input: Annotated[ProductArchiveInput, INPUT]) -> ProductArchiveAnswer:
        """Take a product off sale: none of its plans takes new subscriptions, and those that run go on. (K2)"""
        return await answer(ProductArchiveAnswer, ProductArchiveDone.of, perform(archive_product, info.context, input))
