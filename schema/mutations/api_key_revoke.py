"""Refusing a key from now on."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.api_key_revoke import ApiKeyRevoke, revoke_key
from resolvers.api_key_revoke import ApiKeyRevoked as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.api_key import ApiKey
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class ApiKeyRevokeInput:
    """The key to refuse."""

    id: ID = about("The key.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ApiKeyRevoke:
        """Check every value."""
        return ApiKeyRevoke(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ApiKeyRevoked:
    """The key is refused."""

    key: ApiKey = about("The key.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "ApiKeyRevoked":
        """Show what was done."""
        return cls(
            key=ApiKey.of(outcome.key),
            replayed=outcome.replayed,
        )


ApiKeyRevokeAnswer: TypeAlias = Annotated[
    ApiKeyRevoked | AnyAct,
    strawberry.union(
        "ApiKeyRevokeAnswer", description="What `apiKeyRevoke` answers: what was done, or how it was refused."
    ),
]


@part_type
class ApiKeyRevokeMutation:
    """The act as a root field."""

    @mutation
    async def api_key_revoke(self, info: Info, input: Annotated[ApiKeyRevokeInput, INPUT]) -> ApiKeyRevokeAnswer:
        """Refuse a key from now on."""
        return await answer(ApiKeyRevokeAnswer, ApiKeyRevoked.of, perform(revoke_key, info.context, input))
