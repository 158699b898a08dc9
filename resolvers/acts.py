"""The shape that every mutation shares: who may, the owner's sequence, the key, what is due, the act, the memory.

An act's outcome is ids, numbers and instants as JSON; the answer is read from it, so that a replay answers alike.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast
from unicodedata import category

import orjson

from billing.calendar import Interval
from billing.lifecycle import Channel
from billing.refusals import (
    ActorRequired,
    CurrencyMismatch,
    CustomerArchived,
    IdempotencyConflict,
    InvalidInput,
    Refusal,
)
from models.stores.journal import KeyTaken, KeyUsed
from models.unavailable import overtaken
from resolvers import checks
from resolvers.access import demand, merchant_argument, not_found, own_customer, own_subscription
from resolvers.due import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from models.reader import Reader
    from models.stores.giving import Holding
    from models.stores.journal import Outcome
    from models.views import CustomerView, FeatureView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

LONGEST_KEY = 255
MOST_UNITS = 4
"""So often acts are carried out that lose their keys to other programs, before they are refused."""
Ended = TypeVar("Ended")
Parts: TypeAlias = "tuple[Sequence[str], Callable[[Any], Sequence[Any]]]"
_PARTS: dict[type[Any], Parts | None] = {}


class Command(Protocol):
    """What every command carries beside its own arguments."""

    @property
    def idempotency_key(self) -> str | None:
        """The caller's key for this act."""
        ...

    @property
    def actor(self) -> str:
        """The human behind a merchant's call."""
        ...


class Replay(Exception):  # noqa: N818  (an outcome that leaves a unit of work by rolling it back)
    """The key was used before with the same input: this was the outcome."""

    def __init__(self, outcome: dict[str, Any]) -> None:
        """Carry the outcome out."""
        super().__init__()
        self.outcome = outcome


async def act(
    ctx: Context,
    mutation: str,
    command: Command,
    owner: Callable[[Work], Awaitable[str]],
    body: Callable[[Work], Awaitable[dict[str, Any]]],
) -> tuple[dict[str, Any], bool]:
    """Carry an act out once, and answer its outcome with whether it is a replay.

    `owner` names the customer or environment whose sequence orders the act; it is bumped before anything is decided.
    """
    open_to(ctx, mutation, command)
    async with ctx.database.in_flight((ctx.env.id, mutation, ctx.principal.name, command.idempotency_key)):
        try:
            return await again_where_taken(lambda: _once(ctx, mutation, command, owner, body)), False
        except Replay as replay:
            return replay.outcome, True


