"""Archiving a customer."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.customer_archive import CustomerArchive, archive
from resolvers.customer_archive import CustomerArchiveDone as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.customer import Customer
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CustomerHasLiveSubscriptions
from schema.texts import actor, idempotency_key


@input_type
class CustomerArchiveInput:
    """The customer to archive."""

    customer: CustomerRef = about("The customer.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CustomerArchive:
        """Check every value."""
        return CustomerArchive(
            customer=self.customer.to_ref(),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CustomerArchiveDone:
    """The customer is archived."""

    customer: Customer = about("The customer.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CustomerArchiveDone":
        """Show what was done."""
        return cls(
            customer=Customer.of(outcome.customer),
            replayed=outcome.replayed,
        )


CustomerArchiveAnswer: TypeAlias = Annotated[
    CustomerArchiveDone | AnyAct | CustomerHasLiveSubscriptions,
    strawberry.union(
        "CustomerArchiveAnswer", description="What `customerArchive` answers: what was done, or how it was refused."
    ),
]


@part_type
class CustomerArchiveMutation:
    """The act as a root field."""

    @mutation
    async def customer_archive(
        self, info: Info, input: Annotated[CustomerArchiveInput, INPUT]
    ) -> CustomerArchiveAnswer:
        """Archive a customer without live subscriptions: they take no new subscriptions, usage or sessions."""
        return await answer(CustomerArchiveAnswer, CustomerArchiveDone.of, perform(archive, info.context, input))
