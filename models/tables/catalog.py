"""What is sold: products, features, plans with their versions, prices and entitlements."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from billing.calendar import IntervalUnit
from billing.catalog.values import PlanKind, PriceModel, PriceUsage
from billing.entitlements.sources import (
    USUAL_THRESHOLDS,
    AddOnBehaviour,
    Aggregation,
    ConfigType,
    FeatureKind,
    ResetAnchor,
    ResetEvery,
)
from billing.instalments import AccessAfterCompletion
from models.choices import VersionStatus
from models.tables.base import Row, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class ProductRow(Row, table=True):
    """What is sold; `default_plan_id` is '' where none is named.

    `after_plan_id` is the plan on which whoever cancels goes on, '' where access is revoked. (S7)
    """

    __tablename__ = "product"
    __table_args__ = strict(UniqueConstraint("environment_id", "key"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    key: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    default_plan_id: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    after_plan_id: str = Field(default="", sa_type=Text)


class FeatureRow(Row, table=True):
    """A thing that plans promise.

    `thresholds` are the percents of a limit that are told of; `rolls_over`: some plan carries unspent amounts over.
    """

    __tablename__ = "feature"
    __table_args__ = strict(
        checked("kind", FeatureKind),
        checked("aggregation", Aggregation),
        checked("config_type", ConfigType),
        UniqueConstraint("environment_id", "key"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    key: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    product_id: str = Field(default="", sa_type=Text)
    kind: FeatureKind = Field(sa_type=Choice(FeatureKind))
    unit: str = Field(default="", sa_type=Text)
    scale: int = Field(default=0, sa_type=Int64)
    aggregation: Aggregation = Field(default=Aggregation.SUM, sa_type=Choice(Aggregation))
    config_type: ConfigType | None = Field(default=None, sa_type=Choice(ConfigType))
    allowed_values: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    thresholds: list[int] = Field(default_factory=lambda: list(USUAL_THRESHOLDS), sa_type=Json)
    rolls_over: bool = Field(default=False, sa_type=Flag)


class PlanRow(Row, table=True):
    """A plan's identity; `latest_version` is the newest published version, 0 before the first."""

    __tablename__ = "plan"
    __table_args__ = strict(UniqueConstraint("environment_id", "key"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    product_id: str = Field(foreign_key="product.id", index=True, sa_type=Text)
    key: str = Field(sa_type=Text)
    add_on: bool = Field(default=False, sa_type=Flag)
    latest_version: int = Field(default=0, sa_type=Int64)
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class PlanVersionRow(Row, table=True):
    """What a plan says in one version; `digest` tells whether a catalog changes anything."""

    __tablename__ = "plan_version"
    __table_args__ = strict(
        checked("status", VersionStatus),
        checked("kind", PlanKind),
        checked("access_after_completion", AccessAfterCompletion),
        UniqueConstraint("plan_id", "version"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    plan_id: str = Field(foreign_key="plan.id", sa_type=Text)
    version: int = Field(sa_type=Int64)
    status: VersionStatus = Field(sa_type=Choice(VersionStatus))
    name: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    kind: PlanKind = Field(sa_type=Choice(PlanKind))
    rank: int = Field(default=0, sa_type=Int64)
    trial_days: int = Field(default=0, sa_type=Int64)
    hidden: bool = Field(default=False, sa_type=Flag)
    base_plan: str = Field(default="", sa_type=Text)
    includes: list[str] = Field(default_factory=list, sa_type=Json)
    add_on_keys: list[str] = Field(default_factory=list, sa_type=Json)
    labels: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    digest: str = Field(sa_type=Text)
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    instalments: int = Field(default=0, sa_type=Int64)
    access_after_completion: AccessAfterCompletion = Field(
        default=AccessAfterCompletion.KEEP, sa_type=Choice(AccessAfterCompletion)
    )


class PriceRow(Row, table=True):
    """A price of one plan version; `unit_amount` is in 10^-9 of the currency's major unit."""

    __tablename__ = "price"
    __table_args__ = strict(
        checked("every", IntervalUnit),
        checked("model", PriceModel),
        checked("usage", PriceUsage),
        UniqueConstraint("plan_version_id", "key"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    plan_version_id: str = Field(foreign_key="plan_version.id", sa_type=Text)
    key: str = Field(sa_type=Text)
    position: int = Field(sa_type=Int64)
    currency: str = Field(sa_type=Text)
    every: IntervalUnit = Field(sa_type=Choice(IntervalUnit))
    count: int = Field(default=1, sa_type=Int64)
    model: PriceModel = Field(sa_type=Choice(PriceModel))
    usage: PriceUsage = Field(sa_type=Choice(PriceUsage))
    feature_id: str = Field(default="", sa_type=Text)
    unit_amount: int | None = Field(default=None, sa_type=Int64)
    package_size: int | None = Field(default=None, sa_type=Int64)
    tiers: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)


class PlanEntitlementRow(Row, table=True):
    """What one plan version gives of one feature; `limit` NULL is unlimited."""

    __tablename__ = "plan_entitlement"
    __table_args__ = strict(
        checked("reset", ResetEvery),
        checked("reset_anchor", ResetAnchor),
        checked("behaviour", AddOnBehaviour),
    )

    plan_version_id: str = Field(foreign_key="plan_version.id", primary_key=True, sa_type=Text)
    feature_id: str = Field(foreign_key="feature.id", primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    position: int = Field(default=0, sa_type=Int64)
    granted: bool = Field(default=True, sa_type=Flag)
    value: Any = Field(default=None, sa_type=Json, nullable=True)
    limit: int | None = Field(default=None, sa_type=Int64)
    hard: bool = Field(default=True, sa_type=Flag)
    reset: ResetEvery = Field(default=ResetEvery.NEVER, sa_type=Choice(ResetEvery))
    reset_anchor: ResetAnchor = Field(default=ResetAnchor.SUBSCRIPTION, sa_type=Choice(ResetAnchor))
    per_quantity: bool = Field(default=False, sa_type=Flag)
    behaviour: AddOnBehaviour = Field(default=AddOnBehaviour.ADD, sa_type=Choice(AddOnBehaviour))
    priority: int = Field(default=50, sa_type=Int64)
    rollover_minimum: int | None = Field(default=None, sa_type=Int64)
    rollover_maximum: int | None = Field(default=None, sa_type=Int64)
