"""Taking an item back before it is invoiced."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.invoice_item_delete import InvoiceItemDelete, delete_item
from resolvers.invoice_item_delete import InvoiceItemDeleted as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.invoice_refusals import InvoiceItemBilled
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class InvoiceItemDeleteInput:
    """The item to take back."""

    id: ID = about("The item.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> InvoiceItemDelete:
        """Check every value."""
        return InvoiceItemDelete(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class InvoiceItemDeleted:
    """The item is gone; no invoice will have it."""

    id: ID = about("The id that it had.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "InvoiceItemDeleted":
        """Show what was done."""
        return cls(id=ID(outcome.id), replayed=outcome.replayed)


InvoiceItemDeleteAnswer: TypeAlias = Annotated[
    InvoiceItemDeleted | AnyAct | InvoiceItemBilled,
    strawberry.union(
        "InvoiceItemDeleteAnswer", description="What `invoiceItemDelete` answers: what was done, or how it was refused."
    ),
]


@part_type
class InvoiceItemDeleteMutation:
    """The act as a root field."""

    @mutation
    async def invoice_item_delete(
        self, info: Info, input: Annotated[InvoiceItemDeleteInput, INPUT]
    ) -> InvoiceItemDeleteAnswer:
        """Delete an item while it waits; what stands on an invoice, a draft too, is given back by a credit note."""
        return await answer(InvoiceItemDeleteAnswer, InvoiceItemDeleted.of, perform(delete_item, info.context, input))
