"""The data that every contestant serves: an environment with a price list, and customers who are copies of four.

The four differ in what decides about them: plans alone, a grant where their limit is reached, an override, a limit that
is reached.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from benchmarks.ground import ground
from benchmarks.peers.copies import DIGITS, copied
from benchmarks.peers.price_list import LIMIT, METERED, PLANS, price_list
from billing.calendar import Interval, IntervalUnit
from billing.money import Money
from models.rows import value
from models.tables import CustomerRow
from models.tables.base import table
from resolvers.customer_upsert import CustomerUpsert, upsert
from resolvers.entitlement_consume import EntitlementConsume, consume
from resolvers.grant_create import GrantCreate, create_grant
from resolvers.inputs import CustomerRef
from resolvers.invoice_create import InvoiceCreate, LineAsked, create_invoice
from resolvers.override_set import OverrideSet, set_override
from resolvers.subscription_create import SubscriptionCreate, create

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from benchmarks.ground import Ground

C = table(CustomerRow)
MODELS = ("plain", "granted", "overridden", "reached")
SUBSCRIBED = ("business", "care")
INVOICES = 5
MONTHLY = Interval(IntervalUnit.MONTH)


@dataclass(frozen=True, slots=True)
class Estate:
    """What is served: the database, the key that opens it, and who is in it."""

    url: str
    key: str
    customers: int

    @property
    def file(self) -> str:
        """The SQLite file."""
        return self.url.removeprefix("sqlite+aiosqlite:///")

    def customer(self, number: int) -> str:
        """Name a customer."""
        return name_of(number % self.customers)


def name_of(number: int) -> str:
    """Name the copy that has this number; the first of each model is the model."""
    return f"{MODELS[number % len(MODELS)]}-{number // len(MODELS):0{DIGITS}d}"


@asynccontextmanager
async def estate(
    url: str, customers: int, metered: Sequence[str] = METERED, *, invoiced: bool = True
) -> AsyncGenerator[Estate, None]:
    """Migrate a database and fill it, copies without invoices where nobody asks for them; a server opens it anew."""
    async with ground(url, price_list(metered)) as at:
        for model in MODELS:
            await _made(at, model, metered)
            await _multiplied(at, model, customers // len(MODELS), invoiced=invoiced)
        yield Estate(url, at.key, customers)


async def _made(at: Ground, model: str, metered: Sequence[str]) -> None:
    """Make a customer by calls: two subscriptions, usage of every feature, five invoices."""
    external = f"{model}-{0:0{DIGITS}d}"
    ref = CustomerRef(external_id=external)
    await upsert(at.call(), CustomerUpsert(external_id=external, name=model.capitalize()))
    for plan in SUBSCRIBED:
        await create(at.call(), SubscriptionCreate(ref, plan, currency="USD", interval=MONTHLY))
    for each in metered:
        await consume(at.call(), EntitlementConsume(ref, each, amount="7", idempotency_key=f"{external} {each}"))
    if model in ("granted", "reached"):
        of, rest = metered[MODELS.index(model) % len(metered)], str(LIMIT * len(PLANS) - 7)
        await consume(at.call(), EntitlementConsume(ref, of, amount=rest, idempotency_key=f"{external} rest"))
    if model == "granted":
        await create_grant(at.call(), GrantCreate(ref, metered[MODELS.index(model) % len(metered)], amount="40"))
    if model == "overridden":
        await set_override(
            at.call(), OverrideSet(ref, metered[MODELS.index(model) % len(metered)], limit=str(LIMIT * 9))
        )
    for number in range(INVOICES - len(SUBSCRIBED)):
        line = LineAsked(Money(1_000 + number, "USD"), "Advice")
        await create_invoice(at.call(), InvoiceCreate(ref, "USD", lines=(line,)))


async def _multiplied(at: Ground, model: str, size: int, *, invoiced: bool) -> None:
    database = at.contexts.database
    async with database.reading() as connection:
        named = select(C.c.id).where(C.c.external_id == f"{model}-{0:0{DIGITS}d}")
        customer_id: str = await value(connection, named)
    if size > 1:
        await copied(database, customer_id, range(1, size), invoiced=invoiced)
