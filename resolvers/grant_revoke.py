"""End a grant now; what was used of it stays used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers.access import not_found
from resolvers.acts import act
from resolvers.grant_create import read_grant

if TYPE_CHECKING:
    from typing import Any

    from models.reader import Reader
    from models.views import GrantView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class GrantRevoke:
    """The grant to end."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class GrantRevoked:
    """The grant as it is now."""

    grant: GrantView
    replayed: bool


async def revoke_grant(ctx: Context, command: GrantRevoke) -> GrantRevoked:
    """Revoke a grant; a second time, or after it expired, changes nothing."""

    async def owner(work: Work) -> str:
        return (await _found(work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        grant = await _found(work, command.id)
        ended = grant.revoked_at is not None or (grant.expires_at is not None and grant.expires_at <= work.at)
        if not ended:
            await work.entitlements.revoke_grant(grant.id, work.at)
            await work.record(grant.customer_id, Happening("grant.revoked", grant.id, {}, {}))
        return {"grant_id": grant.id}

    outcome, replayed = await act(ctx, "grantRevoke", command, owner, body)
    return GrantRevoked(await read_grant(ctx, outcome["grant_id"]), replayed)


async def _found(read: Reader, grant_id: str) -> GrantView:
    grant = await read.entitlements.grant(grant_id)
    if grant is None:
        raise not_found("Grant", "id")
    return grant
