"""A secret or publishable key; its secret is shown once and kept as a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import InvalidInput, ScopeMissing
from models.choices import KeyKind
from models.tables.environment import ApiKeyRow
from models.work import Happening
from resolvers import checks
from resolvers.access import ALL, SCOPES, demand
from resolvers.acts import act, owner_environment

if TYPE_CHECKING:
    from typing import Any

    from models.views import ApiKeyView
    from models.work import Work
    from resolvers.context import Context

SHOWN = 4
"""How many characters of a key stay visible."""


@dataclass(frozen=True, slots=True)
class ApiKeyCreate:
    """What sort of key, its name, and what it may do: everything unless said, and never more than its maker may.

    A publishable key reads the public catalog and nothing else.
    """

    kind: KeyKind
    name: str
    scopes: tuple[str, ...] | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ApiKeyCreated:
    """The key, and its secret or None in a replay: it is shown once."""

    key: ApiKeyView
    secret: str | None
    replayed: bool


async def create_key(ctx: Context, command: ApiKeyCreate) -> ApiKeyCreated:
    """Make a key."""
    scopes = _scopes(ctx, command)
    name = checks.text(command.name, "name")
    made: list[str] = []

    async def body(work: Work) -> dict[str, Any]:
        kind = "sk" if command.kind is KeyKind.SECRET else "pk"
        secret = ctx.secrets.new(f"{kind}_{ctx.env.kind.value.lower()}")
        key = ApiKeyRow(
            id=work.ids.new("key"),
            environment_id=work.environment_id,
            kind=command.kind,
            name=name,
            digest=ctx.secrets.digest(secret),
            hint=secret[-SHOWN:],
            scopes=list(scopes),
            created_at=work.at,
        )
        await work.keys.add(key)
        told = {"kind": key.kind.value, "name": name, "scopes": list(scopes)}
        await work.record(ctx.env.id, Happening("api_key.created", key.id, {}, told))
        made.append(secret)
        return {"key_id": key.id}

    outcome, replayed = await act(ctx, "apiKeyCreate", command, owner_environment(ctx), body)
    return ApiKeyCreated(
        await read_key(ctx, outcome["key_id"]),
        made[0] if made and not replayed else None,
        replayed,
    )


async def read_key(ctx: Context, key_id: str) -> ApiKeyView:
    """Read a key of an outcome as it is now."""
    async with ctx.read() as read:
        key = await read.keys.by_id(ctx.env.id, key_id)
    if key is None:
        raise LookupError(key_id)
    return key


def _scopes(ctx: Context, command: ApiKeyCreate) -> tuple[str, ...]:
    if command.kind is KeyKind.PUBLISHABLE:
        if command.scopes:
            raise InvalidInput("A publishable key has no scopes: it reads the public catalog.", field="scopes")
        return ()
    scopes = (ALL,) if command.scopes is None else tuple(dict.fromkeys(command.scopes))
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise InvalidInput(f"Choose scopes among {', '.join(SCOPES)}.", field="scopes")
    demand(ctx, "apiKeyCreate")
    held = ctx.principal.scopes
    for scope in scopes:
        if ALL not in held and scope not in held:
            raise ScopeMissing(f"This key lacks {scope} and cannot pass it on.", field="scopes", scope=scope)
    return scopes
