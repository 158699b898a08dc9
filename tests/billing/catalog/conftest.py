"""A small catalog in which nothing is wrong."""

from __future__ import annotations

import pytest

from billing.calendar import Interval, IntervalUnit
from billing.catalog.values import (
    Catalog,
    EntitlementDef,
    FeatureDef,
    PlanDef,
    PlanKind,
    PriceDef,
    PriceModel,
    ProductDef,
)
from billing.entitlements.sources import ConfigType, FeatureKind, ResetEvery

MONTH = Interval(IntervalUnit.MONTH)


@pytest.fixture
def catalog() -> Catalog:
    """One product with a free plan, a paid plan upon it, and an add-on."""
    return Catalog(
        products=(ProductDef("app", "App", default_plan="free"),),
        features=(
            FeatureDef("calls", "Calls", FeatureKind.METERED, unit="calls"),
            FeatureDef("sso", "Single sign-on", FeatureKind.BOOLEAN),
            FeatureDef(
                "help", "Help", FeatureKind.CONFIG, config_type=ConfigType.ENUM, allowed_values=("mail", "phone")
            ),
        ),
        plans=(
            PlanDef(
                "free",
                "app",
                "Free",
                PlanKind.FREE,
                entitlements=(
                    EntitlementDef("calls", limit=10, reset=ResetEvery.MONTH),
                    EntitlementDef("help", value="mail"),
                ),
            ),
            PlanDef(
                "team",
                "app",
                "Team",
                PlanKind.PAID,
                rank=1,
                base="free",
                add_ons=("extra",),
                prices=(PriceDef("usd_month", "USD", MONTH, unit_amount=19 * 10**9),),
                entitlements=(
                    EntitlementDef("calls", limit=1000, reset=ResetEvery.MONTH),
                    EntitlementDef("sso"),
                ),
            ),
            PlanDef(
                "extra",
                "app",
                "Extra calls",
                PlanKind.PAID,
                is_add_on=True,
                prices=(PriceDef("usd_month", "USD", MONTH, PriceModel.PER_UNIT, unit_amount=5 * 10**9),),
                entitlements=(EntitlementDef("calls", limit=500),),
            ),
        ),
    )
