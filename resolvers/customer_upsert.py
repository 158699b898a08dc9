"""Create or change a customer, with its first subscription in the same transaction if asked."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import AlreadyExists, InvalidInput
from models.choices import CustomerKind
from models.tables.customer import CustomerRow
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, customer_or_none, demand_unarchived
from resolvers.inputs import CustomerRef
from resolvers.subscription_create import begin_subscription

if TYPE_CHECKING:
    from typing import Any

    from models.views import CustomerView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.subscription_create import SubscriptionCreate

MOST_TAX_IDS = 10
_ADDRESS = frozenset({"line1", "line2", "city", "postalCode", "region"})


@dataclass(frozen=True, slots=True)
class CustomerUpsert:
    """Who. None leaves a column as it is; a name in `unset` clears it. Without id and external id a new one is made."""

    external_id: str | None = None
    id: str | None = None
    name: str | None = None
    email: str | None = None
    kind: CustomerKind | None = None
    locale: str | None = None
    zone: str | None = None
    country: str | None = None
    address: dict[str, str] | None = None
    tax_ids: list[dict[str, str]] | None = None
    metadata: dict[str, str] | None = None
    unset: frozenset[str] = field(default_factory=frozenset[str])
    subscription: SubscriptionCreate | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CustomerUpserted:
    """The customer now, whether it is new, and its first subscription if one was asked for."""

    customer: CustomerView
    created: bool
    subscription: SubscriptionView | None
    replayed: bool


async def upsert(ctx: Context, command: CustomerUpsert) -> CustomerUpserted:
    """Create or change a customer."""
    columns = columns_asked(command)

    async def owner(work: Work) -> str:
        known = await _known(ctx, work, command)
        return known.id if known is not None else ctx.env.id

    async def body(work: Work) -> dict[str, Any]:
        known = await _known(ctx, work, command)
        if known is None:
            customer_id = await _create(work, command, columns)
        else:
            customer_id = await _change(work, known, command, columns)
        subscription_id = None
        if command.subscription is not None:
            view = await work.customers.by_id(customer_id)
            if view is None:
                raise LookupError(customer_id)
            first = replace(command.subscription, customer=CustomerRef(id=customer_id))
            subscription_id = await begin_subscription(ctx, work, view, first)
        return {"customer_id": customer_id, "created": known is None, "subscription_id": subscription_id}

    outcome, replayed = await act(ctx, "customerUpsert", command, owner, body)
    async with ctx.read() as read:
        customer = await read.customers.by_id(outcome["customer_id"])
        made = outcome["subscription_id"]
        subscription = await read.subscriptions.by_id(made) if made else None
    if customer is None:
        raise LookupError(outcome["customer_id"])
    return CustomerUpserted(customer, outcome["created"], subscription, replayed)


async def _known(ctx: Context, work: Work, command: CustomerUpsert) -> CustomerView | None:
    if command.id is not None:
        known = await customer_or_none(ctx, work, CustomerRef(id=command.id))
        if known is None:
            raise not_found("Customer", "id")
        return known
    if command.external_id is None:
        return None
    return await work.customers.by_external_id(command.external_id)


async def _create(work: Work, command: CustomerUpsert, columns: dict[str, Any]) -> str:
    customer = CustomerRow(
        id=work.ids.new("cus"),
        environment_id=work.environment_id,
        external_id=command.external_id,
        created_at=work.at,
        **columns,
    )
    await work.customers.add(customer)
    await work.bump(customer.id)
    await work.record(customer.id, Happening("customer.created", customer.id, {}, {"columns": sorted(columns)}))
    return customer.id


async def _change(work: Work, known: CustomerView, command: CustomerUpsert, columns: dict[str, Any]) -> str:
    await work.bump(known.id)  # somebody may have made the customer since the environment's sequence was asked for
    demand_unarchived(known)
    if command.id is not None and command.external_id is not None and command.external_id != known.external_id:
        taken = await work.customers.by_external_id(command.external_id)
        if taken is not None:
            raise AlreadyExists("Another customer has this externalId.", field="externalId", id=taken.id)
        columns = {**columns, "external_id": command.external_id}
    changed = {name: value for name, value in columns.items() if _now(known, name) != value}
    if changed:
        await work.customers.update(known.id, changed)
        await work.record(known.id, Happening("customer.updated", known.id, {}, {"columns": sorted(changed)}))
    return known.id


def _now(known: CustomerView, name: str) -> object:
    if name == "labels":
        return known.metadata
    return list(known.tax_ids) if name == "tax_ids" else getattr(known, name)


def columns_asked(command: CustomerUpsert) -> dict[str, Any]:
    """The columns that the call sets, checked."""
    checks.optional_text(command.external_id, "externalId")
    checks.optional_text(command.id, "id", 64)
    given = {
        "name": checks.optional_text(command.name, "name"),
        "email": checks.email(command.email),
        "kind": command.kind,
        "locale": checks.locale(command.locale),
        "zone": checks.zone(command.zone),
        "country": checks.country(command.country),
        "address": _address(command.address),
        "tax_ids": _tax_ids(command.tax_ids),
        "labels": checks.metadata(command.metadata),
    }
    columns: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name in command.unset:
        columns |= _cleared(name)
    return columns


def _cleared(name: str) -> dict[str, Any]:
    if name == "kind":
        return {"kind": CustomerKind.UNKNOWN}
    if name == "metadata":
        return {"labels": {}}
    if name == "tax_ids":
        return {"tax_ids": []}
    if name in {"name", "email", "locale", "zone", "country", "address"}:
        return {name: None}
    raise InvalidInput(f"{name} cannot be cleared.", field=name)


def _address(given: dict[str, str] | None) -> dict[str, str] | None:
    if given is None:
        return None
    unknown = set(given) - _ADDRESS
    if unknown:
        raise InvalidInput("An address has line1, line2, city, postalCode and region.", field="address")
    return {part: checks.text(words, "address") for part, words in given.items() if words}


def _tax_ids(given: list[dict[str, str]] | None) -> list[dict[str, str]] | None:
    if given is None:
        return None
    if len(given) > MOST_TAX_IDS or any(set(each) != {"type", "value"} for each in given):
        raise InvalidInput(f"Give at most {MOST_TAX_IDS} tax ids, each with type and value.", field="taxIds")
    return [{part: checks.text(words, "taxIds", 64) for part, words in each.items()} for each in given]
