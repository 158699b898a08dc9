"""Taking a grant back."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from resolvers.grant_revoke import GrantRevoke, revoke_grant
from resolvers.grant_revoke import GrantRevoked as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.grant import Grant
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, idempotency_key, identifier


@input_type
class GrantRevokeInput:
    """The grant to take back."""

    id: ID = about("The grant.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> GrantRevoke:
        """Check every value."""
        return GrantRevoke(
            id=identifier(self.id, "id"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class GrantRevoked:
    """The grant is taken back."""

    grant: Grant = about("The grant.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "GrantRevoked":
        """Show what was done."""
        return cls(
            grant=Grant.of(outcome.grant),
            replayed=outcome.replayed,
        )


GrantRevokeAnswer: TypeAlias = Annotated[
    GrantRevoked | AnyAct,
    strawberry.union(
        "GrantRevokeAnswer", description="What `grantRevoke` answers: what was done, or how it was refused."
    ),
]


@part_type
class GrantRevokeMutation:
    """The act as a root field."""

    @mutation
    async def grant_revoke(self, info: Info, input: Annotated[GrantRevokeInput, INPUT]) -> GrantRevokeAnswer:
        """Take a grant back: what is left of it is gone from now on."""
        return await answer(GrantRevokeAnswer, GrantRevoked.of, perform(revoke_grant, info.context, input))
