"""Make the environment's catalog what a file says: new versions, published; applying twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.catalog.base_plans import with_base_plans
from billing.catalog.digest import digest
from billing.catalog.problems import problems
from billing.refusals import CatalogInvalid
from models.choices import VersionStatus
from models.tables.catalog import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow
from models.work import Happening
from resolvers.access import demand

if TYPE_CHECKING:
    from billing.catalog.values import Catalog, EntitlementDef, FeatureDef, PlanDef, PriceDef, ProductDef
    from models.views import FeatureView, ProductView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class CatalogApplied:
    """What a catalog changed; plans are named key@version."""

    products_added: tuple[str, ...]
    features_added: tuple[str, ...]
    plans_published: tuple[str, ...]
    words_changed: tuple[str, ...]
    unchanged: int


@dataclass(slots=True)
class _Tally:
    products: list[str]
    features: list[str]
    plans: list[str]
    words: list[str]
    unchanged: int = 0


async def catalog_apply(ctx: Context, catalog: Catalog) -> CatalogApplied:
    """Apply a whole catalog in one transaction, or refuse it and change nothing.

    What the file does not list stays as it is. Live subscriptions stay on their version.
    """
    demand(ctx, "catalogApply")
    found = problems(catalog)
    if found:
        raise CatalogInvalid(
            "The catalog was refused; nothing was changed.",
            problems=tuple(f"{'.'.join(map(str, each.path))}: {each.message}" for each in found),
        )
    tally = _Tally([], [], [], [])
    async with ctx.work() as work:
        await work.bump(ctx.env.id)
        await _apply(work, with_base_plans(catalog), tally)
    return CatalogApplied(
        tuple(tally.products),
        tuple(tally.features),
        tuple(tally.plans),
        tuple(tally.words),
        tally.unchanged,
    )


async def _apply(work: Work, catalog: Catalog, tally: _Tally) -> None:
    products = {view.key: view for view in await work.catalog.products()}
    features = {view.key: view for view in await work.catalog.features(archived=True)}
    _demand_same_kind(catalog, features)
    product_ids = {each.key: await _product(work, each, products.get(each.key), tally) for each in catalog.products}
    feature_ids = {
        each.key: await _feature(work, each, product_ids, features.get(each.key), tally) for each in catalog.features
    }
    known = await work.catalog.digests()
    plan_ids: dict[str, str] = {}
    for plan in catalog.plans:
        plan_ids[plan.key] = await _plan(work, plan, product_ids[plan.product], feature_ids, known, tally)
    for product in catalog.products:
        if product.default_plan is not None:
            default = {"default_plan_id": plan_ids[product.default_plan]}
            await work.catalog.update_product(product_ids[product.key], default)


async def _product(work: Work, wanted: ProductDef, known: ProductView | None, tally: _Tally) -> str:
    if known is not None:
        if (known.name, known.description) == (wanted.name, wanted.description):
            tally.unchanged += 1
        else:
            await work.catalog.update_product(known.id, {"name": wanted.name, "description": wanted.description})
            await _tell(work, "product.updated", known.id, wanted.key)
            tally.words.append(wanted.key)
        return known.id
    row = ProductRow(
        id=work.ids.new("prd"),
        environment_id=work.environment_id,
        key=wanted.key,
        name=wanted.name,
        description=wanted.description,
        created_at=work.at,
    )
    await work.catalog.add(row)
    await _tell(work, "product.created", row.id, wanted.key)
    tally.products.append(wanted.key)
    return row.id


async def _feature(
    work: Work,
    wanted: FeatureDef,
    product_ids: dict[str, str],
    known: FeatureView | None,
    tally: _Tally,
) -> str:
    product_id = product_ids[wanted.product] if wanted.product else ""
    if known is not None:
        before = (known.name, known.description, known.unit, known.allowed_values, known.product_id, known.aggregation)
        after = (wanted.name, wanted.description, wanted.unit, wanted.allowed_values, product_id, wanted.aggregation)
        if before == after and known.archived_at is None:
            tally.unchanged += 1
            return known.id
        names = ("name", "description", "unit", "allowed_values", "product_id", "aggregation")
        changed = dict(zip(names, after, strict=True))
        await work.catalog.update_feature(
            known.id,
            {**changed, "allowed_values": list(wanted.allowed_values), "archived_at": None},
        )
        await _tell(work, "feature.updated", known.id, wanted.key)
        tally.words.append(wanted.key)
        return known.id
    row = FeatureRow(
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
        created_at=work.at,
    )
    await work.catalog.add(row)
    await _tell(work, "feature.created", row.id, wanted.key)
    tally.features.append(wanted.key)
    return row.id


async def _plan(
    work: Work,
    wanted: PlanDef,
    product_id: str,
    feature_ids: dict[str, str],
    known: dict[str, tuple[str, int, str]],
    tally: _Tally,
) -> str:
    mark = digest(wanted)
    plan_id, latest, before = known.get(wanted.key, ("", 0, ""))
    if before == mark:
        tally.unchanged += 1
        return plan_id
    if plan_id:
        await _demand_same_identity(work, wanted, plan_id, product_id)
    else:
        plan_id = work.ids.new("pln")
        await work.catalog.add(
            PlanRow(
                id=plan_id,
                environment_id=work.environment_id,
                product_id=product_id,
                key=wanted.key,
                add_on=wanted.is_add_on,
                created_at=work.at,
            ),
        )
    version = _version(work, wanted, plan_id, latest + 1, mark)
    await work.catalog.add(
        version,
        *(_price(work, version.id, place, price, feature_ids) for place, price in enumerate(wanted.prices)),
        *(_give(work, version.id, place, give, feature_ids) for place, give in enumerate(wanted.entitlements)),
    )
    await work.catalog.publish(plan_id, version.version)
    await _tell(work, "plan.published", plan_id, f"{wanted.key}@{version.version}")
    tally.plans.append(f"{wanted.key}@{version.version}")
    return plan_id


def _version(work: Work, wanted: PlanDef, plan_id: str, version: int, mark: str) -> PlanVersionRow:
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
        hidden=wanted.hidden,
        base_plan=wanted.base or "",
        includes=list(wanted.includes),
        add_on_keys=list(wanted.add_ons),
        labels=dict(wanted.metadata),
        digest=mark,
        published_at=work.at,
        created_at=work.at,
    )


def _price(work: Work, version_id: str, place: int, wanted: PriceDef, feature_ids: dict[str, str]) -> PriceRow:
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


def _give(
    work: Work,
    version_id: str,
    place: int,
    wanted: EntitlementDef,
    feature_ids: dict[str, str],
) -> PlanEntitlementRow:
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
    )


def _demand_same_kind(catalog: Catalog, features: dict[str, FeatureView]) -> None:
    """A feature's kind and scale are what its ledger is written in: they never change."""
    wrong = [
        f"features.{each.key}: kind, type and scale of an existing feature cannot change; make a feature of another key"
        for each in catalog.features
        if (known := features.get(each.key)) is not None
        and (known.kind, known.scale, known.config_type) != (each.kind, each.scale, each.config_type)
    ]
    if wrong:
        raise CatalogInvalid("The catalog was refused; nothing was changed.", problems=tuple(wrong))


async def _demand_same_identity(work: Work, wanted: PlanDef, plan_id: str, product_id: str) -> None:
    """A plan stays with its product and stays a plan, or an add-on."""
    known = (await work.catalog.plans_by_id([plan_id])).get(plan_id)
    if known is not None and (known.product_id, known.add_on) != (product_id, wanted.is_add_on):
        raise CatalogInvalid(
            "The catalog was refused; nothing was changed.",
            problems=(f"plans.{wanted.key}: an existing plan keeps its product and stays a plan or an add-on",),
        )


async def _tell(work: Work, kind: str, subject_id: str, key: str) -> None:
    await work.record(work.environment_id, Happening(kind, subject_id, {}, {"key": key}))
