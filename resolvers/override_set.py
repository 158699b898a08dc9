"""Put something in place of every other source for one customer, feature and resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import parse_amount
from billing.dataclass import dataclass
from billing.entitlements.sources import FeatureKind
from billing.refusals import AmountOutOfRange, DateOutOfRange, FeatureArchived, InvalidInput
from models.tables.entitlement import OverrideRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, demand_unarchived, found_customer, found_feature, owner_customer
from resolvers.grant_create import granted_value

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Json
    from models.views import FeatureView, OverrideView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class OverrideSet:
    """`revoked` takes the feature away; else a limit or `unlimited` (metered), a value (configuration), or true."""

    customer: CustomerRef
    feature: str
    resource: str | None = None
    revoked: bool = False
    unlimited: bool = False
    limit: str | None = None
    hard: bool = True
    value: Json = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class OverrideWasSet:
    """The override as it is now."""

    override: OverrideView
    replayed: bool


async def set_override(ctx: Context, command: OverrideSet) -> OverrideWasSet:
    """Set an override; what was set before for the same feature and resource gives way when it begins."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        feature = await found_feature(work, command.feature)
        override = _row(work, customer.id, feature, command)
        former = await work.entitlements.overrides_set(customer.id, feature.id, override.resource)
        for each in former:
            await work.entitlements.clear_override(each.id, _gives_way(each, override.starts_at, work.at))
        await work.entitlements.add_override(override)
        told: dict[str, Json] = {"featureId": feature.id, "resource": override.resource, "revoked": override.revoked}
        replaced: dict[str, Json] = {"overrideId": former[-1].id if former else None}
        await work.record(customer.id, Happening("override.set", override.id, replaced, told))
        return {"override_id": override.id}

    outcome, replayed = await act(ctx, "overrideSet", command, owner_customer(ctx, command.customer), body)
    return OverrideWasSet(await read_override(ctx, outcome["override_id"]), replayed)


async def read_override(ctx: Context, override_id: str) -> OverrideView:
    """Read an override of an outcome as it is now."""
    async with ctx.read() as read:
        override = await read.entitlements.override(override_id)
    if override is None:
        raise LookupError(override_id)
    return override


def _gives_way(former: OverrideView, starts_at: datetime, at: datetime) -> datetime:
    """When a former override ends: at once where it had not begun by then, at its own end where that is sooner."""
    if former.starts_at >= starts_at:
        return at
    return min(end for end in (starts_at, former.ends_at, former.cleared_at) if end is not None)


def _row(work: Work, customer_id: str, feature: FeatureView, command: OverrideSet) -> OverrideRow:
    if feature.archived_at is not None:
        raise FeatureArchived("The feature is archived and takes no overrides.", field="feature")
    starts_at = command.starts_at or work.at
    if starts_at < work.at:
        raise DateOutOfRange("An override starts now or later.", field="startsAt", earliest=work.at)
    if command.ends_at is not None and command.ends_at <= starts_at:
        raise DateOutOfRange("An override ends after it starts.", field="endsAt", earliest=starts_at)
    return OverrideRow(
        id=work.ids.new("ovr"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        feature_id=feature.id,
        resource=checks.resource(command.resource),
        revoked=command.revoked,
        limit=_limit(feature, command),
        hard=command.hard,
        value=None if command.revoked else granted_value(feature, command.value),
        starts_at=starts_at,
        ends_at=command.ends_at,
        due_at=command.ends_at,
        reason=checks.optional_text(command.reason, "reason") or "",
        created_at=work.at,
    )


def _limit(feature: FeatureView, command: OverrideSet) -> int | None:
    given = command.unlimited or command.limit is not None
    if command.revoked:
        if given or command.value is not None:
            raise InvalidInput("What is revoked has no limit and no value.", field="revoked")
        return None
    if given != (feature.kind is FeatureKind.METERED) or (command.unlimited and command.limit is not None):
        raise InvalidInput("A metered feature takes either `limit` or `unlimited`; others take neither.", field="limit")
    if command.limit is None:
        return None
    limit = parse_amount(command.limit, feature.scale, field="limit")
    if limit < 0:
        raise AmountOutOfRange("A limit is not below zero.", field="limit", scale=feature.scale)
    return limit
