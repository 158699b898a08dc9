"""What one catalog would change of another, thing by thing and field by field, in the words of the file."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from billing.catalog.base_plans import with_base_plans
from billing.catalog.digest import digest
from billing.catalog.problem import Problem, section
from billing.catalog.written import as_stated, in_full
from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from billing.catalog.values import Catalog, FeatureDef
    from billing.catalog.written import Thing, Tree
    from billing.entitlements.sources import Json

PART = 32
"""Hex digits of each part of a plan's digest."""


class CatalogChangeKind(StrEnum):
    """What becomes of one thing of a catalog."""

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    ARCHIVED = "ARCHIVED"
    RESTORED = "RESTORED"
    UNLISTED = "UNLISTED"


CATALOG_CHANGE_KIND_MEANINGS: Mapping[CatalogChangeKind, str] = {
    CatalogChangeKind.ADDED: "It is new.",
    CatalogChangeKind.CHANGED: "Some of its fields change; a plan gets a new version.",
    CatalogChangeKind.ARCHIVED: "It goes off sale; subscriptions are not touched. (K2)",
    CatalogChangeKind.RESTORED: "It was archived and is on sale again.",
    CatalogChangeKind.UNLISTED: "It is here and not in the document; it stays as it is.",
}


class CatalogSection(StrEnum):
    """Where a document keeps a thing."""

    PRODUCTS = "PRODUCTS"
    FEATURES = "FEATURES"
    PLANS = "PLANS"
    ADD_ONS = "ADD_ONS"


CATALOG_SECTION_MEANINGS: Mapping[CatalogSection, str] = {
    CatalogSection.PRODUCTS: "What is sold.",
    CatalogSection.FEATURES: "What plans promise.",
    CatalogSection.PLANS: "Plans.",
    CatalogSection.ADD_ONS: "Add-ons: plans that ride on a plan.",
}
_SECTIONS = {"plans": CatalogSection.PLANS, "addons": CatalogSection.ADD_ONS}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field by its path in the thing, in the words of a file; None stands for what is not there."""

    path: tuple[str, ...]
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """What becomes of one thing, field by field; an added one lists what it states."""

    kind: CatalogChangeKind
    section: CatalogSection
    key: str
    name: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def publishes(self) -> bool:
        """Whether a plan gets a new version: archiving and restoring alone make none."""
        plan = self.section in (CatalogSection.PLANS, CatalogSection.ADD_ONS)
        return plan and any(field.path != ("archived",) for field in self.fields)


def settled(catalog: Catalog) -> Catalog:
    """The catalog as it would be published: entitlements complete, and without the bases that they came from."""
    complete = with_base_plans(catalog)
    return replace(complete, plans=tuple(replace(plan, base=None) for plan in complete.plans), source=None)


def changes(before: Catalog, after: Catalog, *, prune: bool = False) -> tuple[CatalogChange, ...]:
    """What becomes of each thing that does not stay as it is; both catalogs are settled.

    What `after` does not list stays, and is archived with `prune`; what is archived already stays so.
    """
    here, there = _things(before), _things(after)
    features = ({each.key: each for each in catalog.features} for catalog in (before, after))
    old, new = features
    found: list[CatalogChange] = []
    for place, thing in there.items():
        known = here.get(place)
        change = _compared(place, known, thing, old, new)
        if change is not None:
            found.append(change)
    for place, thing in here.items():
        if place not in there and not thing.archived:
            kind = CatalogChangeKind.ARCHIVED if prune else CatalogChangeKind.UNLISTED
            gone = (FieldChange(("archived",), before=False, after=True),) if prune else ()
            found.append(CatalogChange(kind, place[0], place[1], thing.name, gone))
    return tuple(found)


def unchanged(before: Catalog, after: Catalog) -> int:
    """How many things of `after` are there already, just so."""
    listed = {(each.section, each.key) for each in changes(before, after)}
    return sum(place not in listed for place in _things(after))


def identity_problems(before: Catalog, after: Catalog) -> Iterator[Problem]:
    """What may never change: what a feature's ledger is written in, and whose plan or add-on a key names."""
    features = {each.key: each for each in before.features}
    for wanted in after.features:
        known = features.get(wanted.key)
        if known and (known.kind, known.scale, known.config_type) != (wanted.kind, wanted.scale, wanted.config_type):
            message = "kind, type and scale of an existing feature cannot change; make a feature of another key"
            yield Problem(("features", wanted.key), message)
    plans = {each.key: each for each in before.plans}
    for plan in after.plans:
        was = plans.get(plan.key)
        if was is not None and (was.product, was.is_add_on) != (plan.product, plan.is_add_on):
            message = "an existing plan keeps its product and stays a plan or an add-on"
            yield Problem((section(plan), plan.key), message)


def plan_digest(before: Catalog, after: Catalog, found: Iterable[CatalogChange], *, prune: bool = False) -> str:
    """What a plan of changes is, in three parts: the present state, what was asked for, and what `found` says it does.

    Applying with this digest is refused where any is another by then: what is done also depends on who has what, so it
    does not follow from the other two. Both catalogs are settled.
    """
    asked = f"{digest(after)}:{'prune' if prune else 'keep'}"
    done = "\n".join(sorted(f"{each.kind.value} {each.section.value} {each.key}" for each in found))
    return "-".join((digest(before)[:PART], _hashed(asked), _hashed(done)))


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:PART]


def _things(catalog: Catalog) -> dict[tuple[CatalogSection, str], Thing]:
    return {
        **{(CatalogSection.PRODUCTS, each.key): each for each in catalog.products},
        **{(CatalogSection.FEATURES, each.key): each for each in catalog.features},
        **{(_SECTIONS[section(each)], each.key): each for each in catalog.plans},
    }


def _compared(
    place: tuple[CatalogSection, str],
    known: Thing | None,
    wanted: Thing,
    old: Mapping[str, FeatureDef],
    new: Mapping[str, FeatureDef],
) -> CatalogChange | None:
    if known is None:
        stated = tuple(_stated(as_stated(wanted, new)))
        return CatalogChange(CatalogChangeKind.ADDED, *place, wanted.name, stated)
    fields = tuple(_differences(in_full(known, old), in_full(wanted, new)))
    if not fields:
        return None
    kind = CatalogChangeKind.CHANGED
    if known.archived != wanted.archived:
        kind = CatalogChangeKind.ARCHIVED if wanted.archived else CatalogChangeKind.RESTORED
    return CatalogChange(kind, *place, wanted.name, fields)


def _stated(tree: Tree) -> Iterator[FieldChange]:
    """What a new thing states: each price and entitlement by itself."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from (FieldChange((name, key), None, held) for key, held in value.items())
        else:
            yield FieldChange((name,), None, value)


def _differences(before: Tree, after: Tree, path: tuple[str, ...] = ()) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        one, other, here = before.get(name), after.get(name), (*path, name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _differences(one, other, here)
        elif not _same(one, other):
            yield FieldChange(here, one, other)


def _same(one: Json, other: Json) -> bool:
    """Equal as JSON: a number is no truth value."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) == set(other) and all(_same(one[name], other[name]) for name in one)
    return isinstance(one, bool) == isinstance(other, bool) and one == other
