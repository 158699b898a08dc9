"""Letting a customer's browser ask."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.customer_token_create import CustomerTokenCreate, create_token
from resolvers.customer_token_create import CustomerTokenCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, CustomerArchived
from schema.texts import actor, each, idempotency_key, optional_identifier, optional_whole, text, url

MOST_SCOPES = 50
LONGEST_MINUTES = 60


@input_type
class CustomerTokenCreateInput:
    """A token for the customer's browser."""

    customer: CustomerRef = about("The customer.")
    subscription_id: ID | None = about("The only subscription that it may touch.", default=UNSET)
    scopes: list[str] | None = about("What it may do; everything that customers may unless said.", default=UNSET)
    origin: str | None = about(
        "The only web origin from which it is accepted, like `https://app.example.com`.", default=UNSET
    )
    minutes: int | None = about("How long it lives, 1 to 60 minutes; 15 unless said.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CustomerTokenCreate:
        """Check every value."""
        return CustomerTokenCreate(
            customer=self.customer.to_ref(),
            subscription_id=optional_identifier(self.subscription_id, "subscriptionId"),
            scopes=each(self.scopes, "scopes", text, MOST_SCOPES),
            origin=url(self.origin, "origin"),
            minutes=optional_whole(self.minutes, "minutes", 1, LONGEST_MINUTES),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CustomerTokenCreated:
    """The token is there."""

    token: str | None = about("The token, shown once: null when replayed.")
    secret_shown: bool = about("Whether the token was shown before.")
    expires_at: datetime = about("Until when it is accepted.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CustomerTokenCreated":
        """Show what was done."""
        return cls(
            token=outcome.token,
            secret_shown=outcome.token is None,
            expires_at=outcome.expires_at,
            replayed=outcome.replayed,
        )


CustomerTokenCreateAnswer: TypeAlias = Annotated[
    CustomerTokenCreated | AnyAct | CustomerArchived,
    strawberry.union(
        "CustomerTokenCreateAnswer",
        description="What `customerTokenCreate` answers: what was done, or how it was refused.",
    ),
]


@part_type
class CustomerTokenCreateMutation:
    """The act as a root field."""

    @mutation
    async def customer_token_create(
        self, info: Info, input: Annotated[CustomerTokenCreateInput, INPUT]
    ) -> CustomerTokenCreateAnswer:
        """Make a short-lived token with which a browser asks for one customer."""
        return await answer(
            CustomerTokenCreateAnswer, CustomerTokenCreated.of, perform(create_token, info.context, input)
        )
