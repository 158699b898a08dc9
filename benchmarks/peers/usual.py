"""As tutorials write it: Strawberry's own view, types by hand, a SQLModel session in each resolver. `… FILE PORT`.

Rows of the same tables are loaded whole, and what belongs to a row is queried for where it is asked for. Nothing is
tuned, and nothing is done badly on purpose: lists are loaded in one query, rows do not expire.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import strawberry
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, select
from strawberry.asgi import GraphQL

from benchmarks.peers.serving import served
from benchmarks.peers.usual_reading import allowed, customer_row, decisions, opened
from models.tables import (
    FeatureRow,
    InvoiceRow,
    PlanEntitlementRow,
    PlanRow,
    PlanVersionRow,
    PriceRow,
    SubscriptionRow,
)
from models.tables.base import Row


@strawberry.input
class CustomerRef:
    """Names a customer."""

    id: strawberry.ID | None = None
    external_id: str | None = None


@strawberry.input
class SubscriptionFilter:
    """Whose subscriptions."""

    customer: CustomerRef


@strawberry.input
class InvoiceFilter:
    """Whose invoices."""

    customer: CustomerRef


@strawberry.type
class NotFound:
    """Nobody is called so."""

    message: str


@strawberry.type
class Entitlement:
    """A decision."""

    feature_key: str
    has_access: bool
    used: str | None
    limit: str | None


@strawberry.type
class Customer:
    """A customer."""

    id: strawberry.ID
    external_id: str | None
    name: str | None


@strawberry.type
class Feature:
    """A feature."""

    key: str


@strawberry.type
class Price:
    """A price."""

    key: str
    currency: str


@strawberry.type
class PlanEntitlement:
    """What a plan gives."""

    granted: bool
    feature: Feature


@strawberry.type
class Plan:
    """A plan."""

    key: str
    name: str
    version_id: strawberry.Private[str]

    @strawberry.field
    async def prices(self, info: strawberry.Info) -> list[Price]:
        """Load the prices."""
        wanted = select(PriceRow).where(PriceRow.plan_version_id == self.version_id).order_by(col(PriceRow.position))
        async with opened(info) as session:
            return [Price(key=row.key, currency=row.currency) for row in await session.exec(wanted)]

    @strawberry.field
    async def entitlements(self, info: strawberry.Info) -> list[PlanEntitlement]:
        """Load what it gives."""
        wanted = (
            select(PlanEntitlementRow, FeatureRow)
            .join(FeatureRow, col(FeatureRow.id) == PlanEntitlementRow.feature_id)
            .where(PlanEntitlementRow.plan_version_id == self.version_id)
            .order_by(col(PlanEntitlementRow.position))
        )
        async with opened(info) as session:
            found = (await session.exec(wanted)).all()
        return [PlanEntitlement(granted=give.granted, feature=Feature(key=row.key)) for give, row in found]


@strawberry.type
class Subscription:
    """A subscription."""

    id: strawberry.ID
    status: str
    version_id: strawberry.Private[str]

    @strawberry.field
    async def plan(self, info: strawberry.Info) -> Plan:
        """Load the plan."""
        async with opened(info) as session:
            version = await session.get_one(PlanVersionRow, self.version_id)
            plan = await session.get_one(PlanRow, version.plan_id)
        return Plan(key=plan.key, name=version.name, version_id=version.id)


@strawberry.type
class SubscriptionEdge:
    """One of a list."""

    node: Subscription


@strawberry.type
class SubscriptionConnection:
    """A list."""

    edges: list[SubscriptionEdge]


@strawberry.type
class Invoice:
    """An invoice."""

    id: strawberry.ID
    number: str | None
    status: str


@strawberry.type
class InvoiceEdge:
    """One of a list."""

    node: Invoice


@strawberry.type
class InvoiceConnection:
    """A list."""

    edges: list[InvoiceEdge]


EntitlementAnswer = Annotated[Entitlement | NotFound, strawberry.union("EntitlementAnswer")]


@strawberry.type
class Query:
    """What may be asked."""

    @strawberry.field
    async def customer(self, info: strawberry.Info, ref: CustomerRef) -> Customer | None:
        """Find a customer."""
        env = await allowed(info, "customers:read")
        async with opened(info) as session:
            row = await customer_row(session, env, ref)
        return Customer(id=strawberry.ID(row.id), external_id=row.external_id, name=row.name) if row else None

    @strawberry.field
    async def subscriptions(
        self,
        info: strawberry.Info,
        filter: SubscriptionFilter,
        first: int = 20,
    ) -> SubscriptionConnection:
        """List a customer's subscriptions, newest first."""
        env = await allowed(info, "subscriptions:read")
        async with opened(info) as session:
            customer = await customer_row(session, env, filter.customer)
            wanted = select(SubscriptionRow).where(SubscriptionRow.customer_id == (customer.id if customer else ""))
            newest = wanted.order_by(col(SubscriptionRow.created_at).desc(), col(SubscriptionRow.id).desc())
            found = (await session.exec(newest.limit(first))).all()
        nodes = [
            Subscription(id=strawberry.ID(row.id), status=row.status.name, version_id=row.plan_version_id)
            for row in found
        ]
        return SubscriptionConnection(edges=[SubscriptionEdge(node=node) for node in nodes])

    @strawberry.field
    async def invoices(
        self,
        info: strawberry.Info,
        filter: InvoiceFilter,
        first: int = 20,
    ) -> InvoiceConnection:
        """List a customer's invoices, newest first."""
        env = await allowed(info, "invoices:read")
        async with opened(info) as session:
            customer = await customer_row(session, env, filter.customer)
            wanted = select(InvoiceRow).where(InvoiceRow.customer_id == (customer.id if customer else ""))
            newest = wanted.order_by(col(InvoiceRow.created_at).desc(), col(InvoiceRow.id).desc())
            found = (await session.exec(newest.limit(first))).all()
        nodes = [Invoice(id=strawberry.ID(row.id), number=row.number, status=row.status.name) for row in found]
        return InvoiceConnection(edges=[InvoiceEdge(node=node) for node in nodes])

    @strawberry.field
    async def entitlement(self, info: strawberry.Info, customer: CustomerRef, feature: str) -> EntitlementAnswer:
        """Decide about one feature."""
        found = await decisions(info, customer, [feature])
        return _told(*found[0]) if found else NotFound(message="There is no such customer.")

    @strawberry.field
    async def entitlements(
        self, info: strawberry.Info, customer: CustomerRef, features: list[str] | None = None
    ) -> list[Entitlement]:
        """Decide about several."""
        return [_told(*each) for each in await decisions(info, customer, features or [])]

    @strawberry.field
    async def plans(self, info: strawberry.Info) -> list[Plan]:
        """List the plans on sale."""
        env = await allowed(info, "catalog:read")
        wanted = (
            select(PlanRow, PlanVersionRow)
            .join(PlanVersionRow, col(PlanVersionRow.plan_id) == PlanRow.id)
            .where(PlanRow.environment_id == env, PlanVersionRow.version == PlanRow.latest_version)
            .where(
                col(PlanRow.archived_at).is_(None),
                col(PlanRow.add_on).is_(False),
                col(PlanVersionRow.hidden).is_(False),
            )
            .order_by(col(PlanVersionRow.rank), col(PlanRow.key))
        )
        async with opened(info) as session:
            found = (await session.exec(wanted)).all()
        return [Plan(key=plan.key, name=version.name, version_id=version.id) for plan, version in found]


def _told(key: str, told: dict[str, Any]) -> Entitlement:
    return Entitlement(feature_key=key, has_access=told["hasAccess"], used=told["used"], limit=told["limit"])


class View(GraphQL[dict[str, Any], None]):
    """Strawberry's view; the context has the engine."""

    engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[1]}" if len(sys.argv) > 1 else "sqlite+aiosqlite://")

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:  # noqa: ANN401  (Strawberry's own)
        """Make a request's context."""
        return {"request": request, "response": response, "engine": self.engine}


if __name__ == "__main__":
    Row.prepare(create_engine(f"sqlite:///{sys.argv[1]}"))  # here there are sessions: rows are mapped
    served(View(strawberry.Schema(Query)), int(sys.argv[2]))
