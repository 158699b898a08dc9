"""What the usual way loads to find the caller and to decide: rows of the tables, a query for each kind of them."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.peers.deciding import About, Give, Window, decided, put_beside
from models.tables import (
    ApiKeyRow,
    BalanceRow,
    CustomerRow,
    EnvironmentRow,
    FeatureRow,
    GrantRow,
    OverrideRow,
    PlanEntitlementRow,
    ReservationRow,
    SubscriptionItemRow,
    SubscriptionRow,
    UsageRow,
)
from models.types import from_microseconds, to_microseconds

if TYPE_CHECKING:
    import strawberry
    from starlette.requests import Request

    from benchmarks.peers.usual import CustomerRef

LIVING = ("ACTIVE", "TRIALING")


class Denied(Exception):  # noqa: N818  (it is an answer)
    """The credential is unknown, or may not."""


def opened(info: strawberry.Info) -> AsyncSession:
    """Open a session."""
    return AsyncSession(info.context["engine"], expire_on_commit=False)


async def allowed(info: strawberry.Info, scope: str) -> str:
    """Name the environment of a key that may; the key is looked up once in a request."""
    if "key" not in info.context:
        request: Request = info.context["request"]
        secret = request.headers.get("authorization", "").removeprefix("Bearer ")
        digest = sha256(secret.encode()).hexdigest()
        async with opened(info) as session:
            key = (await session.exec(select(ApiKeyRow).where(ApiKeyRow.digest == digest))).first()
            if key is None or key.revoked_at is not None:
                raise Denied
            info.context["environment"] = await session.get_one(EnvironmentRow, key.environment_id)
            info.context["key"] = key
    key = info.context["key"]
    if "*" not in key.scopes and scope not in key.scopes:
        raise Denied(scope)
    environment: str = key.environment_id
    return environment


async def customer_row(session: AsyncSession, env: str, ref: CustomerRef) -> CustomerRow | None:
    """Find a customer by the host's name."""
    wanted = select(CustomerRow).where(CustomerRow.environment_id == env, CustomerRow.external_id == ref.external_id)
    return (await session.exec(wanted)).first()


async def decisions(info: strawberry.Info, ref: CustomerRef, features: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Load what speaks about these features of a customer, and decide."""
    env = await allowed(info, "entitlements:read")
    async with opened(info) as session:
        customer = await customer_row(session, env, ref)
        if customer is None:
            return []
        named = select(FeatureRow).where(FeatureRow.environment_id == env, col(FeatureRow.key).in_(features))
        known = {row.key: row for row in await session.exec(named)}
        of = {row.id: About(row.id, row.kind.value, row.scale, None) for row in known.values()}
        await _give(session, customer.id, of)
        await _beside(session, customer.id, of)
        found: list[tuple[str, dict[str, Any]]] = []
        for key in features:
            about = of[known[key].id]
            await _count(session, customer.id, about)
            found.append((key, decided(about, _counted)))
    return found


async def _give(session: AsyncSession, customer_id: str, of: dict[str, About]) -> None:
    living = select(SubscriptionRow).where(
        SubscriptionRow.customer_id == customer_id,
        col(SubscriptionRow.ended_at).is_(None),
        col(SubscriptionRow.status).in_(LIVING),
    )
    for held in (await session.exec(living)).all():
        items = select(SubscriptionItemRow).where(SubscriptionItemRow.subscription_id == held.id)
        for item in (await session.exec(items)).all():
            gives = select(PlanEntitlementRow).where(
                PlanEntitlementRow.plan_version_id == item.plan_version_id, col(PlanEntitlementRow.feature_id).in_(of)
            )
            for give in await session.exec(gives):
                times = [to_microseconds(each) for each in (held.created_at, held.period_start, held.period_end)]
                amount = (give.limit, give.hard, give.reset.value, give.per_quantity)
                of[give.feature_id].give(
                    Give(held.id, times[0], times[1], times[2], item.add_on, item.quantity, *amount)
                )


async def _beside(session: AsyncSession, customer_id: str, of: dict[str, About]) -> None:
    now = datetime.now(UTC)
    grants = select(GrantRow).where(
        GrantRow.customer_id == customer_id,
        col(GrantRow.feature_id).in_(of),
        col(GrantRow.revoked_at).is_(None),
        GrantRow.starts_at <= now,
        or_(col(GrantRow.expires_at).is_(None), col(GrantRow.expires_at) > now),
    )
    put_beside(of, [("grant", row.feature_id, row.amount - row.used, 0) for row in await session.exec(grants)])
    overrides = select(OverrideRow).where(
        OverrideRow.customer_id == customer_id,
        col(OverrideRow.feature_id).in_(of),
        OverrideRow.starts_at <= now,
        or_(col(OverrideRow.ends_at).is_(None), col(OverrideRow.ends_at) > now),
        or_(col(OverrideRow.cleared_at).is_(None), col(OverrideRow.cleared_at) > now),
    )
    for row in await session.exec(overrides):
        put_beside(of, [("revoked" if row.revoked else "override", row.feature_id, row.limit, row.hard)])
    reserved = select(ReservationRow).where(
        ReservationRow.customer_id == customer_id,
        col(ReservationRow.feature_id).in_(of),
        col(ReservationRow.settled_at).is_(None),
        ReservationRow.expires_at > now,
    )
    for each in await session.exec(reserved):
        of[each.feature_id].reserved += each.limit_amount


async def _count(session: AsyncSession, customer_id: str, about: About) -> None:
    if about.kind != "METERED":
        return
    largest = about.largest()
    window: Window = largest.window if largest else (None, None)
    start, end = (None if each is None else from_microseconds(each) for each in window)
    head = await session.get(BalanceRow, (customer_id, about.feature_id, ""))
    if head is not None and (head.window_start, head.window_end) == (start, end):
        about.counted = (window, head.used)
        return
    summed = select(func.coalesce(func.sum(col(UsageRow.limit_amount)), 0)).where(
        UsageRow.customer_id == customer_id, UsageRow.feature_id == about.feature_id, UsageRow.scope == ""
    )
    if start is not None and end is not None:
        summed = summed.where(UsageRow.occurred_at >= start, UsageRow.occurred_at < end)
    about.counted = (window, (await session.exec(summed)).one())


def _counted(_feature_id: str, _window: Window) -> int:
    raise NotImplementedError
