"""Make the environment's catalog what a document says: new versions, published; applying twice changes nothing."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from billing.catalog.base_plans import with_base_plans
from billing.catalog.changes import CatalogChange, CatalogChangeKind, CatalogSection
from billing.catalog.digest import digest
from billing.dataclass import dataclass
from billing.refusals import CatalogMoved
from models.work import Happening
from resolvers.acts import act, owner_environment
from resolvers.catalog_plan import compare, judge
from resolvers.catalog_rows import feature_row, feature_words, give_row, plan_row, price_row, product_row, version_row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from typing import Any

    from billing.catalog.values import Catalog, FeatureDef, PlanDef, ProductDef
    from models.work import Work
    from resolvers.catalog_plan import Wanted
    from resolvers.context import Context

MOST_TOLD = 50
"""Fields that one event tells with their values; what else changed is in the catalog."""


@dataclass(frozen=True, slots=True)
class CatalogApply:
    """What to apply: `document` is its text where a client sent one, and is what the idempotency key stands for.

    `wanted` is the digest of the plan that was looked at; None applies whatever is there by now. `prune` archives what
    the document does not list.
    """

    document: str = ""
    wanted: str | None = None
    prune: bool = False
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one thing; `version` is that of a plan that was published."""

    kind: CatalogChangeKind
    section: CatalogSection
    key: str
    version: int | None


@dataclass(frozen=True, slots=True)
class CatalogApplied:
    """What a catalog changed, and how much of it was there already."""

    changes: tuple[Applied, ...]
    unchanged: int
    replayed: bool = False

    @property
    def pending(self) -> bool:
        """Whether anything was changed."""
        return bool(self.changes)


async def catalog_apply(ctx: Context, catalog: Catalog, command: CatalogApply | None = None) -> CatalogApplied:
    """Apply a whole catalog in one transaction, or refuse it and change nothing.

    What it does not list stays as it is, unless pruned. Live subscriptions stay on their version.
    """
    command = command or CatalogApply()
    judge(catalog)

    async def body(work: Work) -> dict[str, Any]:
        wanted = await compare(work, catalog, prune=command.prune)
        demand_unmoved(command.wanted, wanted.digest)
        done = [asdict(each) async for each in _Applying.of(work, wanted, catalog).all()]
        return {"changes": done, "unchanged": wanted.unchanged}

    outcome, replayed = await act(ctx, "catalogApply", command, owner_environment(ctx), body)
    done = tuple(
        Applied(CatalogChangeKind(each["kind"]), CatalogSection(each["section"]), each["key"], each["version"])
        for each in outcome["changes"]
    )
    return CatalogApplied(done, outcome["unchanged"], replayed)


def demand_unmoved(looked_at: str | None, now: str) -> None:
    """Refuse where the plan that was looked at is not the plan as it is now."""
    if looked_at is None or looked_at == now:
        return
    (here, asked, _), (old, meant) = now.split("-"), (*looked_at.split("-"), "", "")[:2]
    if old != here:
        what, message = "ENVIRONMENT", "The environment's catalog has changed since this plan was made: plan again."
    elif meant != asked:
        what, message = (
            "DOCUMENT",
            "This digest is of another document, or of another `prune`: plan this one.",
        )
    else:
        what, message = "ENVIRONMENT", "Who has what has changed, and with it what this would do: plan again."
    raise CatalogMoved(message, field="digest", what=what, digest=now)


