"""A place to race in: one database with an environment, and as many doors to it as there are programs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.rows import rows
from models.session import Database
from models.tables.base import table
from models.tables.entitlement import BalanceRow, GrantRow, UsageBurnRow, UsageRow
from models.tables.environment import SequenceRow
from models.tables.journal import EventRow, IdempotencyRow
from plangate.ids import TimeOrderedIds
from resolvers.entitlement_consume import EntitlementConsume, EntitlementDenied, EntitlementGranted, consume
from resolvers.grant_create import GrantCreate
from resolvers.inputs import CustomerRef
from resolvers.usage_report import UsageReport, UsageReported
from resolvers.usage_report_many import UsageReportMany, report_many
from tests.told import every_event_fits
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sqlmodel import SQLModel

    from resolvers.context import Context

FEATURE = "lfs_bandwidth"
SCALE = 1_000
PATIENCE = 120.0
"""Seconds that a unit of work waits for its turn: a slow machine is no reason for a refusal here."""
NOTICE = 0.02
"""Seconds in which what another program wrote may be missed by memory, several times what is usual."""
OVERRIDE = """mutation($input: OverrideSetInput!) { overrideSet(input: $input) {
  ... on OverrideWasSet { override { id } } ... on UserError { code message } } }"""
GRANT = """mutation($input: GrantCreateInput!) { grantCreate(input: $input) {
  ... on GrantCreated { grant { id } } ... on UserError { code message } } }"""


@dataclass
class Arena:
    """Doors to one database: each is a program's own, with its own connections and ids."""

    doors: list[World]
    subscriptions: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def world(self) -> World:
        """The first door."""
        return self.doors[0]

    async def customer(self, name: str, *, limit: int | None = None, grants: Sequence[int] = ()) -> str:
        """Make a customer on the free plan, which has 10 of the feature; `limit` replaces that, grants add to it."""
        subscription = await self.world.subscribed(name, "free")
        about = {"customer": {"externalId": name}, "feature": FEATURE}
        if limit is not None:
            await self.world.ask(OVERRIDE, input={**about, "limit": str(limit)})
        for priority, amount in enumerate(grants, start=40):
            await self.world.ask(GRANT, input={**about, "amount": str(amount), "priority": priority})
        self.subscriptions[name] = subscription
        return subscription

    async def of(self, row: type[SQLModel], **where: Any) -> list[Mapping[str, Any]]:
        """Every row of a table for which these columns have these values."""
        among = table(row)
        wanted = select(among).where(*(among.c[name] == wanted for name, wanted in where.items()))
        async with self.world.database.reading() as connection:
            return list(await rows(connection, wanted))

    async def accounts(self, name: str) -> Accounts:
        """What the books say of a customer's usage."""
        view = await self.world.ask(CUSTOMER, ref={"externalId": name})
        customer: str = view["customer"]["id"]
        ledger = await self.of(UsageRow, customer_id=customer)
        events = await self.of(EventRow, owner_id=customer)
        numbers = sorted(each["seq"] for each in events)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "an event's number is missing or double"
        (sequence,) = await self.of(SequenceRow, owner_id=customer)
        assert sequence["seq"] == numbers[-1]
        used = [each for each in events if each["type"] in ("usage.consumed", "usage.reported")]
        assert sorted(each["seq"] for each in ledger) == sorted(each["seq"] for each in used)
        told = sum(Decimal(each["after"]["amount"]) * SCALE for each in used)
        assert told == sum(each["amount"] for each in ledger)
        heads = await self.of(BalanceRow, customer_id=customer)
        assert len(heads) <= 1
        acts = ("entitlementConsume", "usageReport")
        keys = [each for name in acts for each in await self.of(IdempotencyRow, mutation=name)]
        records = {each["id"] for each in ledger}
        burned = [each for each in await self.of(UsageBurnRow) if each["usage_id"] in records]
        grants = await self.of(GrantRow, customer_id=customer)
        assert all(
            each["used"] == sum(burn["amount"] for burn in burned if burn["grant_id"] == each["id"]) for each in grants
        )
        return Accounts(
            rows=len(ledger),
            total=sum(each["amount"] for each in ledger),
            of_limit=sum(each["limit_amount"] for each in ledger),
            burned=sum(each["amount"] for each in burned),
            head=sum(each["used"] for each in heads),
            keys=sum(each["outcome"]["record_id"] in records for each in keys),
        )


CUSTOMER = "query($ref: CustomerRef!) { customer(ref: $ref) { id } }"


@dataclass(frozen=True)
class Accounts:
    """Ledger rows, what they sum to, what of it the limit and grants bore, the counter's head, keys remembered."""

    rows: int
    total: int
    of_limit: int
    burned: int
    head: int
    keys: int


async def take(context: Context, name: str, key: str, amount: str = "1") -> str:
    """Consume, and name how that ended."""
    command = EntitlementConsume(CustomerRef(external_id=name), FEATURE, amount=amount, idempotency_key=key)
    answer = await consume(context, command)
    if isinstance(answer, EntitlementDenied):
        return answer.reason.value
    assert isinstance(answer, EntitlementGranted)
    return "REPLAYED" if answer.replayed else "GRANTED"


def granting(customer: str, key: str | None) -> GrantCreate:
    """Grant one of the feature."""
    return GrantCreate(CustomerRef(external_id=customer), FEATURE, amount="1", idempotency_key=key)


async def told_of(context: Context, name: str, key: str, rows: int) -> str:
    """Report so many rows of one in bulk, and name how that ended: all of them alike."""
    ref = CustomerRef(external_id=name)
    reports = (UsageReport(ref, FEATURE, "1", idempotency_key=f"{key} {row}") for row in range(rows))
    answers = await report_many(context, UsageReportMany(tuple(reports)))
    assert all(isinstance(each, UsageReported) for each in answers), answers
    ends = {each.replayed for each in answers if isinstance(each, UsageReported)}
    assert len(ends) == 1
    return f"{rows} {'REPLAYED' if ends.pop() else 'REPORTED'}"


def counted(*ends: Counter[str]) -> dict[str, int]:
    """Add up how calls ended."""
    return dict(sum(ends, Counter[str]()))


async def arena(url: str, doors: int) -> AsyncIterator[Arena]:
    """Open an arena and close it afterwards."""
    first = await World.begin(Database(url, wait_seconds=PATIENCE, notice_seconds=NOTICE))
    opened = [first]
    for number in range(1, doors):
        database = Database(url, wait_seconds=PATIENCE, notice_seconds=NOTICE)
        ids = TimeOrderedIds(first.clock, random.Random(1_000 + number).getrandbits)
        contexts = replace(first.contexts, database=database, ids=ids)
        opened.append(World(database, first.clock, contexts, dict(first.places)))
    yield Arena(opened)
    await every_event_fits(first.database)
    for door in opened:
        await door.database.close()
