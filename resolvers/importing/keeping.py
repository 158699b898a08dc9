"""Keeping checked lines: a bounded batch a transaction, each record once, by the host's own id."""

from __future__ import annotations

from collections import Counter
from dataclasses import field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.amounts import format_amount
from billing.dataclass import dataclass
from billing.entitlements.burning import Burn
from billing.entitlements.counters import counter
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter as Window
from billing.lifecycle import CancelTiming, ChangeKind, ChangeStatus
from billing.refusals import Refusal, TemporarilyUnavailable
from models.choices import UsageKind
from models.stores.counters import Counted
from models.stores.subscription_rows import change_row, new_row
from models.stores.usage import LedgerRow
from models.tables.customer import CustomerRow, TrialRow
from models.tables.entitlement import GrantRow
from models.tables.subscription import CancellationRow
from models.views import ScheduledChangeView
from models.work import Happening
from resolvers import checks
from resolvers.access import demand, not_found
from resolvers.due import settle
from resolvers.grant_create import PRIORITIES
from resolvers.importing.checking import demand_room
from resolvers.importing.made import customer_columns, grant_columns, subscription_facts, usage_amount
from resolvers.importing.records import CustomerRecord, GrantRecord, SubscriptionRecord
from resolvers.invoicing.settling import begin_billed
from resolvers.keeping import told
from resolvers.meter import sources_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts, Scheduled
    from models.choices import ImportKind
    from models.views import CustomerView, PlanView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.importing.made import Catalog
    from resolvers.importing.records import Record, UsageRecord

IMPORTED: dict[str, Json] = {"imported": True}


class ImportStopped(Exception):  # noqa: N818  (what stopped it, for whoever runs it)
    """A line that was right when it was checked is refused now; its batch was not kept."""

    def __init__(self, line: int, refusal: Refusal) -> None:
        """Name the line and the refusal."""
        super().__init__(refusal.message)
        self.line = line
        self.refusal = refusal


async def keep_batch(ctx: Context, catalog: Catalog, lines: Sequence[tuple[int, Record]]) -> Counter[str]:
    """Bring some records in, in order and in one transaction; what was brought in before is passed over.

    Answers how many of each kind are new, and how many were there (`already`). Raises ImportStopped.
    """
    demand(ctx, "import")

    async def unit(work: Work) -> Counter[str]:
        counted: Counter[str] = Counter()
        brought: list[tuple[ImportKind, str, str]] = []
        known = await work.imports.known([(each.kind_of, each.external_id) for _, each in lines])
        batch = Batch(ctx.env.zone, catalog, await work.customers.by_external_ids(_named(lines)))
        for number, record in lines:
            if (record.kind_of, record.external_id) in known:
                counted["already"] += 1
                continue
            try:
                subject_id = await _keep(work, batch, record)
            except TemporarilyUnavailable:
                raise
            except Refusal as refusal:
                raise ImportStopped(number, refusal) from refusal
            brought.append((record.kind_of, record.external_id, subject_id or ""))
            counted["already" if subject_id is None else record.kind_of.value.lower()] += 1
        await work.imports.add(brought, work.at)
        return counted

    return await ctx.worked(unit)


@dataclass(frozen=True, slots=True)
class Batch:
    """What the lines of one transaction share: the catalog, their customers by the host's id, and who is settled."""

    zone: ZoneInfo
    catalog: Catalog
    customers: dict[str, CustomerView]
    settled: set[str] = field(default_factory=set[str])

    def zone_of(self, customer: CustomerView) -> ZoneInfo:
        """The billing zone of a customer."""
        return ZoneInfo(customer.zone) if customer.zone else self.zone


def _named(lines: Sequence[tuple[int, Record]]) -> list[str]:
    return sorted({each.external_id if isinstance(each, CustomerRecord) else each.customer for _, each in lines})


async def _keep(work: Work, batch: Batch, record: Record) -> str | None:
    """Write one record and answer its id; None where the environment has it."""
    if isinstance(record, CustomerRecord):
        return await _customer(work, batch, record)
    customer = batch.customers.get(record.customer)
    if customer is None:
        raise not_found("Customer", "customer")
    if customer.id not in batch.settled:
        batch.settled.add(customer.id)
        await work.bump(customer.id)
        await settle(work, customer.id)
    if isinstance(record, SubscriptionRecord):
        return await _subscription(work, batch, record, customer)
    if isinstance(record, GrantRecord):
        return await _grant(work, batch.catalog, record, customer.id)
    return await _usage(work, batch.catalog, record, customer.id)


async def _customer(work: Work, batch: Batch, record: CustomerRecord) -> str | None:
    if record.external_id in batch.customers:
        return None
    columns = customer_columns(record)
    row = CustomerRow(
        id=work.ids.new("cus"),
        environment_id=work.environment_id,
        external_id=record.external_id,
        created_at=work.at,
        **columns,
    )
    await work.customers.add(row)
    await work.bump(row.id)
    await work.record(row.id, Happening("customer.created", row.id, {}, {"columns": sorted(columns), **IMPORTED}))
    batch.customers.update(await work.customers.by_external_ids([record.external_id]))
    batch.settled.add(row.id)
    return row.id


