"""Making a customer known."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from models.choices import CustomerKind
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.customer_upsert import CustomerUpserted as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.mutations.subscription_create import FirstSubscriptionInput
from schema.objects.customer import Customer
from schema.objects.subscription import Subscription
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CreateRefusal
from schema.scalars import Metadata
from schema.texts import (
    LONGEST_ID,
    actor,
    given,
    idempotency_key,
    metadata,
    optional_identifier,
    optional_text,
    short_enough,
    text,
)

MOST_TAX_IDS = 10


@input_type
class AddressInput:
    """A postal address; it replaces the one before as a whole."""

    line1: str | None = about("Street and number.", default=UNSET)
    line2: str | None = about("Whatever else leads there.", default=UNSET)
    postal_code: str | None = about("The postal code.", default=UNSET)
    city: str | None = about("The city.", default=UNSET)
    region: str | None = about("The state, province or county.", default=UNSET)

    def to_kept(self) -> dict[str, str]:
        """Check every line; what is left out is not kept."""
        lines = {
            "line1": optional_text(self.line1, "address.line1"),
            "line2": optional_text(self.line2, "address.line2"),
            "postalCode": optional_text(self.postal_code, "address.postalCode", LONGEST_ID),
            "city": optional_text(self.city, "address.city"),
            "region": optional_text(self.region, "address.region"),
        }
        return {name: line for name, line in lines.items() if line is not None}


@input_type
class TaxIdInput:
    """A number by which a tax office knows the customer."""

    type: str = about("What sort of number it is, like `eu_vat`.")
    value: str = about("The number.")

    def to_kept(self) -> dict[str, str]:
        """Check both."""
        return {
            "type": text(self.type, "taxIds.type", LONGEST_ID),
            "value": text(self.value, "taxIds.value", LONGEST_ID),
        }


@input_type
class CustomerUpsertInput:
    """A customer. What is left out stays as it is; null takes it away."""

    id: ID | None = about("The id of a known customer.", default=UNSET)
    external_id: str | None = about("The host's own id: finds the customer, or makes them known by it.", default=UNSET)
    name: str | None = about("The name.", default=UNSET)
    email: str | None = about("The e-mail address.", default=UNSET)
    kind: CustomerKind | None = about("Which law speaks for them.", default=UNSET)
    locale: str | None = about("The language of texts, like `de` or `pt-BR`.", default=UNSET)
    zone: str | None = about("The zone of their calendar, like `Europe/Berlin`.", default=UNSET)
    country: str | None = about("The ISO 3166 code of the billing country.", default=UNSET)
    address: AddressInput | None = about("The billing address.", default=UNSET)
    tax_ids: list[TaxIdInput] | None = about("All tax numbers.", default=UNSET)
    metadata: Metadata | None = about("The merchant's own notes, as a whole.", default=UNSET)
    subscription: FirstSubscriptionInput | None = about(
        "A subscription to be made with it: both are done or neither.", default=UNSET
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CustomerUpsert:
        """Check every value, and tell what is null from what is left out."""
        address, tax_ids, subscription = given(self.address), given(self.tax_ids), given(self.subscription)
        short_enough(tax_ids or (), "taxIds", MOST_TAX_IDS)
        return CustomerUpsert(
            external_id=optional_text(self.external_id, "externalId"),
            id=optional_identifier(self.id, "id"),
            name=optional_text(self.name, "name"),
            email=optional_text(self.email, "email"),
            kind=given(self.kind),
            locale=optional_text(self.locale, "locale", LONGEST_ID),
            zone=optional_text(self.zone, "zone", LONGEST_ID),
            country=optional_text(self.country, "country", 2),
            address=address.to_kept() if address is not None else None,
            tax_ids=[one.to_kept() for one in tax_ids] if tax_ids is not None else None,
            metadata=metadata(self.metadata),
            unset=frozenset(name for name in CLEARED if getattr(self, name) is None),
            subscription=subscription.to_command() if subscription is not None else None,
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


CLEARED = ("name", "email", "kind", "locale", "zone", "country", "address", "tax_ids", "metadata")
"""What null takes away."""


@object_type
class CustomerUpserted:
    """The customer is known."""

    customer: Customer = about("The customer.")
    created: bool = about("Whether they were not known before.")
    subscription: Subscription | None = about("The subscription that was made with it.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CustomerUpserted":
        """Show what was done."""
        return cls(
            customer=Customer.of(outcome.customer),
            created=outcome.created,
            subscription=Subscription.of(outcome.subscription) if outcome.subscription else None,
            replayed=outcome.replayed,
        )


CustomerUpsertAnswer: TypeAlias = Annotated[
    CustomerUpserted | AnyAct | CreateRefusal,
    strawberry.union(
        "CustomerUpsertAnswer", description="What `customerUpsert` answers: what was done, or how it was refused."
    ),
]


@part_type
class CustomerUpsertMutation:
    """The act as a root field."""

    @mutation
    async def customer_upsert(self, info: Info, input: Annotated[CustomerUpsertInput, INPUT]) -> CustomerUpsertAnswer:
        """Make a customer known or change what is known, with a first subscription if wanted."""
        return await answer(CustomerUpsertAnswer, CustomerUpserted.of, perform(upsert, info.context, input))
