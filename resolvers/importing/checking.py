"""Checking a file before anything is written: every line alone, against the catalog, and against the lines above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from billing.refusals import AlreadySubscribed, InvalidInput, Refusal
from models.choices import ImportKind
from resolvers import checks
from resolvers.access import not_found
from resolvers.importing.made import customer_columns, grant_columns, subscription_facts, usage_amount
from resolvers.importing.records import CustomerRecord, GrantRecord, SubscriptionRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reader import Reader
    from models.views import CustomerView
    from resolvers.context import Context
    from resolvers.importing.made import Catalog
    from resolvers.importing.records import Record, UsageRecord


class Seen(Protocol):
    """What the lines above hold; the front door keeps it on disk, since a file may be of any length."""

    def add(self, kind: str, key: str, told: str = "") -> bool:
        """Remember a key with what is told of it; False where it was there."""
        ...

    def find(self, kind: str, key: str) -> str | None:
        """Answer what was told of a key; None where it was not seen."""
        ...


async def check(
    ctx: Context, catalog: Catalog, lines: Sequence[tuple[int, Record]], seen: Seen
) -> list[tuple[int, Refusal]]:
    """Check some lines, in order, and answer what is wrong with which."""
    wrong: list[tuple[int, Refusal]] = []
    named = {each.external_id if isinstance(each, CustomerRecord) else each.customer for _, each in lines}
    async with ctx.read() as read:
        there = await read.customers.by_external_ids(sorted(named))
        done = await read.imports.known([(each.kind_of, each.external_id) for _, each in lines])
        for number, record in lines:
            try:
                if not seen.add(record.kind_of.value, record.external_id, _told(record)):
                    raise InvalidInput("This externalId is in the file above.", field="externalId")
                if (record.kind_of, record.external_id) not in done:
                    await _check(ctx, read, catalog, record, seen, there)
            except Refusal as refusal:
                wrong.append((number, refusal))
    return wrong


def _told(record: Record) -> str:
    return (record.zone or "") if isinstance(record, CustomerRecord) else ""


async def _check(
    ctx: Context, read: Reader, catalog: Catalog, record: Record, seen: Seen, there: dict[str, CustomerView]
) -> None:
    checks.text(record.external_id, "externalId")
    if isinstance(record, CustomerRecord):
        customer_columns(record)
        return
    zone = _zone(ctx, record, seen, there)
    if isinstance(record, SubscriptionRecord):
        await _check_subscription(ctx, read, catalog, record, seen, there, zone)
    elif isinstance(record, GrantRecord):
        await grant_columns(read, catalog, record, ctx.at)
    else:
        await usage_amount(read, catalog, record, ctx.at)


def _zone(
    ctx: Context, record: SubscriptionRecord | UsageRecord | GrantRecord, seen: Seen, there: dict[str, CustomerView]
) -> ZoneInfo:
    """The billing zone of the customer that a line names, who stands above it or in the environment."""
    known = there.get(record.customer)
    if known is not None:
        if known.archived_at is not None:
            raise InvalidInput("The customer is archived.", field="customer")
        return ZoneInfo(known.zone) if known.zone else ctx.env.zone
    told = seen.find(ImportKind.CUSTOMER.value, record.customer)
    if told is None:
        raise not_found("Customer", "customer")
    checks.zone(told or None)
    return ZoneInfo(told) if told else ctx.env.zone


async def _check_subscription(
    ctx: Context,
    read: Reader,
    catalog: Catalog,
    record: SubscriptionRecord,
    seen: Seen,
    there: dict[str, CustomerView],
    zone: ZoneInfo,
) -> None:
    checks.metadata(record.metadata)
    plan, _ = await subscription_facts(read, catalog, record, zone, ctx.at)
    resource = checks.resource(record.resource)
    if not seen.add("LIVE", f"{record.customer}\x00{plan.product_id}\x00{resource}"):
        raise AlreadySubscribed("The file has a subscription of this product and resource above.", field="plan")
    known = there.get(record.customer)
    for held in await read.subscriptions.of_customer(known.id) if known is not None else ():
        if held.external_id != record.external_id:
            demand_room(
                held.facts.live and held.product_id == plan.product_id and held.resource_id == resource, held.id
            )


def demand_room(taken: bool, subscription_id: str) -> None:
    """Refuse a second live subscription of a product and resource."""
    if taken:
        raise AlreadySubscribed(
            "The customer has a subscription of this product and resource.",
            field="plan",
            subscription_id=subscription_id,
        )