async def _subscription(work: Work, batch: Batch, record: SubscriptionRecord, customer: CustomerView) -> str | None:
    if await work.subscriptions.by_external_id(record.external_id) is not None:
        return None
    plan, made = await subscription_facts(work, batch.catalog, record, batch.zone_of(customer), work.at)
    resource = checks.resource(record.resource)
    for held in await work.subscriptions.of_customer(customer.id):
        same = held.facts.live and held.product_id == plan.product_id and held.resource_id == resource
        demand_room(same, held.id)
    ending = tuple(replace(change, id=work.ids.new("sch")) for change in made.scheduled)
    facts = replace(made, id=work.ids.new("sub"), scheduled=ending)
    await _write_subscription(work, record, customer, plan, facts, resource)
    for change in ending:
        await _write_ending(work, customer.id, facts, change)
    if not await work.customers.had_trial(customer.id, plan.product_id):
        trial = TrialRow(
            customer_id=customer.id,
            product_id=plan.product_id,
            environment_id=work.environment_id,
            subscription_id=facts.id,
            started_at=facts.starts_at,
        )
        await work.customers.add_trial(trial)
    number = await work.record(customer.id, Happening("subscription.imported", facts.id, {}, told(facts)))
    await work.subscriptions.remember(customer.id, facts, number, work.at)
    await begin_billed(work, customer.id, facts)
    return facts.id


async def _write_subscription(
    work: Work,
    record: SubscriptionRecord,
    customer: CustomerView,
    plan: PlanView,
    facts: Facts,
    resource: str,
) -> None:
    row = new_row(
        facts,
        environment_id=work.environment_id,
        customer_id=customer.id,
        product_id=plan.product_id,
        resource_id=resource,
        external_id=record.external_id,
        labels=checks.metadata(record.metadata) or {},
        created_at=work.at,
    )
    await work.subscriptions.add(row, facts, work.ids)


async def _write_ending(work: Work, customer_id: str, facts: Facts, change: Scheduled) -> None:
    """Keep the cancellation that was pending where the subscription comes from."""
    view = ScheduledChangeView(
        id=change.id,
        customer_id=customer_id,
        subscription_id=facts.id,
        kind=ChangeKind.CANCEL,
        item="",
        status=ChangeStatus.PENDING,
        applies_at=change.applies_at,
        target=change.target,
        quantity=None,
        requested_at=work.at,
        actor=work.moment.actor,
        channel=work.moment.channel,
    )
    await work.subscriptions.add_change(change_row(work.environment_id, view, facts.zone))
    cancellation = CancellationRow(
        id=work.ids.new("can"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        subscription_id=facts.id,
        scheduled_change_id=change.id,
        timing=CancelTiming.ON_DATE,
        actor=work.moment.actor,
        channel=work.moment.channel,
        requested_at=work.at,
        effective_at=change.applies_at,
    )
    await work.subscriptions.add_cancellation(cancellation)


async def _grant(work: Work, catalog: Catalog, record: GrantRecord, customer_id: str) -> str:
    columns = await grant_columns(work, catalog, record, work.at)
    grant = GrantRow(
        id=work.ids.new("gra"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        priority=PRIORITIES[record.kind] if record.priority is None else record.priority,
        created_at=work.at,
        **columns,
    )
    await work.entitlements.add_grant(grant)
    scale = (await catalog.feature(work, record.feature)).scale
    after: dict[str, Json] = {
        "featureId": grant.feature_id,
        "resource": grant.resource,
        "amount": format_amount(grant.amount, scale),
    }
    await work.record(customer_id, Happening("grant.created", grant.id, {}, {**after, **IMPORTED}))
    return grant.id


async def _usage(work: Work, catalog: Catalog, record: UsageRecord, customer_id: str) -> str:
    """Write a ledger row that counts in the window of its instant; nothing burns and no threshold is told of."""
    feature, amount, resource = await usage_amount(work, catalog, record, work.at)
    sources = await sources_now(work, customer_id, feature)
    meant = effective_resource(sources, resource)
    window = counter(sources, meant, record.occurred_at) or Window(meant, None, None)
    number = work.next_number(customer_id)
    row = _ledger_row(work, customer_id, feature.id, meant, window, number, amount, record.occurred_at)
    of = Counted(customer_id, feature.id, window, feature.aggregation)
    await work.usage.record(row, of, Burn(amount), work.at)
    after: dict[str, Json] = {
        "featureId": feature.id,
        "resource": meant,
        "amount": format_amount(amount, feature.scale),
    }
    await work.record(customer_id, Happening("usage.reported", row.id, {}, {**after, **IMPORTED}), number=number)
    return row.id


def _ledger_row(
    work: Work,
    customer_id: str,
    feature_id: str,
    resource: str,
    window: Window,
    number: int,
    amount: int,
    occurred_at: datetime,
) -> LedgerRow:
    return LedgerRow(
        id=work.ids.new("use"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        feature_id=feature_id,
        resource=resource,
        scope=window.resource,
        seq=number,
        kind=UsageKind.REPORT,
        amount=amount,
        limit_amount=amount,
        occurred_at=occurred_at,
        recorded_at=work.moment.recorded_at,
        reason="import",
        rolled_amount=0,
        over_amount=0,
    )
