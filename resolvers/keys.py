"""Reading API keys; their secrets are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.access import demand

if TYPE_CHECKING:
    from models.views import ApiKeyView
    from resolvers.context import Context


async def api_keys(ctx: Context) -> list[ApiKeyView]:
    """List the environment's keys, oldest first, revoked ones too."""
    demand(ctx, "apiKeys")
    async with ctx.read() as read:
        return await read.keys.every(ctx.env.id)
