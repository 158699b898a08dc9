"""What is sold is found by id or key, in its latest published version or the one that is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.calendar import Interval, IntervalUnit
from billing.catalog.values import PlanKind, PriceModel, PriceUsage, TierDef
from billing.entitlements.sources import ConfigType, FeatureKind, Give, ResetEvery
from models.choices import VersionStatus
from models.rows import add
from models.tables import FeatureRow, PlanEntitlementRow, PlanRow, PlanVersionRow, PriceRow, ProductRow
from models.views import PriceView, ProductView
from tests.models.world import ENV, FEATURE, PLAN, PRODUCT, START, VERSION, day, undone, working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.session import Database
    from models.stores.catalog import CatalogStore

TIERS: list[dict[str, Any]] = [
    {"up_to": 10, "unit_amount": 5, "flat_amount": 0},
    {"up_to": None, "unit_amount": 3, "flat_amount": 100},
]


def version(plan: str, number: int, **changed: Any) -> PlanVersionRow:
    """A version of a plan; its id says which."""
    usual: dict[str, Any] = {
        "id": f"{plan}{number}", "environment_id": ENV, "plan_id": plan, "version": number,
        "status": VersionStatus.PUBLISHED, "name": plan.title(), "kind": PlanKind.PAID, "digest": f"d{number}",
        "published_at": START, "created_at": START,
    }  # fmt: skip
    return PlanVersionRow(**(usual | changed))


def plan(id_: str, latest: int, **changed: Any) -> PlanRow:
    """A plan."""
    usual: dict[str, Any] = {"environment_id": ENV, "product_id": PRODUCT, "key": f"{id_}-key", "created_at": START}
    return PlanRow(id=id_, latest_version=latest, **(usual | changed))


@pytest.fixture
async def store(shop: Database) -> AsyncIterator[CatalogStore]:
    """A catalog with plans of every sort beside the shop's own."""
    async with undone(shop) as session:
        await add(
            session,
            FeatureRow(
                id="region", environment_id=ENV, key="region", name="Region", kind=FeatureKind.CONFIG,
                config_type=ConfigType.ENUM, allowed_values=["eu", "us"], created_at=day(1),
            ),
            FeatureRow(
                id="old", environment_id=ENV, key="old", name="Old", kind=FeatureKind.BOOLEAN, created_at=START,
                archived_at=day(1),
            ),
            ProductRow(id="gone", environment_id=ENV, key="gone", name="Gone", created_at=START, archived_at=day(1)),
            plan("basic", 2), version("basic", 1, rank=5), version("basic", 2, rank=10, includes=["tools"]),
            version("basic", 3, rank=1, status=VersionStatus.DRAFT, published_at=None),
            plan("seats", 1, add_on=True), version("seats", 1, rank=1),
            plan("secret", 1), version("secret", 1, rank=99, hidden=True),
            plan("draft", 0), version("draft", 1, status=VersionStatus.DRAFT),
            plan("bygone", 1, archived_at=day(2)), version("bygone", 1),
            PriceRow(
                id="tiered", environment_id=ENV, plan_version_id="basic2", key="calls", position=1, currency="USD",
                every=IntervalUnit.MONTH, count=3, model=PriceModel.TIERED_GRADUATED, usage=PriceUsage.METERED,
                feature_id=FEATURE, tiers=TIERS,
            ),
            PlanEntitlementRow(
                plan_version_id="basic2", feature_id="region", environment_id=ENV, position=1, value=["eu", None],
            ),
            PlanEntitlementRow(
                plan_version_id="basic2", feature_id=FEATURE, environment_id=ENV, position=0, limit=5,
                reset=ResetEvery.MONTH, hard=False,
            ),
        )  # fmt: skip
        yield working(session).catalog


async def test_a_plan_is_its_latest_published_version(store: CatalogStore) -> None:
    found = await store.plan("basic-key")

    assert found is not None
    assert (found.id, found.version_id, found.version, found.latest_version) == ("basic", "basic2", 2, 2)
    assert found.includes == ("tools",)
    assert found.prices == (
        PriceView(
            id="tiered", key="calls", plan_version_id="basic2", currency="USD",
            interval=Interval(IntervalUnit.MONTH, 3), model=PriceModel.TIERED_GRADUATED, usage=PriceUsage.METERED,
            feature_id=FEATURE, unit_amount=None, package_size=None, tiers=(TierDef(10, 5, 0), TierDef(None, 3, 100)),
        ),
    )  # fmt: skip
    assert found.gives == (
        Give(FEATURE, limit=5, reset=ResetEvery.MONTH, hard=False),
        Give("region", value=["eu", None]),
    )


async def test_a_version_can_be_pinned(store: CatalogStore) -> None:
    pinned = [await store.plan("basic", number) for number in (1, 2, 4)]

    assert [found and (found.version_id, found.rank) for found in pinned] == [("basic1", 5), ("basic2", 10), None]
    assert await store.plan("nothing") is None
    assert await store.plan("draft") is None


async def test_a_list_shows_what_is_on_sale_lowest_first(store: CatalogStore) -> None:
    async def keys(**wanted: Any) -> list[str]:
        return [found.id for found in await store.cards.on_sale(**wanted)]

    assert await keys() == ["basic", PLAN]
    assert await keys(hidden=True) == ["basic", PLAN, "secret"]
    assert await keys(add_ons=True) == ["seats"]
    assert await keys(product_id="gone") == []


async def test_plans_and_versions_are_found_by_their_ids(store: CatalogStore) -> None:
    plans = await store.plans_by_id([PLAN, "bygone", "nothing"])
    versions = await store.versions_by_id(["basic1", VERSION, "nothing"])

    assert {id_: found.version for id_, found in plans.items()} == {PLAN: 1, "bygone": 1}
    assert {id_: found.id for id_, found in versions.items()} == {"basic1": "basic", VERSION: PLAN}
    assert await store.plans_by_id([]) == {}


async def test_products_and_features_are_found_by_id_or_key(store: CatalogStore) -> None:
    product = ProductView(id=PRODUCT, key="app", name="App", description="", default_plan_id="", archived_at=None)

    assert await store.products() == [product]
    assert await store.product("app") == await store.product(PRODUCT) == product
    assert set(await store.products_by_id([PRODUCT, "gone"])) == {PRODUCT, "gone"}
    assert [feature.id for feature in await store.features()] == [FEATURE, "region"]
    assert [feature.id for feature in await store.features(archived=True)] == [FEATURE, "old", "region"]
    assert set(await store.features_by_id(["old"])) == {"old"}
    region = await store.feature("region")
    assert region is not None
    assert (region.kind, region.config_type, region.allowed_values) == (
        FeatureKind.CONFIG,
        ConfigType.ENUM,
        ("eu", "us"),
    )


async def test_publishing_and_archiving_move_nobody(store: CatalogStore) -> None:
    await store.publish("basic", 3)
    await store.archive_plan(PLAN, day(3))
    found = await store.plan("basic")

    assert found is not None
    assert found.version == 3
    assert [each.id for each in await store.cards.on_sale()] == ["basic"]
    await store.archive_plan(PLAN, None)
    assert [each.id for each in await store.cards.on_sale()] == ["basic", PLAN]
    assert ("basic", 3) in [(each.id, each.version) for each in await store.every_plan()]
