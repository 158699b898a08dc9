"""Take a product, a plan, an add-on or a feature off sale; no subscription is touched. (K2)

Nothing of a catalog is ever deleted: what was sold stays readable for as long as anybody has it. A document without
`archived` on it puts a thing back on sale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from billing.dataclass import dataclass
from billing.refusals import FeatureInUse
from models.views import FeatureView, PlanView, ProductView
from resolvers.access import not_found
from resolvers.acts import act, owner_environment
from resolvers.catalog_apply import tell_aside

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.context import Context

V = TypeVar("V", ProductView, PlanView, FeatureView)


@dataclass(frozen=True, slots=True)
class Archive:
    """What to take off sale, by id or key."""

    ref: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Archived(Generic[V]):
    """The thing as it is now, and how many live subscriptions had it when it was archived: they keep it."""

    view: V
    live: int
    replayed: bool


async def archive_product(ctx: Context, command: Archive) -> Archived[ProductView]:
    """Archive a product: none of its plans takes new subscriptions."""

    async def body(work: Work) -> dict[str, Any]:
        product = await work.catalog.product(command.ref)
        if product is None:
            raise not_found("Product", "productId")
        if product.archived_at is None:
            await work.catalog.update_product(product.id, {"archived_at": work.at})
            await tell_aside(work, "product", product.id, product.key, archived=True)
        return {"id": product.id, "live": (await work.live.by_product()).get(product.id, 0)}

    outcome, replayed = await act(ctx, "productArchive", command, owner_environment(ctx), body)
    async with ctx.read() as read:
        view = (await read.catalog.products_by_id([outcome["id"]]))[outcome["id"]]
    return Archived(view, outcome["live"], replayed)


async def archive_plan(ctx: Context, command: Archive) -> Archived[PlanView]:
    """Archive a plan or add-on: it takes no new subscriptions, and those that have it renew, pause and cancel."""

    async def body(work: Work) -> dict[str, Any]:
        plan = await work.catalog.plan(command.ref)
        if plan is None:
            raise not_found("Plan", "planId")
        if plan.archived_at is None:
            await work.catalog.archive_plan(plan.id, work.at)
            await tell_aside(work, "plan", plan.id, plan.key, archived=True)
        return {"id": plan.id, "live": (await work.live.by_plan()).get(plan.id, 0)}

    outcome, replayed = await act(ctx, "planArchive", command, owner_environment(ctx), body)
    async with ctx.read() as read:
        view = (await read.catalog.plans_by_id([outcome["id"]]))[outcome["id"]]
    return Archived(view, outcome["live"], replayed)


async def _demand_unused(work: Work, feature: FeatureView) -> None:
    live, sold = (await work.live.by_feature()).get(feature.id, 0), await _selling(work, feature)
    if live:
        message = (
            f"{live} live subscriptions have {feature.key}, or will: publish plans without it and move them first."
        )
        raise FeatureInUse(message, field="featureId", live=live, plans=sold)
    if sold:
        message = f"{feature.key} is given by what is on sale ({', '.join(sold)}): publish without it, or archive that."
        raise FeatureInUse(message, field="featureId", plans=sold)


async def _selling(work: Work, feature: FeatureView) -> tuple[str, ...]:
    """The plans and add-ons on sale whose latest version gives a feature, by key."""
    products = {each.id for each in await work.catalog.products(archived=False)}
    plans = [each for each in await work.catalog.every_plan() if each.archived_at is None]
    selling = (each for each in plans if each.product_id in products)
    return tuple(each.key for each in selling if any(give.feature_id == feature.id for give in each.gives))


async def archive_feature(ctx: Context, command: Archive) -> Archived[FeatureView]:
    """Archive a feature that nobody has or will have, and that nothing on sale gives: then it is given to nobody."""

    async def body(work: Work) -> dict[str, Any]:
        feature = await work.catalog.feature(command.ref)
        if feature is None:
            raise not_found("Feature", "featureId")
        if feature.archived_at is None:
            await _demand_unused(work, feature)
            await work.catalog.update_feature(feature.id, {"archived_at": work.at})
            await tell_aside(work, "feature", feature.id, feature.key, archived=True)
        return {"id": feature.id, "live": 0}

    outcome, replayed = await act(ctx, "featureArchive", command, owner_environment(ctx), body)
    async with ctx.read() as read:
        view = (await read.catalog.features_by_id([outcome["id"]]))[outcome["id"]]
    return Archived(view, outcome["live"], replayed)
