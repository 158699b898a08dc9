"""Products, features and plans with their versions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, literal, or_, select, update

from billing.calendar import Interval
from billing.catalog.values import TierDef
from billing.entitlements.sources import Feature, Give
from models.given import among, here, sent
from models.rows import Runner, add, even, row, rows
from models.tables.base import table
from models.tables.catalog import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow
from models.tables.entitlement import BalanceRow
from models.types import Flag, Text
from models.views import FeatureView, PlanView, PriceView, ProductView

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select
    from sqlmodel import SQLModel

PRODUCT = table(ProductRow)
FEATURE = table(FeatureRow)
PLAN = table(PlanRow)
VERSION = table(PlanVersionRow)
PRICE = table(PriceRow)
GIVE = table(PlanEntitlementRow)
BALANCE = table(BalanceRow)
FEATURE_NAMED = select(FEATURE).where(
    FEATURE.c.environment_id == bindparam("env"),
    or_(FEATURE.c.id == bindparam("of"), FEATURE.c.key == bindparam("of")),
)
_NAMED = bindparam("of", type_=Text(), expanding=True)
FEATURES_NAMED = select(FEATURE).where(
    FEATURE.c.environment_id == bindparam("env"), or_(FEATURE.c.id.in_(_NAMED), FEATURE.c.key.in_(_NAMED))
)
FEATURES_BY_ID = select(FEATURE).where(here(FEATURE.c.environment_id), among(FEATURE.c.id, "ids"))
PRICES_BY_ID = select(PRICE).where(here(PRICE.c.environment_id), among(PRICE.c.id, "ids"))

PRODUCTS_BY_ID = select(PRODUCT).where(here(PRODUCT.c.environment_id), among(PRODUCT.c.id, "ids"))
PRODUCTS_BY_KEY = select(PRODUCT).where(PRODUCT.c.environment_id == bindparam("env"), among(PRODUCT.c.key, "ids"))
PRICES_OF_VERSIONS = select(PRICE).where(among(PRICE.c.plan_version_id, "ids")).order_by(PRICE.c.position)
GIVES_OF_VERSIONS = select(GIVE).where(among(GIVE.c.plan_version_id, "ids")).order_by(GIVE.c.position)
VERSIONS = select(
    *(PLAN.c.id, PLAN.c.key, PLAN.c.product_id, PLAN.c.add_on, PLAN.c.latest_version, PLAN.c.archived_at),
    VERSION.c.id.label("version_id"),
    *(column for column in VERSION.c if column.name not in ("id", "environment_id", "created_at")),
).join_from(PLAN, VERSION, VERSION.c.plan_id == PLAN.c.id)
VERSIONS_BY_ID = VERSIONS.where(here(PLAN.c.environment_id), among(VERSION.c.id, "ids"))
LATEST = VERSIONS.where(PLAN.c.environment_id == bindparam("env"), VERSION.c.version == PLAN.c.latest_version)
EVERY_PLAN = LATEST.order_by(PLAN.c.created_at, PLAN.c.id)
PLANS_BY_ID = LATEST.where(among(PLAN.c.id, "ids"))
PLANS_BY_KEY = LATEST.where(among(PLAN.c.key, "ids"))
NAMED = or_(PLAN.c.id == bindparam("of"), PLAN.c.key == bindparam("of"))
PLAN_NAMED = LATEST.where(NAMED)
PLAN_PINNED = VERSIONS.where(
    PLAN.c.environment_id == bindparam("env"), NAMED, VERSION.c.version == bindparam("version")
)
SOLD = LATEST.where(PLAN.c.archived_at.is_(None), PLAN.c.add_on == bindparam("add_ons"))
SHOWN = VERSION.c.hidden == literal(value=False, type_=Flag())
PLANS_OF = LATEST.where(
    PLAN.c.archived_at.is_(None),
    PLAN.c.add_on == literal(value=False, type_=Flag()),
    SHOWN,
    among(PLAN.c.product_id, "ids"),
)


@cache
def _on_sale(*, of_product: bool, hidden: bool) -> Select[Any]:
    listed = SOLD.where(PLAN.c.product_id == bindparam("product")) if of_product else SOLD
    return listed if hidden else listed.where(SHOWN)


class CatalogStore:
    """What an environment sells."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._prices: dict[str, PriceView] = {}
        self._features: dict[str, FeatureView] = {}

    async def products(self, *, archived: bool = False) -> list[ProductView]:
        """List the products, in the order of the catalog; archived ones only where they are wanted."""
        listed = select(PRODUCT).where(PRODUCT.c.environment_id == self._env)
        if not archived:
            listed = listed.where(PRODUCT.c.archived_at.is_(None))
        return [_product(found) for found in await rows(self._run, listed.order_by(PRODUCT.c.created_at, PRODUCT.c.id))]

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, ProductView]:
        """Find products, archived ones too."""
        found = await rows(self._run, PRODUCTS_BY_ID, {"env": self._env, "ids": sent(ids)})
        return {each["id"]: _product(each) for each in found}

    async def products_by_key(self, keys: Sequence[str]) -> dict[str, ProductView]:
        """Find products by key, archived ones too."""
        found = await rows(self._run, PRODUCTS_BY_KEY, {"env": self._env, "ids": sent(keys)})
        return {each["key"]: _product(each) for each in found}

    async def product(self, ref: str) -> ProductView | None:
        """Find a product by id or key."""
        wanted = select(PRODUCT).where(
            PRODUCT.c.environment_id == self._env, or_(PRODUCT.c.id == ref, PRODUCT.c.key == ref)
        )
        found = await row(self._run, wanted)
        return _product(found) if found else None

    async def features(self, *, archived: bool = False) -> list[FeatureView]:
        """List the features, in the order of the catalog."""
        listed = select(FEATURE).where(FEATURE.c.environment_id == self._env)
        if not archived:
            listed = listed.where(FEATURE.c.archived_at.is_(None))
        return [
            feature_view(found) for found in await rows(self._run, listed.order_by(FEATURE.c.created_at, FEATURE.c.id))
        ]

    async def features_by_id(self, ids: Sequence[str]) -> dict[str, FeatureView]:
        """Find features, archived ones too."""
        if new := set(ids) - self._features.keys():
            found = await rows(self._run, FEATURES_BY_ID, {"env": self._env, "ids": sent(sorted(new))})
            self._features |= {each["id"]: feature_view(each) for each in found}
        return {each: self._features[each] for each in ids if each in self._features}

    async def feature(self, ref: str) -> FeatureView | None:
        """Find a feature by id or key, archived ones too."""
        found = await row(self._run, FEATURE_NAMED, {"of": ref, "env": self._env})
        return feature_view(found) if found else None

    async def features_named(self, refs: Collection[str]) -> dict[str, FeatureView]:
        """Find features by id or key, archived ones too, each under what it was asked by."""
        if len(refs) == 1:
            (ref,) = refs
            found = await self.feature(ref)
            return {ref: found} if found else {}
        given = {"env": self._env, "of": even(refs)}
        views = [feature_view(found) for found in await rows(self._run, FEATURES_NAMED, given)]
        return {ref: view for view in views for ref in (view.key, view.id) if ref in refs}

    async def plans(
        self, product_id: str | None = None, *, add_ons: bool = False, hidden: bool = False
    ) -> list[PlanView]:
        """List the latest published versions, lowest rank first."""
        listed = _on_sale(of_product=product_id is not None, hidden=hidden)
        return by_rank(await self._plans(listed, add_ons=add_ons, product=product_id))

    async def every_plan(self) -> list[PlanView]:
        """List the latest version of every plan and add-on, hidden and archived ones too, in the order of making."""
        return await self._plans(EVERY_PLAN)

    async def plans_of(self, product_ids: Sequence[str]) -> dict[str, list[PlanView]]:
        """List the plans on sale of several products, each as `plans` lists them."""
        found: dict[str, list[PlanView]] = {each: [] for each in product_ids}
        for plan in by_rank(await self._plans(PLANS_OF, ids=sent(product_ids))):
            found[plan.product_id].append(plan)
        return found

    async def plan(self, ref: str, version: int | None = None) -> PlanView | None:
        """Find a plan by id or key: its latest published version, or the one that is pinned."""
        found = await self._plans(PLAN_NAMED if version is None else PLAN_PINNED, of=ref, version=version)
        return found[0] if found else None

    async def plans_by_id(self, ids: Sequence[str]) -> dict[str, PlanView]:
        """Find the latest published version of plans."""
        return {plan.id: plan for plan in await self._plans(PLANS_BY_ID, ids=sent(ids))}

    async def plans_by_key(self, keys: Sequence[str]) -> dict[str, PlanView]:
        """Find the latest published version of plans by key."""
        return {plan.key: plan for plan in await self._plans(PLANS_BY_KEY, ids=sent(keys))}

    async def versions_by_id(self, ids: Sequence[str]) -> dict[str, PlanView]:
        """Find plan versions."""
        return {plan.version_id: plan for plan in await self._plans(VERSIONS_BY_ID, ids=sent(ids))}

    async def prices_by_id(self, ids: Sequence[str]) -> dict[str, PriceView]:
        """Find prices of any version; no price ever changes, so that each is read once."""
        if new := set(ids) - self._prices.keys():
            found = await rows(self._run, PRICES_BY_ID, {"env": self._env, "ids": sent(sorted(new))})
            self._prices |= {each["id"]: price_view(each) for each in found}
        return {each: self._prices[each] for each in ids if each in self._prices}

    async def add(self, *added: SQLModel) -> None:
        """Keep new catalog rows."""
        await add(self._run, *added)

    async def update_product(self, product_id: str, values: Mapping[str, object]) -> None:
        """Change a product's words, its default plan, or whether it is on sale."""
        await self._run.execute(update(PRODUCT).where(PRODUCT.c.id == product_id).values(dict(values)))

    async def update_feature(self, feature_id: str, values: Mapping[str, object]) -> None:
        """Change a feature's words, or whether it is archived."""
        self._features.pop(feature_id, None)
        await self._run.execute(update(FEATURE).where(FEATURE.c.id == feature_id).values(dict(values)))

    async def forget_counts(self, feature_id: str) -> None:
        """Forget what its counters held: from now on the ledger comes to one number in another way."""
        await self._run.execute(delete(BALANCE).where(BALANCE.c.feature_id == feature_id))

    async def publish(self, plan_id: str, version: int) -> None:
        """Make a version the plan's latest."""
        await self._run.execute(update(PLAN).where(PLAN.c.id == plan_id).values(latest_version=version))

    async def archive_plan(self, plan_id: str, at: datetime | None) -> None:
        """Take a plan off sale, or (None) put it back; subscriptions are not touched. (K2)"""
        await self._run.execute(update(PLAN).where(PLAN.c.id == plan_id).values(archived_at=at))

    async def _plans(self, statement: Select[Any], **given: object) -> list[PlanView]:
        found = await rows(self._run, statement, {"env": self._env, **given})
        if not found:
            return []
        versions = {"ids": sent([each["version_id"] for each in found])}
        prices = _grouped(await rows(self._run, PRICES_OF_VERSIONS, versions))
        gives = _grouped(await rows(self._run, GIVES_OF_VERSIONS, versions))
        return [
            plan_view(
                each,
                (price_view(price) for price in prices.get(each["version_id"], ())),
                (give_of(give) for give in gives.get(each["version_id"], ())),
            )
            for each in found
        ]


