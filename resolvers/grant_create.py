"""Grant an allowance on top of the limit, or a boolean or value of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import format_amount, parse_positive_amount
from billing.dataclass import dataclass
from billing.entitlements.sources import AllowanceKind, ConfigType, FeatureKind
from billing.refusals import DateOutOfRange, FeatureArchived, InvalidInput
from models.tables.entitlement import GrantRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, demand_unarchived, found_customer, found_feature, owner_customer

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Json
    from models.views import FeatureView, GrantView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

PRIORITIES = {AllowanceKind.PROMOTIONAL: 100, AllowanceKind.PURCHASED: 100, AllowanceKind.ROLLED_OVER: 10}
"""Which burns first, where nothing else is said: lower first; a plan's limit is 50."""


@dataclass(frozen=True, slots=True)
class GrantCreate:
    """What is granted: `amount` (a decimal string) of a metered feature, `value` of a configuration feature."""

    customer: CustomerRef
    feature: str
    resource: str | None = None
    amount: str | None = None
    value: Json = None
    kind: AllowanceKind = AllowanceKind.PROMOTIONAL
    priority: int | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class GrantCreated:
    """The grant as it is now."""

    grant: GrantView
    replayed: bool


async def create_grant(ctx: Context, command: GrantCreate) -> GrantCreated:
    """Write a grant."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        feature = await found_feature(work, command.feature)
        grant = _row(work, customer.id, feature, command)
        await work.entitlements.add_grant(grant)
        told: dict[str, Json] = {
            "featureId": feature.id,
            "resource": grant.resource,
            "amount": format_amount(grant.amount, feature.scale),
        }
        await work.record(customer.id, Happening("grant.created", grant.id, {}, told))
        return {"grant_id": grant.id}

    outcome, replayed = await act(ctx, "grantCreate", command, owner_customer(ctx, command.customer), body)
    return GrantCreated(await read_grant(ctx, outcome["grant_id"]), replayed)


async def read_grant(ctx: Context, grant_id: str) -> GrantView:
    """Read a grant of an outcome as it is now."""
    async with ctx.read() as read:
        grant = await read.entitlements.grant(grant_id)
    if grant is None:
        raise LookupError(grant_id)
    return grant


def _row(work: Work, customer_id: str, feature: FeatureView, command: GrantCreate) -> GrantRow:
    if feature.archived_at is not None:
        raise FeatureArchived("The feature is archived and takes no grants.", field="feature")
    starts_at = command.starts_at or work.at
    if starts_at < work.at:
        raise DateOutOfRange("A grant starts now or later.", field="startsAt", earliest=work.at)
    if command.expires_at is not None and command.expires_at <= starts_at:
        raise DateOutOfRange("A grant expires after it starts.", field="expiresAt", earliest=starts_at)
    if command.priority is not None and not 0 <= command.priority <= 1000:  # noqa: PLR2004
        raise InvalidInput("Give a priority from 0 to 1000; lower burns first.", field="priority")
    return GrantRow(
        id=work.ids.new("gra"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        feature_id=feature.id,
        resource=checks.resource(command.resource),
        kind=command.kind,
        amount=_amount(feature, command.amount),
        value=granted_value(feature, command.value),
        priority=PRIORITIES[command.kind] if command.priority is None else command.priority,
        starts_at=starts_at,
        expires_at=command.expires_at,
        due_at=command.expires_at,
        reason=checks.optional_text(command.reason, "reason") or "",
        created_at=work.at,
    )


def _amount(feature: FeatureView, amount: str | None) -> int:
    if (amount is not None) != (feature.kind is FeatureKind.METERED):
        raise InvalidInput("`amount` goes with metered features, and with no others.", field="amount")
    return 0 if amount is None else parse_positive_amount(amount, feature.scale, field="amount")


def granted_value(feature: FeatureView, value: Json) -> Json:
    """Take a value that fits a configuration feature; other features have none."""
    if feature.kind is not FeatureKind.CONFIG:
        if value is not None:
            raise InvalidInput("`value` goes with configuration features, and with no others.", field="value")
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    listed = value if isinstance(value, list) else [value]
    if feature.config_type is ConfigType.NUMBER and not number:
        raise InvalidInput(f"{feature.key} takes a number.", field="value")
    if feature.config_type is ConfigType.ENUM and not all(each in feature.allowed_values for each in listed):
        raise InvalidInput(f"{feature.key} takes one of {', '.join(feature.allowed_values)}.", field="value")
    if value is None:
        raise InvalidInput(f"{feature.key} needs a value.", field="value")
    return value