@dataclass(frozen=True, slots=True)
class _Applying:
    """One catalog on its way into the environment; the ids by key grow as things are made."""

    work: Work
    wanted: Wanted
    versions: Mapping[str, PlanDef]
    products: dict[str, str]
    features: dict[str, str]
    plans: dict[str, str]

    @classmethod
    def of(cls, work: Work, wanted: Wanted, written: Catalog) -> _Applying:
        """Begin with what there is."""
        here = wanted.here
        return cls(
            work,
            wanted,
            {each.key: each for each in with_base_plans(written).plans},
            {key: view.id for key, view in here.products.items()},
            {key: view.id for key, view in here.features.items()},
            {key: view.id for key, view in here.plans.items()},
        )

    async def all(self) -> AsyncIterator[Applied]:
        """Carry out every change, in the order in which things need each other."""
        products = {each.key: each for each in self.wanted.catalog.products}
        features = {each.key: each for each in self.wanted.catalog.features}
        for change in self.wanted.changes:
            version = None
            if change.kind is CatalogChangeKind.UNLISTED:
                continue
            if change.section is CatalogSection.PRODUCTS:
                await self._product(change, products.get(change.key))
            elif change.section is CatalogSection.FEATURES:
                await self._feature(change, features.get(change.key))
            else:
                version = await self._plan(change, self.versions.get(change.key))
            yield Applied(change.kind, change.section, change.key, version)
        await self._named_plans()

    async def _product(self, change: CatalogChange, wanted: ProductDef | None) -> None:
        work, known = self.work, self.products.get(change.key)
        if known is None and wanted is not None:
            row = product_row(work, wanted)
            await work.catalog.add(row)
            self.products[change.key] = row.id
        elif known is not None:
            words = {"name": wanted.name, "description": wanted.description} if wanted else {}
            await work.catalog.update_product(known, {**words, **_archiving(change, work.at)})
        await self._tell("product", change, self.products[change.key])

    async def _feature(self, change: CatalogChange, wanted: FeatureDef | None) -> None:
        work, known = self.work, self.features.get(change.key)
        product_id = self.products[wanted.product] if wanted and wanted.product else ""
        if known is None and wanted is not None:
            row = feature_row(work, wanted, product_id)
            await work.catalog.add(row)
            self.features[change.key] = row.id
        elif known is not None:
            words = feature_words(wanted, product_id) if wanted else {}
            await work.catalog.update_feature(known, {**words, **_archiving(change, work.at)})
            if wanted is not None and wanted.aggregation is not self.wanted.here.features[change.key].aggregation:
                await work.catalog.forget_counts(known)
        await self._tell("feature", change, self.features[change.key])

    async def _plan(self, change: CatalogChange, wanted: PlanDef | None) -> int | None:
        work, known = self.work, self.wanted.here.plans.get(change.key)
        version = None
        if wanted is not None and known is None:
            row = plan_row(work, wanted, self.products[wanted.product])
            await work.catalog.add(row)
            self.plans[change.key] = row.id
        if wanted is not None and change.publishes:
            version = (known.latest_version if known else 0) + 1
            await self._publish(wanted, self.plans[change.key], version)
        if _archiving(change, work.at):
            await work.catalog.archive_plan(self.plans[change.key], _archiving(change, work.at)["archived_at"])
        await self._tell("plan", change, self.plans[change.key], version)
        return version

    async def _publish(self, wanted: PlanDef, plan_id: str, version: int) -> None:
        work = self.work
        row = version_row(work, wanted, plan_id, version, digest(replace(wanted, base=None, archived=False)))
        await work.catalog.add(
            row,
            *(price_row(work, row.id, place, price, self.features) for place, price in enumerate(wanted.prices)),
            *(give_row(work, row.id, place, give, self.features) for place, give in enumerate(wanted.entitlements)),
        )
        for give in wanted.entitlements:
            if give.rollover_maximum is not None:
                await work.catalog.update_feature(self.features[give.feature], {"rolls_over": True})
        await work.catalog.publish(plan_id, version)

    async def _named_plans(self) -> None:
        """Name the default plans and those to go on with after an end, now that they are there."""
        for product in self.wanted.catalog.products:
            view = self.wanted.here.products.get(product.key)
            named = {
                "default_plan_id": self.plans[product.default_plan] if product.default_plan else "",
                "after_plan_id": self.plans[product.after_cancellation] if product.after_cancellation else "",
            }
            held = (view.default_plan_id, view.after_plan_id) if view is not None else ("", "")
            if held != tuple(named.values()):
                await self.work.catalog.update_product(self.products[product.key], named)

    async def _tell(self, what: str, change: CatalogChange, subject_id: str, version: int | None = None) -> None:
        """Keep what happened, with the fields that changed: before and after, by path."""
        told = [each for each in change.fields if each.path != ("archived",)]
        kind = "published" if what == "plan" else "created" if change.kind is CatalogChangeKind.ADDED else "updated"
        key = f"{change.key}@{version}" if version is not None else change.key
        if told:
            added = change.kind is CatalogChangeKind.ADDED
            before = {} if added else {".".join(each.path): each.before for each in told[:MOST_TOLD]}
            after = {} if added else {".".join(each.path): each.after for each in told[:MOST_TOLD]}
            event = Happening(EVENTS[what, kind], subject_id, before, {"key": key, **after})
            await self.work.record(self.work.environment_id, event)
        aside = _archiving(change, self.work.at)
        if aside:
            await tell_aside(self.work, what, subject_id, change.key, archived=aside["archived_at"] is not None)


def _archiving(change: CatalogChange, at: datetime) -> dict[str, datetime | None]:
    """Whether a change takes something off sale, or puts it back: since when, as a column."""
    for field in change.fields:
        if field.path == ("archived",) and field.after != (field.before or False):
            return {"archived_at": at if field.after else None}
    return {}


EVENTS: Mapping[tuple[str, str], str] = {
    ("product", "created"): "product.created",
    ("product", "updated"): "product.updated",
    ("product", "archived"): "product.archived",
    ("product", "restored"): "product.restored",
    ("feature", "created"): "feature.created",
    ("feature", "updated"): "feature.updated",
    ("feature", "archived"): "feature.archived",
    ("feature", "restored"): "feature.restored",
    ("plan", "published"): "plan.published",
    ("plan", "archived"): "plan.archived",
    ("plan", "restored"): "plan.restored",
}


async def tell_aside(work: Work, what: str, subject_id: str, key: str, *, archived: bool) -> None:
    """Keep that a product, feature, plan or add-on went off sale, or is on sale again. (K2)"""
    event = Happening(EVENTS[what, "archived" if archived else "restored"], subject_id, {}, {"key": key})
    await work.record(work.environment_id, event)