def _grouped(found: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for each in found:
        grouped.setdefault(each["plan_version_id"], []).append(each)
    return grouped


def engine_feature(view: FeatureView) -> Feature:
    """Turn a feature's view into what the evaluator knows of it."""
    return Feature(
        id=view.id,
        key=view.key,
        name=view.name,
        kind=view.kind,
        unit=view.unit,
        scale=view.scale,
        aggregation=view.aggregation,
        config_type=view.config_type,
        allowed_values=view.allowed_values,
        archived=view.archived_at is not None,
        thresholds=view.thresholds,
    )


def give_of(found: Mapping[str, Any]) -> Give:
    """Read what a plan version gives of one feature."""
    return Give(
        feature_id=found["feature_id"],
        granted=found["granted"],
        value=found["value"],
        limit=found["limit"],
        hard=found["hard"],
        reset=found["reset"],
        reset_anchor=found["reset_anchor"],
        per_quantity=found["per_quantity"],
        behaviour=found["behaviour"],
        priority=found["priority"],
        rollover_maximum=found["rollover_maximum"],
        rollover_minimum=found["rollover_minimum"] or 0,
    )


def price_view(found: Mapping[str, Any]) -> PriceView:
    """Read one price."""
    return PriceView(
        id=found["id"],
        key=found["key"],
        plan_version_id=found["plan_version_id"],
        currency=found["currency"],
        interval=Interval(found["every"], found["count"]),
        model=found["model"],
        usage=found["usage"],
        feature_id=found["feature_id"],
        unit_amount=found["unit_amount"],
        package_size=found["package_size"],
        tiers=tuple(TierDef(tier["up_to"], tier["unit_amount"], tier["flat_amount"]) for tier in found["tiers"]),
    )


def plan_view(found: Mapping[str, Any], prices: Iterable[PriceView], gives: Iterable[Give]) -> PlanView:
    """Read one version of a plan."""
    return PlanView(
        id=found["id"],
        version_id=found["version_id"],
        version=found["version"],
        latest_version=found["latest_version"],
        key=found["key"],
        product_id=found["product_id"],
        name=found["name"],
        description=found["description"],
        kind=found["kind"],
        rank=found["rank"],
        add_on=found["add_on"],
        trial_days=found["trial_days"],
        instalments=found["instalments"],
        access_after_completion=found["access_after_completion"],
        hidden=found["hidden"],
        includes=tuple(found["includes"]),
        add_on_keys=tuple(found["add_on_keys"]),
        metadata=found["labels"],
        base=found["base_plan"],
        published_at=found["published_at"],
        archived_at=found["archived_at"],
        prices=tuple(prices),
        gives=tuple(gives),
    )


def _product(found: Mapping[str, Any]) -> ProductView:
    return ProductView(
        id=found["id"],
        key=found["key"],
        name=found["name"],
        description=found["description"],
        default_plan_id=found["default_plan_id"],
        archived_at=found["archived_at"],
        after_plan_id=found["after_plan_id"],
    )


def feature_view(found: Mapping[str, Any]) -> FeatureView:
    """Read a feature."""
    return FeatureView(
        id=found["id"],
        key=found["key"],
        name=found["name"],
        description=found["description"],
        product_id=found["product_id"],
        kind=found["kind"],
        unit=found["unit"],
        scale=found["scale"],
        aggregation=found["aggregation"],
        config_type=found["config_type"],
        allowed_values=tuple(found["allowed_values"]),
        archived_at=found["archived_at"],
        thresholds=tuple(found["thresholds"]),
        rolls_over=found["rolls_over"],
    )


def by_rank(plans: list[PlanView]) -> list[PlanView]:
    """Sort plans by rank, those of equal rank by key; here, as a database's own collation differs from another's."""
    return sorted(plans, key=lambda plan: (plan.rank, plan.key))
