"""Refusing tokens from now on."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.customer_token_revoke import CustomerTokenRevoke, revoke_tokens
from resolvers.customer_token_revoke import CustomerTokensRevoked as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, optional_identifier


@input_type
class CustomerTokenRevokeInput:
    """Whose tokens, and which."""

    customer: CustomerRef = about("Whose tokens.")
    token_id: str | None = about(
        "The id (`jti`) of the only token that is meant; all so far unless said.", default=UNSET
    )
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CustomerTokenRevoke:
        """Check every value."""
        return CustomerTokenRevoke(
            customer=self.customer.to_ref(),
            token_id=optional_identifier(self.token_id, "tokenId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CustomerTokensRevoked:
    """The tokens are refused."""

    revoked_at: datetime = about("Since when.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CustomerTokensRevoked":
        """Show what was done."""
        return cls(
            revoked_at=outcome.revoked_at,
            replayed=outcome.replayed,
        )


CustomerTokenRevokeAnswer: TypeAlias = Annotated[
    CustomerTokensRevoked | AnyAct,
    strawberry.union(
        "CustomerTokenRevokeAnswer",
        description="What `customerTokenRevoke` answers: what was done, or how it was refused.",
    ),
]


@part_type
class CustomerTokenRevokeMutation:
    """The act as a root field."""

    @mutation
    async def customer_token_revoke(
        self, info: Info, input: Annotated[CustomerTokenRevokeInput, INPUT]
    ) -> CustomerTokenRevokeAnswer:
        """Refuse a token, or all tokens that a customer has so far."""
        return await answer(
            CustomerTokenRevokeAnswer, CustomerTokensRevoked.of, perform(revoke_tokens, info.context, input)
        )
