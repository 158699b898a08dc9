"""The catalog as it is written: products, features, plans, prices and what plans give, by key.

A key names a thing within its environment; an id is given by the store. Unit amounts are whole billionths (10^-9) of
the currency's major unit; limits and tier ends are whole 10^-scale of the feature.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from billing.dataclass import dataclass
from billing.entitlements.sources import (
    USUAL_THRESHOLDS,
    AddOnBehaviour,
    Aggregation,
    ConfigType,
    FeatureKind,
    Json,
    ResetAnchor,
    ResetEvery,
)
from billing.instalments import AccessAfterCompletion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.calendar import Interval

Metadata: TypeAlias = tuple[tuple[str, str], ...]


class PlanKind(StrEnum):
    """How a plan is sold."""

    FREE = "FREE"
    PAID = "PAID"
    CUSTOM = "CUSTOM"
    EMPTY = "EMPTY"


class PriceModel(StrEnum):
    """How a quantity becomes an amount."""

    FLAT = "FLAT"
    PER_UNIT = "PER_UNIT"
    TIERED_GRADUATED = "TIERED_GRADUATED"
    TIERED_VOLUME = "TIERED_VOLUME"
    PACKAGE = "PACKAGE"


class PriceUsage(StrEnum):
    """Whether a price bills a quantity that is agreed or one that is measured."""

    LICENSED = "LICENSED"
    METERED = "METERED"


PLAN_KIND_MEANINGS: Mapping[PlanKind, str] = {
    PlanKind.FREE: "Costs nothing; anybody may have it.",
    PlanKind.PAID: "Has prices; whoever takes it pays one of them.",
    PlanKind.CUSTOM: "Priced by agreement; only the merchant can sell it.",
    PlanKind.EMPTY: "Gives nothing and costs nothing: an account that stays without using the product. (S7)",
}

PRICE_MODEL_MEANINGS: Mapping[PriceModel, str] = {
    PriceModel.FLAT: "One amount for the period, whatever the quantity.",
    PriceModel.PER_UNIT: "The amount times the quantity.",
    PriceModel.TIERED_GRADUATED: "Each unit costs what the tier says into which it falls.",
    PriceModel.TIERED_VOLUME: "All units cost what the tier says into which the whole quantity falls.",
    PriceModel.PACKAGE: "The amount for each package begun; a package holds `packageSize` units.",
}

PRICE_USAGE_MEANINGS: Mapping[PriceUsage, str] = {
    PriceUsage.LICENSED: "Billed in advance for the subscription's quantity.",
    PriceUsage.METERED: "Billed in arrears for what the feature's ledger counted in the billing period.",
}

TIERED = frozenset({PriceModel.TIERED_GRADUATED, PriceModel.TIERED_VOLUME})
"""The models that have tiers in place of one amount."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a price list was read: its title, address and the day (YYYY-MM-DD)."""

    title: str = ""
    url: str = ""
    retrieved: str = ""


@dataclass(frozen=True, slots=True)
class ProductDef:
    """What is sold; `default_plan` is what a customer of it has without choosing; `archived` takes it off sale. (K2)

    `after_cancellation` is the plan on which whoever cancels goes on; None revokes access. (S7)
    """

    key: str
    name: str
    description: str = ""
    default_plan: str | None = None
    archived: bool = False
    after_cancellation: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureDef:
    """A thing that plans promise; `product` None means that plans of every product may give it."""

    key: str
    name: str
    kind: FeatureKind
    description: str = ""
    product: str | None = None
    unit: str = ""
    scale: int = 0
    aggregation: Aggregation = Aggregation.SUM
    config_type: ConfigType | None = None
    allowed_values: tuple[str, ...] = ()
    thresholds: tuple[int, ...] = USUAL_THRESHOLDS
    archived: bool = False


@dataclass(frozen=True, slots=True)
class TierDef:
    """Units up to and including `up_to` (None: all further ones); `flat_amount` is added once a unit falls into it."""

    up_to: int | None
    unit_amount: int
    flat_amount: int = 0


@dataclass(frozen=True, slots=True)
class PriceDef:
    """One price of a plan, named by `key` within it.

    `unit_amount` is the whole amount of a FLAT price, of one unit, or of one package; tiered prices have none.
    `package_size` and tier ends count the feature's 10^-scale where the price is metered, else whole units.
    """

    key: str
    currency: str
    interval: Interval
    model: PriceModel = PriceModel.FLAT
    usage: PriceUsage = PriceUsage.LICENSED
    feature: str | None = None
    unit_amount: int | None = None
    package_size: int | None = None
    tiers: tuple[TierDef, ...] = ()


@dataclass(frozen=True, slots=True)
class EntitlementDef:
    """What a plan gives of one feature; the fields are those of `billing.entitlements.sources.Give`."""

    feature: str
    granted: bool = True
    value: Json = None
    limit: int | None = None
    hard: bool = True
    reset: ResetEvery = ResetEvery.NEVER
    reset_anchor: ResetAnchor = ResetAnchor.SUBSCRIPTION
    per_quantity: bool = False
    behaviour: AddOnBehaviour = AddOnBehaviour.ADD
    priority: int = 50
    rollover_maximum: int | None = None
    rollover_minimum: int = 0


@dataclass(frozen=True, slots=True)
class PlanDef:
    """A plan or an add-on as it should be published.

    `includes` names other products whose features it may give; `add_ons` the add-ons it takes; `base` a plan whose
    entitlements are copied at publishing, where it does not state its own; `hidden` keeps it out of the picker;
    `archived` takes it off sale, which touches no subscription and makes no new version. (K2) `instalments` is how many
    payments make up its price, 0 where it renews until it is ended. (K4)
    """

    key: str
    product: str
    name: str
    kind: PlanKind
    description: str = ""
    includes: tuple[str, ...] = ()
    rank: int = 0
    is_add_on: bool = False
    add_ons: tuple[str, ...] = ()
    base: str | None = None
    trial_days: int = 0
    prices: tuple[PriceDef, ...] = ()
    entitlements: tuple[EntitlementDef, ...] = ()
    metadata: Metadata = ()
    hidden: bool = False
    archived: bool = False
    instalments: int = 0
    access_after_completion: AccessAfterCompletion = AccessAfterCompletion.KEEP


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is sold in one environment, as one file says it; add-ons are among the plans."""

    products: tuple[ProductDef, ...] = ()
    features: tuple[FeatureDef, ...] = ()
    plans: tuple[PlanDef, ...] = ()
    source: SourceNote | None = None
