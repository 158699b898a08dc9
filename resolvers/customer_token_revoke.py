"""Stop every token that a customer has so far."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.tables.environment import RevokedTokenRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, found_customer, instant_kept, instant_read, needed, owner_customer
from resolvers.customer_token_create import LONGEST_MINUTES

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class CustomerTokenRevoke:
    """Whose tokens: all so far, or the one with this id (`jti`)."""

    customer: CustomerRef
    token_id: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CustomerTokensRevoked:
    """From when on tokens issued earlier are refused."""

    revoked_at: datetime
    replayed: bool


async def revoke_tokens(ctx: Context, command: CustomerTokenRevoke) -> CustomerTokensRevoked:
    """Revoke a customer's tokens by the real clock."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        if command.token_id is None:
            await work.customers.update(customer.id, {"tokens_not_before": ctx.recorded_at})
        else:
            await work.keys.revoke_token(
                RevokedTokenRow(
                    jti=checks.text(command.token_id, "tokenId", 64),
                    environment_id=work.environment_id,
                    expires_at=ctx.recorded_at + timedelta(minutes=LONGEST_MINUTES),
                ),
            )
        told = {"tokenId": command.token_id}
        await work.record(customer.id, Happening("customer.tokens_revoked", customer.id, {}, told))
        return {"revoked_at": instant_kept(ctx.recorded_at)}

    owner = owner_customer(ctx, command.customer)
    outcome, replayed = await act(ctx, "customerTokenRevoke", command, owner, body)
    return CustomerTokensRevoked(needed(instant_read(outcome["revoked_at"])), replayed)
