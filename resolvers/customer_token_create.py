"""A short-lived token that lets a browser act for one customer. Its secret is shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import InvalidInput
from models.work import Happening
from resolvers import checks
from resolvers.access import CUSTOMER_SCOPES, not_found
from resolvers.acts import act, demand_unarchived, found_customer, instant_kept, instant_read, needed, owner_customer

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

LONGEST_MINUTES = 60
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,255}")


@dataclass(frozen=True, slots=True)
class CustomerTokenCreate:
    """For whom, bound to what: one subscription, scopes, one origin, minutes (default 15, at most 60)."""

    customer: CustomerRef
    subscription_id: str | None = None
    scopes: tuple[str, ...] | None = None
    origin: str | None = None
    minutes: int | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CustomerTokenCreated:
    """The token, or None in a replay: it is shown once."""

    token: str | None
    expires_at: datetime
    replayed: bool


async def create_token(ctx: Context, command: CustomerTokenCreate) -> CustomerTokenCreated:
    """Sign a customer token; it expires by the real clock, whatever a test clock says."""
    minutes = _minutes(ctx, command)
    scopes = _scopes(command)
    _demand_origin(command.origin)
    made: list[str] = []

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        if command.subscription_id is not None:
            held = await work.subscriptions.by_id(command.subscription_id)
            if held is None or held.customer_id != customer.id:
                raise not_found("Subscription", "subscriptionId")
        key = await work.keys.signing_key(work.environment_id)
        if key is None:
            raise LookupError(work.environment_id)
        expires_at = ctx.recorded_at + timedelta(minutes=minutes)
        token_id = work.ids.new("key")
        claims: dict[str, object] = {
            "iss": "plangate",
            "aud": work.environment_id,
            "sub": customer.id,
            "jti": token_id,
            "iat": ctx.recorded_at.timestamp(),
            "exp": int(expires_at.timestamp()),
            "scopes": list(scopes),
        }
        if command.subscription_id is not None:
            claims["sub_id"] = command.subscription_id
        if command.origin is not None:
            claims["origin"] = command.origin
        made.append(ctx.tokens.sign(key.private_encrypted, key.id, claims))
        await work.record(customer.id, Happening("customer.token_created", customer.id, {}, {"tokenId": token_id}))
        return {"expires_at": instant_kept(expires_at)}

    owner = owner_customer(ctx, command.customer)
    outcome, replayed = await act(ctx, "customerTokenCreate", command, owner, body)
    expires_at = needed(instant_read(outcome["expires_at"]))
    return CustomerTokenCreated(made[0] if made and not replayed else None, expires_at, replayed)


def _minutes(ctx: Context, command: CustomerTokenCreate) -> int:
    minutes = ctx.settings.token_minutes if command.minutes is None else command.minutes
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise InvalidInput(f"Give 1 to {LONGEST_MINUTES} minutes.", field="minutes")
    return minutes


def _scopes(command: CustomerTokenCreate) -> tuple[str, ...]:
    if command.scopes is None:
        return tuple(CUSTOMER_SCOPES)
    unknown = [scope for scope in command.scopes if scope not in CUSTOMER_SCOPES]
    if unknown or not command.scopes:
        raise InvalidInput(f"Choose among {', '.join(CUSTOMER_SCOPES)}.", field="scopes")
    return tuple(dict.fromkeys(command.scopes))


def _demand_origin(origin: str | None) -> None:
    if origin is not None and not _ORIGIN.fullmatch(checks.text(origin, "origin")):
        raise InvalidInput("Give an origin such as https://app.example.com, without a path.", field="origin")
