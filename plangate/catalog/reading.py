"""A catalog file becomes a catalog, or is refused with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from billing.catalog.format import FORMAT, ROOT, SOURCE
from billing.catalog.problems import each_problem
from billing.catalog.values import Catalog, SourceNote
from billing.refusals import CatalogInvalid
from plangate.catalog.features import feature, product
from plangate.catalog.fields import Fields
from plangate.catalog.findings import EnoughError, Findings
from plangate.catalog.plans import plan
from plangate.catalog.source import MOST_BYTES, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table
    from os import PathLike

    from billing.catalog.values import FeatureDef, PlanDef
    from plangate.catalog.nodes import Mapping


def read_catalog(path: str | PathLike[str]) -> Catalog:
    """The catalog of a YAML file; `CatalogInvalid` says every problem as "file:line: reason"."""
    file = FilePath(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        name = file.name or str(file)
        findings = Findings(name)
        findings.add(1, f"This file cannot be read: {reason}.")
        raise _invalid(name, findings) from None
    return parse_catalog(content, file.name)


def parse_catalog(content: bytes, name: str = "catalog.yaml") -> Catalog:
    """The catalog of a file's bytes; `name` is what the file is called in its problems."""
    findings = Findings(name)
    try:
        catalog = _judged(content, findings)
    except EnoughError:
        catalog = None
    if catalog is None or findings.found:
        raise _invalid(name, findings)
    return catalog


def _judged(content: bytes, findings: Findings) -> Catalog | None:
    """The catalog as far as it can be read; what is wrong with it is among the findings."""
    root = tree(content, findings)
    if root is None:
        return None
    catalog = _catalog(root, findings)
    for problem in each_problem(catalog):
        findings.judge(problem)
    return catalog


def _invalid(name: str, findings: Findings) -> CatalogInvalid:
    count = "1 problem" if len(findings.found) == 1 else f"{len(findings.found)} problems"
    return CatalogInvalid(message=f"{name} has {count}; nothing was changed.", problems=findings.problems())


def _catalog(root: Mapping, findings: Findings) -> Catalog:
    fields = Fields.of(findings, (), root, ROOT)
    if fields.whole("catalog", FORMAT) != FORMAT:
        findings.add(
            findings.line_of(("catalog",)), f"This reads catalogs of format {FORMAT}: write `catalog: {FORMAT}`."
        )
    features = dict(_features(fields, findings))
    return Catalog(
        products=tuple(product(findings, *entry) for entry in fields.entries("products")),
        features=tuple(features.values()),
        plans=tuple(_plans(fields, findings, features)),
        source=_source(fields, findings),
    )


def _features(fields: Fields, findings: Findings) -> Iterator[tuple[str, FeatureDef]]:
    for path, key, node in fields.entries("features"):
        found = feature(findings, path, key, node)
        if found is None:
            findings.broken.add(("features", key))
        else:
            yield key, found


def _plans(fields: Fields, findings: Findings, features: Table[str, FeatureDef]) -> Iterator[PlanDef]:
    for section in ("plans", "addons"):
        for path, key, node in fields.entries(section):
            yield plan(findings, path, key, node, features, is_add_on=section == "addons")


def _source(fields: Fields, findings: Findings) -> SourceNote | None:
    node = fields.node("source")
    if node is None:
        return None
    source = Fields.of(findings, ("source",), node, SOURCE)
    return SourceNote(source.text("title"), source.text("url"), source.text("retrieved"))
