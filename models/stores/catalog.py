"""Products, features and plans with their versions."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from itertools import starmap
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, or_, select, update

from billing.calendar import Interval
from billing.catalog.values import TierDef
from billing.entitlements.sources import Feature, Give
from models.columns import EVERYTHING, MOST, WHOLE
from models.given import among, here, sent
from models.rows import Runner, add, even, records, row, rows, tuples
from models.stores.plan_cards import PLAN, PlanCards
from models.tables.base import table
from models.tables.catalog import FeatureRow, PlanEntitlementRow, PriceRow, ProductRow
from models.tables.entitlement import BalanceRow
from models.types import Text
from models.views import FeatureView, PlanCard, PlanView, PriceView, ProductView

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Select
    from sqlmodel import SQLModel

PRODUCT = table(ProductRow)
FEATURE = table(FeatureRow)
PRICE = table(PriceRow)
GIVE = table(PlanEntitlementRow)
BALANCE = table(BalanceRow)
_SHOWN = select(*(FEATURE.c[name] for name in FeatureView._fields))
FEATURE_NAMED = _SHOWN.where(
    FEATURE.c.environment_id == bindparam("env"),
    or_(FEATURE.c.id == bindparam("of"), FEATURE.c.key == bindparam("of")),
)
_NAMED = bindparam("of", type_=Text(), expanding=True)
FEATURES_NAMED = _SHOWN.where(
    FEATURE.c.environment_id == bindparam("env"), or_(FEATURE.c.id.in_(_NAMED), FEATURE.c.key.in_(_NAMED))
)
EVERY_FEATURE = _SHOWN.where(FEATURE.c.environment_id == bindparam("env")).order_by(FEATURE.c.created_at, FEATURE.c.id)
FEATURES_BY_ID = _SHOWN.where(here(FEATURE.c.environment_id), among(FEATURE.c.id, "ids"))
PRICES_BY_ID = select(PRICE).where(here(PRICE.c.environment_id), among(PRICE.c.id, "ids"))

FEATURES = EVERY_FEATURE.where(FEATURE.c.archived_at.is_(None))
FEATURES_AMONG = FEATURES.where(or_(among(FEATURE.c.key, "refs"), among(FEATURE.c.id, "refs")))
EVERY_PRODUCT = (
    select(PRODUCT).where(PRODUCT.c.environment_id == bindparam("env")).order_by(PRODUCT.c.created_at, PRODUCT.c.id)
)
PRODUCTS = EVERY_PRODUCT.where(PRODUCT.c.archived_at.is_(None))
PRODUCT_NAMED = select(PRODUCT).where(
    PRODUCT.c.environment_id == bindparam("env"), or_(PRODUCT.c.id == bindparam("of"), PRODUCT.c.key == bindparam("of"))
)
PRODUCTS_BY_ID = select(PRODUCT).where(here(PRODUCT.c.environment_id), among(PRODUCT.c.id, "ids"))
PRODUCTS_BY_KEY = select(PRODUCT).where(PRODUCT.c.environment_id == bindparam("env"), among(PRODUCT.c.key, "ids"))
PRICES_OF_VERSIONS = select(PRICE).where(among(PRICE.c.plan_version_id, "ids")).order_by(PRICE.c.position)
GIVEN = (*(GIVE.c[name] for name in Give._fields[:-1]), func.coalesce(GIVE.c.rollover_minimum, 0))
"""A give, as it is made by `_make`."""
GIVES_OF_VERSIONS = (
    select(GIVE.c.plan_version_id, *GIVEN).where(among(GIVE.c.plan_version_id, "ids")).order_by(GIVE.c.position)
)


@lru_cache(MOST)
def _prices(columns: frozenset[str]) -> Select[Any]:
    return PRICES_OF_VERSIONS.with_only_columns(
        *(PRICE.c[each] for each in sorted(columns | {"id", "plan_version_id"}))
    )


_OF_CARD = attrgetter(*(each.name for each in fields(PlanCard)))


class CatalogStore:
    """What an environment sells."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self.cards: Final = PlanCards(run, environment_id)
        self._prices: dict[str, PriceView] = {}
        self._features: dict[str, FeatureView] = {}

    async def products(self, *, archived: bool = False) -> list[ProductView]:
        """List the products, in the order of the catalog; archived ones only where they are wanted."""
        found = await rows(self._run, EVERY_PRODUCT if archived else PRODUCTS, {"env": self._env})
        return [_product(each) for each in found]

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
        found = await row(self._run, PRODUCT_NAMED, {"of": ref, "env": self._env})
        return _product(found) if found else None

    async def features(self, *, archived: bool = False) -> list[FeatureView]:
        """List the features, in the order of the catalog."""
        found = await tuples(self._run, EVERY_FEATURE if archived else FEATURES, {"env": self._env})
        return [feature_view(*each) for each in found]

    async def features_among(self, refs: Sequence[str]) -> list[FeatureView]:
        """List those that are named by id or key, in the order of the catalog, archived ones left out."""
        found = await tuples(self._run, FEATURES_AMONG, {"env": self._env, "refs": sent(refs)})
        return [feature_view(*each) for each in found]

    async def features_by_id(self, ids: Sequence[str]) -> dict[str, FeatureView]:
        """Find features, archived ones too."""
        if new := set(ids) - self._features.keys():
            found = await tuples(self._run, FEATURES_BY_ID, {"env": self._env, "ids": sent(sorted(new))})
            self._features |= {each.id: each for each in starmap(feature_view, found)}
        return {each: self._features[each] for each in ids if each in self._features}

    async def feature(self, ref: str) -> FeatureView | None:
        """Find a feature by id or key, archived ones too."""
        found = await tuples(self._run, FEATURE_NAMED, {"of": ref, "env": self._env})
        return feature_view(*found[0]) if found else None

    async def features_named(self, refs: Collection[str]) -> dict[str, FeatureView]:
        """Find features by id or key, archived ones too, each under what it was asked by."""
        if len(refs) == 1:
            (ref,) = refs
            found = await self.feature(ref)
            return {ref: found} if found else {}
        given = {"env": self._env, "of": even(refs)}
        views = [feature_view(*found) for found in await tuples(self._run, FEATURES_NAMED, given)]
        return {ref: view for view in views for ref in (view.key, view.id) if ref in refs}

    async def every_plan(self) -> list[PlanView]:
        """List the latest version of every plan and add-on, hidden and archived ones too, in the order of making."""
        return await self._whole(await self.cards.every())

    async def plan(self, ref: str, version: int | None = None) -> PlanView | None:
        """Find a plan by id or key: its latest published version, or the one that is pinned."""
        found = await self.cards.named(ref, version)
        return (await self._whole([found]))[0] if found else None

    async def plans_by_id(self, ids: Sequence[str]) -> dict[str, PlanView]:
        """Find the latest published version of plans."""
        found = await self.cards.by_id(ids)
        return {plan.id: plan for plan in await self._whole(found.values())}

    async def plans_by_key(self, keys: Sequence[str]) -> dict[str, PlanView]:
        """Find the latest published version of plans by key."""
        found = await self.cards.by_key(keys)
        return {plan.key: plan for plan in await self._whole(found.values())}

    async def versions_by_id(self, ids: Sequence[str]) -> dict[str, PlanView]:
        """Find plan versions."""
        found = await self.cards.versions(ids)
        return {plan.version_id: plan for plan in await self._whole(found.values())}

    async def prices_of(
        self, version_ids: Sequence[str], columns: frozenset[str] = EVERYTHING
    ) -> dict[str, list[PriceView]]:
        """List the prices of plan versions; only these columns are there."""
        prices: dict[str, list[PriceView]] = {each: [] for each in version_ids}
        given = {"ids": sent(version_ids)}
        if WHOLE in columns:
            found = [price_view(each) for each in await rows(self._run, PRICES_OF_VERSIONS, given)]
        else:
            found = await records(self._run, _prices(columns), given)
        for each in found:
            prices[each.plan_version_id].append(each)
        return prices

    async def gives_of(self, version_ids: Sequence[str]) -> dict[str, list[Give]]:
        """List what plan versions give."""
        gives: dict[str, list[Give]] = {each: [] for each in version_ids}
        for version_id, *give in await tuples(self._run, GIVES_OF_VERSIONS, {"ids": sent(version_ids)}):
            gives[version_id].append(Give(*give))
        return gives

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

    async def _whole(self, cards: Collection[PlanCard]) -> list[PlanView]:
        if not cards:
            return []
        versions = [each.version_id for each in cards]
        prices, gives = await self.prices_of(versions), await self.gives_of(versions)
        more: list[tuple[Any, ...]] = [(tuple(prices[each]), tuple(gives[each])) for each in versions]
        return [PlanView(*(*_OF_CARD(card), *of)) for card, of in zip(cards, more, strict=True)]


def engine_feature(view: FeatureView) -> Feature:
    """Turn a feature's view into what the evaluator knows of it."""
    id_, key, name, _, _, kind, unit, scale, aggregation, config_type, allowed, archived_at, thresholds, _ = view
    archived = archived_at is not None
    return Feature(id_, key, name, kind, unit, scale, aggregation, config_type, allowed, archived, thresholds)


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


def feature_view(*found: Any) -> FeatureView:  # noqa: ANN401  (columns of any type)
    """Read a feature by its columns, in their order."""
    *plain, allowed_values, archived_at, thresholds, rolls_over = found
    return FeatureView._make((*plain, tuple(allowed_values), archived_at, tuple(thresholds), rolls_over))
