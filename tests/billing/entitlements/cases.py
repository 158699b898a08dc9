"""Short ways to write sources for tests; every default is the plainest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from billing.calendar import Period
from billing.entitlements import burning
from billing.entitlements.resolution import resolve
from billing.entitlements.sources import (
    AddOnBehaviour,
    AddOnSource,
    Allowance,
    AllowanceKind,
    ConfigType,
    Feature,
    FeatureKind,
    Give,
    Override,
    ResetEvery,
    Sources,
    SubscriptionSource,
    Usage,
)

if TYPE_CHECKING:
    from billing.entitlements.sources import Json

UTC_ZONE = ZoneInfo("UTC")
UNUSED = Usage()
REPLACE = AddOnBehaviour.REPLACE


def utc(text: str) -> datetime:
    """An instant written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


AT = utc("2024-01-20T12:00")
CALLS = Feature("feat_calls", "api-calls", "API calls", FeatureKind.METERED, unit="call")
SSO = Feature("feat_sso", "sso", "Single sign-on", FeatureKind.BOOLEAN)
SEATS = Feature("feat_seats", "max-seats", "Seats", FeatureKind.CONFIG, config_type=ConfigType.NUMBER)
REGION = Feature("feat_region", "region", "Region", FeatureKind.CONFIG, config_type=ConfigType.ENUM)
THEME = Feature("feat_theme", "theme", "Theme", FeatureKind.CONFIG, config_type=ConfigType.JSON)


def metered(limit: int | None, **facts: Any) -> Give:
    """A metered give, monthly from the subscription's anchor unless told otherwise."""
    plain: dict[str, Any] = {"reset": ResetEvery.MONTH}
    return Give(feature_id=CALLS.id, limit=limit, **{**plain, **facts})


def valued(value: Json, **facts: Any) -> Give:
    """A give of a configuration value."""
    return Give(feature_id="feat", value=value, **facts)


def subscription(give: Give | None, name: str = "1", **facts: Any) -> SubscriptionSource:
    """A subscription since 1 January 2024 with that give."""
    plain: dict[str, Any] = {
        "subscription_id": f"sub_{name}",
        "resource": "",
        "plan_key": f"plan-{name}",
        "plan_version": 1,
        "plan_rank": 10,
        "quantity": 1,
        "anchor": utc("2024-01-01"),
        "zone": UTC_ZONE,
        "period": Period(utc("2024-01-01"), utc("2024-02-01")),
        "created_at": utc("2024-01-01"),
        "gives": _of_any(give),
    }
    return SubscriptionSource(**{**plain, **facts})


def add_on(give: Give | None, quantity: int = 1, name: str = "extra") -> AddOnSource:
    """An add-on with that give."""
    return AddOnSource(name, 1, quantity, _of_any(give))


def _of_any(give: Give | None) -> dict[str, Give]:
    """The same, whatever feature is asked about."""
    return {} if give is None else {each.id: give for each in (CALLS, SSO, SEATS, REGION, THEME)}


def allowance(amount: int, name: str = "1", **facts: Any) -> Allowance:
    """A promotional grant since 2 January 2024 that never expires."""
    plain: dict[str, Any] = {
        "id": f"grant_{name}",
        "resource": "",
        "kind": AllowanceKind.PROMOTIONAL,
        "amount": amount,
        "used": 0,
        "priority": 100,
        "starts_at": utc("2024-01-02"),
        "created_at": utc("2024-01-02"),
    }
    return Allowance(**{**plain, **facts})


def override(name: str = "1", **facts: Any) -> Override:
    """An override since 5 January 2024 without end."""
    plain: dict[str, Any] = {"id": f"over_{name}", "resource": "", "starts_at": utc("2024-01-05")}
    return Override(**{**plain, **facts})


def sources(feature: Feature | None, *subscriptions: SubscriptionSource, **facts: Any) -> Sources:
    """Everything about one feature."""
    return Sources(feature, subscriptions, **facts)


def burn(src: Sources, usage: Usage, amount: int, at: datetime, resource: str = "") -> burning.Burn:
    """Spread an amount over what stands at an instant."""
    return burning.burn(resolve(src, at, resource), usage, amount)
