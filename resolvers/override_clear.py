"""Take an override away; what it stood in place of counts again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, found_customer, found_feature, owner_customer
from resolvers.override_set import read_override

if TYPE_CHECKING:
    from typing import Any

    from models.views import OverrideView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class OverrideClear:
    """Whose override of which feature and resource."""

    customer: CustomerRef
    feature: str
    resource: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class OverrideCleared:
    """The override that was taken away."""

    override: OverrideView
    replayed: bool


async def clear_override(ctx: Context, command: OverrideClear) -> OverrideCleared:
    """Clear the override that is set, and one that was to follow it; what is answered is the one that stood."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        feature = await found_feature(work, command.feature)
        overrides = await work.entitlements.overrides_set(customer.id, feature.id, checks.resource(command.resource))
        if not overrides:
            raise not_found("Override", "feature")
        for override in overrides:
            await work.entitlements.clear_override(override.id, work.at)
            await work.record(customer.id, Happening("override.cleared", override.id, {}, {}))
        return {"override_id": overrides[0].id}

    outcome, replayed = await act(ctx, "overrideClear", command, owner_customer(ctx, command.customer), body)
    return OverrideCleared(await read_override(ctx, outcome["override_id"]), replayed)
