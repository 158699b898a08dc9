"""The rows of a published version: what a catalog's values become when they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.choices import VersionStatus
from models.tables.catalog import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.catalog.values import EntitlementDef, FeatureDef, PlanDef, PriceDef, ProductDef
    from models.work import Work


def product_row(work: Work, wanted: ProductDef) -> ProductRow:
    """A new product; its default plan is named once that is there."""
    return ProductRow(
        id=work.ids.new("prd"),
        environment_id=work.environment_id,
        key=wanted.key,
        name=wanted.name,
        description=wanted.description,
        created_at=work.at,
        archived_at=work.at if wanted.archived else None,
    )


def feature_row(work: Work, wanted: FeatureDef, product_id: str) -> FeatureRow:
    """A new feature."""
    return FeatureRow(
        id=work.ids.new("fea"),
        environment_id=work.environment_id,
        key=wanted.key,
        name=wanted.name,
        description=wanted.description,
        product_id=product_id,
        kind=wanted.kind,
        unit=wanted.unit,
        scale=wanted.scale,
        aggregation=wanted.aggregation,
        config_type=wanted.config_type,
        allowed_values=list(wanted.allowed_values),
        thresholds=list(wanted.thresholds),
        created_at=work.at,
        archived_at=work.at if wanted.archived else None,
    )


def feature_words(wanted: FeatureDef, product_id: str) -> dict[str, object]:
    """What of a feature may change, for all who have it at once; kind, type and scale never do."""
    return {
        "name": wanted.name,
        "description": wanted.description,
        "unit": wanted.unit,
        "allowed_values": list(wanted.allowed_values),
        "product_id": product_id,
        "aggregation": wanted.aggregation,
        "thresholds": list(wanted.thresholds),
    }


def plan_row(work: Work, wanted: PlanDef, product_id: str) -> PlanRow:
    """A new plan or add-on, before its first version."""
    return PlanRow(
        id=work.ids.new("pln"),
        environment_id=work.environment_id,
        product_id=product_id,
        key=wanted.key,
        add_on=wanted.is_add_on,
        created_at=work.at,
    )


def version_row(work: Work, wanted: PlanDef, plan_id: str, version: int, mark: str) -> PlanVersionRow:
    """One version; `mark` is its digest."""
    return PlanVersionRow(
        id=work.ids.new("plv"),
        environment_id=work.environment_id,
        plan_id=plan_id,
        version=version,
        status=VersionStatus.PUBLISHED,
        name=wanted.name,
        description=wanted.description,
        kind=wanted.kind,
        rank=wanted.rank,
        trial_days=wanted.trial_days,
        instalments=wanted.instalments,
        access_after_completion=wanted.access_after_completion,
        hidden=wanted.hidden,
        base_plan=wanted.base or "",
        includes=list(wanted.includes),
        add_on_keys=list(wanted.add_ons),
        labels=dict(wanted.metadata),
        digest=mark,
        published_at=work.at,
        created_at=work.at,
    )


def price_row(work: Work, version_id: str, place: int, wanted: PriceDef, feature_ids: Mapping[str, str]) -> PriceRow:
    """One price of a version."""
    return PriceRow(
        id=work.ids.new("prc"),
        environment_id=work.environment_id,
        plan_version_id=version_id,
        key=wanted.key,
        position=place,
        currency=wanted.currency,
        every=wanted.interval.unit,
        count=wanted.interval.count,
        model=wanted.model,
        usage=wanted.usage,
        feature_id=feature_ids[wanted.feature] if wanted.feature else "",
        unit_amount=wanted.unit_amount,
        package_size=wanted.package_size,
        tiers=[
            {"up_to": tier.up_to, "unit_amount": tier.unit_amount, "flat_amount": tier.flat_amount}
            for tier in wanted.tiers
        ],
    )


def give_row(
    work: Work,
    version_id: str,
    place: int,
    wanted: EntitlementDef,
    feature_ids: Mapping[str, str],
) -> PlanEntitlementRow:
    """What a version gives of one feature."""
    return PlanEntitlementRow(
        plan_version_id=version_id,
        feature_id=feature_ids[wanted.feature],
        environment_id=work.environment_id,
        position=place,
        granted=wanted.granted,
        value=wanted.value,
        limit=wanted.limit,
        hard=wanted.hard,
        reset=wanted.reset,
        reset_anchor=wanted.reset_anchor,
        per_quantity=wanted.per_quantity,
        behaviour=wanted.behaviour,
        priority=wanted.priority,
        rollover_maximum=wanted.rollover_maximum,
        rollover_minimum=wanted.rollover_minimum,
    )
