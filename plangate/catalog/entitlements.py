"""What a plan gives, as a catalog file writes it: in full, or as one word where that says it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import MAX_SCALE
from billing.catalog.format import CONFIG, METERED
from billing.catalog.values import EntitlementDef
from billing.catalog.words import ANCHORS, BEHAVIOURS, RESETS, UNLIMITED
from billing.entitlements.sources import AddOnBehaviour, ConfigType, FeatureKind, ResetAnchor, ResetEvery
from plangate.catalog.fields import Fields, amount
from plangate.catalog.nodes import Mapping as MapNode
from plangate.catalog.nodes import Scalar, to_json, what

if TYPE_CHECKING:
    from billing.catalog.problem import Path
    from billing.catalog.values import FeatureDef
    from plangate.catalog.findings import Findings
    from plangate.catalog.nodes import Node


def entitlement(findings: Findings, path: Path, node: Node, feature: FeatureDef) -> EntitlementDef | None:
    """One entry of a plan's `entitlements`, read as the feature's kind wants it; None where it cannot be read."""
    if feature.kind is FeatureKind.BOOLEAN:
        return _boolean(findings, path, node, feature)
    if feature.kind is FeatureKind.CONFIG:
        return _config(findings, path, node, feature)
    return _metered(findings, path, node, feature)


def _boolean(findings: Findings, path: Path, node: Node, feature: FeatureDef) -> EntitlementDef | None:
    flag = node.flag if isinstance(node, Scalar) else None
    if flag is None:
        message = f'"{feature.key}" is a boolean feature: write true or false; this is {what(node)}.'
        findings.add(node.line, message, path)
        return None
    return EntitlementDef(feature.key, granted=flag)


def _config(findings: Findings, path: Path, node: Node, feature: FeatureDef) -> EntitlementDef | None:
    written: Node | None = node
    if isinstance(node, MapNode):
        fields = Fields.of(findings, path, node, CONFIG, feature.key)
        written = fields.node("value")
    if written is None:
        return None
    if isinstance(written, Scalar) and written.null:
        findings.add(written.line, f'"{feature.key}" needs a value.', path)
        return None
    if feature.config_type is not ConfigType.JSON and not isinstance(written, Scalar):
        message = f'The value of "{feature.key}" is one word or number; this is {what(written)}.'
        findings.add(written.line, message, path)
        return None
    return EntitlementDef(feature.key, value=to_json(written))


def _metered(findings: Findings, path: Path, node: Node, feature: FeatureDef) -> EntitlementDef | None:
    if isinstance(node, Scalar):
        known, limit = _limit(findings, (*path, "limit"), node, feature)
        return EntitlementDef(feature.key, limit=limit) if known else None
    fields = Fields.of(findings, path, node, METERED, feature.key)
    written = fields.node("limit")
    known, limit = _limit(findings, (*path, "limit"), written, feature) if written is not None else (False, None)
    given = EntitlementDef(
        feature.key,
        limit=limit,
        hard=fields.flag("hard", default=True),
        reset=fields.choice("reset", RESETS, ResetEvery.NEVER),
        reset_anchor=fields.choice("anchor", ANCHORS, ResetAnchor.SUBSCRIPTION),
        per_quantity=fields.flag("per_quantity"),
        behaviour=fields.choice("behaviour", BEHAVIOURS, AddOnBehaviour.ADD),
        priority=fields.whole("priority", 50),
        rollover_maximum=fields.amount("rollover_maximum", _scale(feature)),
        rollover_minimum=fields.amount("rollover_minimum", _scale(feature)) or 0,
    )
    return given if known else None


def _limit(findings: Findings, path: Path, node: Node, feature: FeatureDef) -> tuple[bool, int | None]:
    """Whether a limit is written, and which: None is unlimited."""
    if isinstance(node, Scalar) and node.word == UNLIMITED:
        return True, None
    if isinstance(node, Scalar) and node.word is not None and not node.text[:1].isdecimal():
        findings.add(node.line, f"`limit` is a plain decimal number, or `{UNLIMITED}`.", path)
        return False, None
    limit = amount(findings, path, node, _scale(feature))
    return limit is not None, limit


def _scale(feature: FeatureDef) -> int:
    """The decimals of its amounts; any number of them where the scale itself is wrong."""
    return feature.scale if 0 <= feature.scale <= MAX_SCALE else MAX_SCALE
