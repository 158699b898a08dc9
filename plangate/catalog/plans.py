"""Plans and add-ons of a catalog file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.checks.price_sets import is_zero
from billing.catalog.format import ADD_ON, PLAN
from billing.catalog.problem import Path, unknown
from billing.catalog.values import PlanDef, PlanKind
from billing.catalog.words import AFTER_COMPLETION, PLAN_KINDS
from billing.instalments import AccessAfterCompletion
from plangate.catalog.entitlements import entitlement
from plangate.catalog.fields import Fields
from plangate.catalog.nodes import Scalar
from plangate.catalog.prices import price

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.catalog.values import EntitlementDef, FeatureDef, PriceDef
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node


def plan(
    findings: Findings, path: Path, key: str, node: Node, features: Mapping[str, FeatureDef], *, is_add_on: bool
) -> PlanDef:
    """One entry of `plans` or `addons`."""
    fields = Fields.of(findings, path, node, ADD_ON if is_add_on else PLAN)
    product = fields.text("product")
    prices = tuple(_prices(findings, fields, features))
    if not product:
        findings.broken.add(("products", ""))
    return PlanDef(
        key=key,
        product=product,
        name=fields.text("name", key),
        kind=fields.choice("kind", PLAN_KINDS, _likely_kind(prices)),
        description=fields.text("description"),
        includes=fields.texts("includes"),
        rank=0 if is_add_on else fields.whole("rank"),
        is_add_on=is_add_on,
        add_ons=() if is_add_on else fields.texts("addons"),
        base=None if is_add_on else fields.key("base"),
        trial_days=0 if is_add_on else fields.whole("trial_days"),
        instalments=0 if is_add_on else fields.whole("instalments"),
        access_after_completion=AccessAfterCompletion.KEEP
        if is_add_on
        else fields.choice("access_after_completion", AFTER_COMPLETION, AccessAfterCompletion.KEEP),
        prices=prices,
        entitlements=tuple(_entitlements(findings, fields, features)),
        metadata=tuple(_metadata(findings, fields)),
        hidden=fields.flag("hidden"),
        archived=fields.flag("archived"),
    )


def _likely_kind(prices: tuple[PriceDef, ...]) -> PlanKind:
    """What to judge a plan as whose kind is not readable: the one that fits its prices."""
    if not prices:
        return PlanKind.CUSTOM
    return PlanKind.FREE if all(map(is_zero, prices)) else PlanKind.PAID


def _prices(findings: Findings, fields: Fields, features: Mapping[str, FeatureDef]) -> Iterator[PriceDef]:
    """Those that could be read, with where they are written."""
    count = 0
    for index, node in enumerate(fields.items("prices")):
        path = (*fields.path, "prices", index)
        found = price(findings, path, node, features)
        if found is None:
            findings.broken.add(("prices", str(fields.path[1])))
            continue
        if count != index:
            findings.move((*fields.path, "prices", count), path)
        count += 1
        yield found


def _entitlements(findings: Findings, fields: Fields, features: Mapping[str, FeatureDef]) -> Iterator[EntitlementDef]:
    for path, key, node in fields.entries("entitlements"):
        findings.place(path, node.line)
        feature = features.get(key)
        if feature is None:
            findings.judge(unknown(path, "features", key, features))
            findings.broken.add(("entitlements", str(fields.path[1])))
            continue
        found = entitlement(findings, path, node, feature)
        if found is None:
            findings.broken.add(("entitlements", str(fields.path[1])))
        else:
            yield found


def _metadata(findings: Findings, fields: Fields) -> Iterator[tuple[str, str]]:
    for path, key, node in fields.entries("metadata"):
        findings.place(path, node.line)
        if isinstance(node, Scalar) and not node.null:
            yield key, node.text
        else:
            findings.add(node.line, f'The value of the metadata "{key[:80]}" is one text: put it in quotes.', path)