async def _once(
    ctx: Context,
    mutation: str,
    command: Command,
    owner: Callable[[Work], Awaitable[str]],
    body: Callable[[Work], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    async def unit(work: Work) -> dict[str, Any]:
        owner_id = await _owner(ctx, work, mutation, command, owner)
        asked = fingerprint(command, owner_id if owner_id != ctx.env.id else None)
        await begin(ctx, work, mutation, command, owner_id, asked)
        outcome = await body(work)
        await remember(ctx, work, mutation, command, asked, outcome)
        return outcome

    return await ctx.worked(unit, command.actor)


async def again_where_taken(unit: Callable[[], Awaitable[Ended]]) -> Ended:
    """Carry a unit of work out; again where another program took one of its keys meanwhile: then the key is known.

    So only the call with that key is told of it. After `MOST_UNITS` it is refused as TemporarilyUnavailable.
    """
    for _ in range(MOST_UNITS):
        with suppress(KeyTaken):
            return await unit()
    raise overtaken()


def open_to(ctx: Context, mutation: str, command: Command) -> None:
    """Refuse who may not, and a call without its human where the environment wants one."""
    demand(ctx, mutation)
    key = command.idempotency_key
    if key is not None:
        demand_key(key)
    if command.actor:
        merchant_argument(ctx, "actor", given=True)
        checks.text(command.actor, "actor")
    named = bool(command.actor) or ctx.channel is Channel.CLI
    if ctx.env.require_actor and ctx.principal.merchant and not named:
        raise ActorRequired("This environment wants the human behind the call: pass `actor`.", field="actor")


def demand_key(key: str) -> None:
    """Refuse an idempotency key that is empty, too long, or no plain text on one line."""
    text = checks.text(key, "idempotencyKey", LONGEST_KEY)
    if not text.isprintable() and any(category(character) == "Cc" for character in text):
        raise InvalidInput("Leave control characters out.", field="idempotencyKey")


async def begin(ctx: Context, work: Work, mutation: str, command: Command, owner_id: str, asked: str) -> None:
    """Take the owner's sequence, look the key up, and make permanent what is due for the owner."""
    if not await work.bump(owner_id):
        raise not_found("Customer", None)
    outcome = await _known_outcome(ctx, work, mutation, command, asked)
    if outcome is not None:
        raise Replay(outcome)
    if owner_id != ctx.env.id:
        await settle(work, owner_id)


async def _owner(
    ctx: Context,
    work: Work,
    mutation: str,
    command: Command,
    owner: Callable[[Work], Awaitable[str]],
) -> str:
    """Name the sequence; where nobody is found, a key that was used for somebody else is the better answer.

    So is what was answered to the key before, where the act itself took away what it was about.
    """
    try:
        return await owner(work)
    except Refusal:
        outcome = await _known_outcome(ctx, work, mutation, command, fingerprint(command))
        if outcome is not None:
            raise Replay(outcome) from None
        raise


async def _known_outcome(
    ctx: Context, work: Work, mutation: str, command: Command, asked: str
) -> dict[str, Any] | None:
    """Find what was answered to the key; refuse a key that was used with another input."""
    if command.idempotency_key is None:
        return None
    key = KeyUsed(mutation, ctx.principal.name, command.idempotency_key)
    known = (await work.journal.remembered({key})).get(key)
    return outcome_of(known, asked) if known is not None else None


def outcome_of(known: Outcome | None, asked: str) -> dict[str, Any] | None:
    """Take the outcome of a key, where there is one; `asked` is the fingerprint of what it is used for now."""
    if known is not None and known.fingerprint != asked:
        raise IdempotencyConflict(
            "This key was used before with another input: use a new key for a new act.",
            field="idempotencyKey",
        )
    return known.outcome if known is not None else None


async def remember(
    ctx: Context, work: Work, mutation: str, command: Command, asked: str, outcome: dict[str, Any]
) -> None:
    """Keep the outcome under the caller's key, in the same transaction."""
    if command.idempotency_key is None:
        return
    key = KeyUsed(mutation, ctx.principal.name, command.idempotency_key)
    await work.journal.remember([idempotency_row(ctx, key, asked, outcome)])


def idempotency_row(ctx: Context, key: KeyUsed, asked: str, outcome: dict[str, Any]) -> dict[str, object]:
    """Write what was asked under a key, and the outcome, as a row."""
    return {
        "environment_id": ctx.env.id,
        "mutation": key.mutation,
        "principal": key.principal,
        "key": key.key,
        "fingerprint": asked,
        "outcome": outcome,
        "created_at": ctx.recorded_at,
        "expires_at": ctx.recorded_at + timedelta(days=ctx.env.idempotency_days),
    }


def fingerprint(command: object, customer_id: str | None = None) -> str:
    """Digest what was asked, without the key itself; a customer that was found is the same however it is named."""
    plain = _plain(command, customer_id)
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def found_customer(ctx: Context, read: Reader, ref: CustomerRef, field: str = "customer") -> CustomerView:
    """Find the customer that is meant, among those that the credential may see."""
    view = await customer_or_none(ctx, read, ref)
    if view is None:
        raise not_found("Customer", field)
    return view


async def customer_or_none(ctx: Context, read: Reader, ref: CustomerRef) -> CustomerView | None:
    """Find the customer that is meant, or nothing."""
    view = None
    if ref.id:
        view = await read.customers.by_id(ref.id)
    elif ref.external_id:
        view = await read.customers.by_external_id(ref.external_id)
    return view if view is not None and own_customer(ctx, view.id) else None


async def found_subscription(ctx: Context, read: Reader, subscription_id: str) -> SubscriptionView:
    """Find a subscription among those that the credential may see."""
    view = await read.subscriptions.by_id(subscription_id)
    if view is None or not own_subscription(ctx, view.customer_id, view.id):
        raise not_found("Subscription", "subscriptionId")
    return view


async def found_feature(read: Reader, ref: str) -> FeatureView:
    """Find a feature by id or key."""
    view = await read.catalog.feature(ref)
    if view is None:
        raise not_found("Feature", "feature")
    return view


def demand_currency(customer: CustomerView, currency: str | None, field: str = "currency") -> None:
    """Refuse another currency than that of the customer's first invoice."""
    if currency is not None and customer.currency not in (None, currency):
        raise CurrencyMismatch(
            f"The customer is billed in {customer.currency} since their first invoice; nothing is converted.",
            field=field,
            currency=customer.currency or "",
        )


def demand_unarchived(customer: Holding) -> None:
    """Refuse an archived customer."""
    if customer.archived_at is not None:
        raise CustomerArchived("The customer is archived.", field="customer")


def owner_customer(ctx: Context, ref: CustomerRef) -> Callable[[Work], Awaitable[str]]:
    """Name a customer's sequence by reference."""

    async def find(work: Work) -> str:
        return (await found_customer(ctx, work, ref)).id

    return find


def owner_of_subscription(ctx: Context, subscription_id: str) -> Callable[[Work], Awaitable[str]]:
    """Name the sequence of a subscription's customer."""

    async def find(work: Work) -> str:
        return (await found_subscription(ctx, work, subscription_id)).customer_id

    return find


def owner_environment(ctx: Context) -> Callable[[Work], Awaitable[str]]:
    """Name the environment's own sequence."""

    async def find(_work: Work) -> str:
        return ctx.env.id

    return find


def instant_kept(instant: datetime | None) -> str | None:
    """Write an instant into an outcome."""
    return None if instant is None else instant.isoformat()


def instant_read(kept: str | None) -> datetime | None:
    """Read an instant from an outcome."""
    return None if kept is None else datetime.fromisoformat(kept)


def needed(instant: datetime | None) -> datetime:
    """Take an instant that an outcome always has."""
    if instant is None:
        raise InvalidInput("The outcome has no instant.")
    return instant


def _parts(of: type[Any]) -> Parts | None:
    """What of a dataclass counts, and how it is got, several at once; None of any other type."""
    if of not in _PARTS:
        named = [each.name for each in fields(of) if each.name != "idempotency_key"] if is_dataclass(of) else []
        _PARTS[of] = (named, attrgetter(*named)) if len(named) > 1 else None
        if len(named) == 1:
            _PARTS[of] = named, lambda value: (getattr(value, named[0]),)
    return _PARTS[of]


def _plain(value: Any, customer_id: str | None = None) -> Any:  # noqa: ANN401, PLR0911  (a command is made of anything)
    """Write a value as JSON takes it; a `customer` who was found stands as that id."""
    of = type(cast("object", value))
    if value is None or of is str:
        return value
    if isinstance(value, Interval):
        return [value.unit.value, value.count]
    if (parts := _parts(of)) is not None:
        given = dict(zip(parts[0], parts[1](value), strict=True))
        if customer_id is not None and given.get("customer") is not None:
            given["customer"] = customer_id
        return {name: each if each is None or type(each) is str else _plain(each) for name, each in given.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in cast("dict[object, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, (set, frozenset)):
        return sorted(str(each) for each in cast("set[object]", value))
    return value
