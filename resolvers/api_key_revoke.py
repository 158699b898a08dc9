"""Stop an API key at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers.access import not_found
from resolvers.acts import act, owner_environment
from resolvers.api_key_create import read_key

if TYPE_CHECKING:
    from typing import Any

    from models.views import ApiKeyView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ApiKeyRevoke:
    """The key to stop."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ApiKeyRevoked:
    """The key, revoked."""

    key: ApiKeyView
    replayed: bool


async def revoke_key(ctx: Context, command: ApiKeyRevoke) -> ApiKeyRevoked:
    """Revoke a key; a second time is the same answer."""

    async def body(work: Work) -> dict[str, Any]:
        key = await work.keys.by_id(work.environment_id, command.id)
        if key is None:
            raise not_found("ApiKey", "id")
        if key.revoked_at is None:
            await work.keys.revoke(key.id, work.at)
            await work.record(ctx.env.id, Happening("api_key.revoked", key.id, {}, {}))
        return {"key_id": key.id}

    outcome, replayed = await act(ctx, "apiKeyRevoke", command, owner_environment(ctx), body)
    return ApiKeyRevoked(await read_key(ctx, outcome["key_id"]), replayed)
