"""What applying a catalog would do, field by field, and whom it concerns; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.catalog.changes import (
    CatalogChange,
    CatalogChangeKind,
    CatalogSection,
    FieldChange,
    changes,
    identity_problems,
    plan_digest,
    settled,
    unchanged,
)
from billing.catalog.problem import Problem
from billing.catalog.problems import problems
from billing.catalog.values import Catalog
from billing.dataclass import dataclass
from billing.refusals import CatalogInvalid, CatalogProblem
from resolvers.access import demand
from resolvers.catalog_present import given, present

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from billing.catalog.values import EntitlementDef
    from models.reader import Reader
    from models.views import PlanView
    from resolvers.catalog_present import Present
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A version of a plan or add-on, and how many live subscriptions hold it."""

    version: int
    live: int


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One field; for an entitlement, how many live subscriptions keep something other than what is new."""

    change: FieldChange
    live: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What becomes of one thing. `version` is the one that a plan would get; `live` who has it now, in any version."""

    kind: CatalogChangeKind
    section: CatalogSection
    key: str
    name: str
    version: int | None
    live: int
    versions: tuple[LiveVersion, ...]
    fields: tuple[PlannedField, ...]


@dataclass(frozen=True, slots=True)
class CatalogPlanned:
    """A plan of changes: `digest` makes applying it safe, `pending` is whether applying would change anything."""

    digest: str
    pending: bool
    changes: tuple[PlannedChange, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A judged catalog beside what there is: both settled, with the changes between them."""

    here: Present
    catalog: Catalog
    changes: tuple[CatalogChange, ...]
    digest: str

    @property
    def unchanged(self) -> int:
        """How many things of the catalog are there already, just so."""
        return unchanged(self.here.catalog, self.catalog)


async def catalog_plan(ctx: Context, catalog: Catalog, *, prune: bool = False) -> CatalogPlanned:
    """Say what applying the catalog would do. Refuses what applying would refuse."""
    demand(ctx, "catalogPlan")
    judge(catalog)
    async with ctx.read() as read:
        wanted = await compare(read, catalog, prune=prune)
        return await _planned(read, wanted)


def judge(catalog: Catalog) -> None:
    """Refuse a catalog that is wrong by itself."""
    refuse(problems(catalog))


def refuse(found: Iterable[Problem]) -> None:
    """Refuse a catalog for its problems, if it has any."""
    told = tuple(CatalogProblem(each.message, ".".join(map(str, each.path))) for each in found)
    if told:
        raise CatalogInvalid("The catalog was refused; nothing was changed.", problems=told)


async def compare(read: Reader, catalog: Catalog, *, prune: bool) -> Wanted:
    """Put a judged catalog beside what there is; refuse what may not become of it."""
    here, after = await present(read), settled(catalog)
    refuse(identity_problems(here.catalog, after))
    known = set(problems(here.catalog))
    refuse(each for each in problems(_merged(here.catalog, after)) if each not in known)
    used = await read.live.by_feature()
    refuse((*_taken(here, after, used), *_sold_without(here.catalog, after, prune=prune)))
    found = tuple(_left(here, after, used, each) for each in changes(here.catalog, after, prune=prune))
    return Wanted(here, after, found, plan_digest(here.catalog, after, found, prune=prune))


def _taken(here: Present, after: Catalog, used: Mapping[str, int]) -> Iterator[Problem]:
    """A feature that live subscriptions have is not archived: that would take it from them. (K2)"""
    for feature in after.features:
        view = here.features.get(feature.key)
        live = used.get(view.id, 0) if view is not None and feature.archived and view.archived_at is None else 0
        if live:
            message = (
                f"{live} live subscriptions have this feature, or will: publish plans without it and move them first."
            )
            yield Problem(("features", feature.key, "archived"), message)


def _sold_without(before: Catalog, after: Catalog, *, prune: bool) -> Iterator[Problem]:
    """What is on sale afterwards gives no feature that is archived afterwards; what was so before stays. (K2)"""
    listed = {each.key for each in after.plans}
    whole = _merged(before, after)
    kept = tuple(each for each in whole.plans if not prune or each.key in listed)
    sold = _giving(replace(whole, plans=kept))
    for feature, plans in sold.items():
        if set(plans) - set(_giving(before).get(feature, ())):
            message = f"what is on sale gives it ({', '.join(plans)}): leave it out there, or archive that too"
            yield Problem(("features", feature, "archived"), message)


def _giving(catalog: Catalog) -> dict[str, list[str]]:
    """Archived features that plans and add-ons on sale give, and which those are."""
    products = {each.key for each in catalog.products if not each.archived}
    archived = {each.key for each in catalog.features if each.archived}
    found: dict[str, list[str]] = {}
    for plan in catalog.plans:
        if not plan.archived and plan.product in products:
            for give in plan.entitlements:
                if give.feature in archived:
                    found.setdefault(give.feature, []).append(plan.key)
    return found


def _left(here: Present, after: Catalog, used: Mapping[str, int], change: CatalogChange) -> CatalogChange:
    """Pruning leaves a feature be that live subscriptions have."""
    listed = any(feature.key == change.key for feature in after.features)
    if change.section is not CatalogSection.FEATURES or change.kind is not CatalogChangeKind.ARCHIVED or listed:
        return change
    return (
        replace(change, kind=CatalogChangeKind.UNLISTED, fields=())
        if used.get(here.features[change.key].id)
        else change
    )


def _merged(before: Catalog, after: Catalog) -> Catalog:
    """What there is once the catalog is applied."""
    return Catalog(
        products=tuple({each.key: each for each in (*before.products, *after.products)}.values()),
        features=tuple({each.key: each for each in (*before.features, *after.features)}.values()),
        plans=tuple({each.key: each for each in (*before.plans, *after.plans)}.values()),
    )


async def _planned(read: Reader, wanted: Wanted) -> CatalogPlanned:
    here = wanted.here
    live = {
        CatalogSection.PRODUCTS: await read.live.by_product(),
        CatalogSection.FEATURES: await read.live.by_feature(),
        CatalogSection.PLANS: await read.live.by_plan(),
    }
    live[CatalogSection.ADD_ONS] = live[CatalogSection.PLANS]
    held = await read.live.by_version()
    versions = await read.catalog.versions_by_id(sorted(held))
    keys = {view.id: view.key for view in here.features.values()}
    told = _Telling(here, wanted.catalog, live, held, tuple(versions.values()), keys)
    planned = tuple(map(told.change, wanted.changes))
    pending = any(each.kind is not CatalogChangeKind.UNLISTED for each in wanted.changes)
    return CatalogPlanned(wanted.digest, pending, planned, wanted.unchanged)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is needed to tell whom a change concerns."""

    here: Present
    after: Catalog
    live: Mapping[CatalogSection, Mapping[str, int]]
    held: Mapping[str, int]
    versions: tuple[PlanView, ...]
    features: Mapping[str, str]

    def change(self, change: CatalogChange) -> PlannedChange:
        """One change with its numbers."""
        plan = change.section in (CatalogSection.PLANS, CatalogSection.ADD_ONS)
        known = self.here.plans.get(change.key) if plan else None
        mine = tuple(sorted((each for each in self.versions if plan and each.key == change.key), key=_version))
        return PlannedChange(
            kind=change.kind,
            section=change.section,
            key=change.key,
            name=change.name,
            version=(known.latest_version if known else 0) + 1 if change.publishes else None,
            live=self.live[change.section].get(self.here.id_of(change.section, change.key), 0),
            versions=tuple(LiveVersion(each.version, self.held[each.version_id]) for each in mine),
            fields=tuple(PlannedField(each, self._keeping(change, each, mine)) for each in change.fields),
        )

    def _keeping(self, change: CatalogChange, field: FieldChange, versions: Iterable[PlanView]) -> int | None:
        """How many live subscriptions keep another entitlement than the new one, each on its version."""
        if field.path[0] != "entitlements" or len(field.path) == 1:
            return None
        wanted = next((each for each in self.after.plans if each.key == change.key), None)
        new = {each.feature: each for each in wanted.entitlements} if wanted else {}
        feature = field.path[1]
        return sum(self.held[each.version_id] for each in versions if self._given(each, feature) != new.get(feature))

    def _given(self, version: PlanView, feature: str) -> EntitlementDef | None:
        found = (give for give in version.gives if self.features.get(give.feature_id) == feature)
        return next((given(give, feature) for give in found), None)


def _version(view: PlanView) -> int:
    return view.version
