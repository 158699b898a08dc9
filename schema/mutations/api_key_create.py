"""Making a key."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from models.choices import KeyKind
from resolvers.api_key_create import ApiKeyCreate, create_key
from resolvers.api_key_create import ApiKeyCreated as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.objects.api_key import ApiKey
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import actor, each, idempotency_key, text

MOST_SCOPES = 50


@input_type
class ApiKeyCreateInput:
    """A new key of the environment."""

    kind: KeyKind = about("Who will hold it.")
    name: str = about("What the merchant calls it.")
    scopes: list[str] | None = about("What it may do; everything that its kind may unless said.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> ApiKeyCreate:
        """Check every value."""
        return ApiKeyCreate(
            kind=self.kind,
            name=text(self.name, "name"),
            scopes=each(self.scopes, "scopes", text, MOST_SCOPES),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class ApiKeyCreated:
    """The key is there."""

    key: ApiKey = about("The key.")
    secret: str | None = about("The secret, shown once: null when replayed.")
    secret_shown: bool = about("Whether the secret was shown before.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "ApiKeyCreated":
        """Show what was done."""
        return cls(
            key=ApiKey.of(outcome.key),
            secret=outcome.secret,
            secret_shown=outcome.secret is None,
            replayed=outcome.replayed,
        )


ApiKeyCreateAnswer: TypeAlias = Annotated[
    ApiKeyCreated | AnyAct,
    strawberry.union(
        "ApiKeyCreateAnswer", description="What `apiKeyCreate` answers: what was done, or how it was refused."
    ),
]


@part_type
class ApiKeyCreateMutation:
    """The act as a root field."""

    @mutation
    async def api_key_create(self, info: Info, input: Annotated[ApiKeyCreateInput, INPUT]) -> ApiKeyCreateAnswer:
        """Make a key. Its secret is shown once."""
        return await answer(ApiKeyCreateAnswer, ApiKeyCreated.of, perform(create_key, info.context, input))
