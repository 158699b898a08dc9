"""The JSON Schema and the reader agree: they are made from one description."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from billing.catalog import format as described
from billing.catalog.problems import problems
from billing.catalog.values import EntitlementDef, FeatureDef, PlanDef, PriceDef, ProductDef, SourceNote, TierDef
from billing.catalog.written import in_short
from plangate.catalog import reading
from plangate.catalog.findings import Findings
from plangate.catalog.nodes import Mapping, Scalar, Sequence
from plangate.catalog.reading import read_catalog
from plangate.catalog.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.format import Shape
    from plangate.catalog.nodes import Node

jsonschema: Any = import_module("jsonschema")  # it is not typed
VALIDATOR = jsonschema.Draft202012Validator(json_schema())
EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "catalogs").glob("*.yaml"))

WHOLE = """
catalog: 1
source: {title: List, url: "https://example.com", retrieved: "2026-01-01"}
products:
  app: {name: App, description: It., default_plan: free, after_cancellation: free, archived: false}
features:
  calls: {name: Calls, kind: metered, unit: calls, scale: 2, aggregation: sum, product: app}
  help: {name: Help, kind: config, type: enum, values: [mail, phone]}
  sso: {name: SSO, kind: boolean, archived: false}
plans:
  free: {name: Free, product: app, kind: free}
  team:
    name: Team
    product: app
    kind: paid
    rank: 1
    base: free
    trial_days: 3
    addons: [more]
    includes: []
    metadata: {colour: blue}
    hidden: false
    prices:
      - {key: flat, currency: usd, every: month, amount: 5}
      - currency: usd
        every: 3 months
        usage: metered
        feature: calls
        model: volume
        tiers: [{up_to: 5.5, unit_amount: 1}, {flat_amount: 2}]
    entitlements:
      calls: {limit: 2, hard: false, reset: month, anchor: calendar, per_quantity: true, priority: 7}
      help: {value: mail}
      sso: true
  course:
    name: Course
    product: app
    kind: paid
    instalments: 3
    access_after_completion: end
    prices: [{currency: usd, every: month, amount: 5}]
addons:
  more:
    name: More
    product: app
    kind: paid
    prices: [{currency: usd, every: month, usage: metered, feature: calls, model: package, package_size: 3, amount: 1}]
    entitlements: {calls: {limit: unlimited, behaviour: replace}}
"""
ODD: tuple[Any, ...] = (None, True, 12, "x", [], {}, ["a"], {"zz": 1}, [None], [{}], -1, "1e5", "")
Path_ = tuple["str | int", ...]


def plain(text: str) -> Any:
    """The content of a YAML file as an editor sees it."""
    yaml: Any = import_module("ruamel.yaml")
    return json.loads(json.dumps(yaml.YAML(typ="safe", pure=True).load(text), default=str))


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a tree."""
    yield path
    entries: Any = ()
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        entries = enumerate(cast("Any", value))
    for key, held in entries:
        yield from places(held, (*path, key))


def mutated() -> Iterator[tuple[Path_, Any]]:
    """The whole catalog with one thing another, gone, or too many; with where that is."""
    good = plain(WHOLE)
    for path in places(good):
        *above, last = path or (None,)
        for odd in ODD:
            bad = copy.deepcopy(good)
            if path:
                holder(bad, above)[last] = odd
            yield path, bad if path else odd
        if isinstance(last, str):
            bad = copy.deepcopy(good)
            del holder(bad, above)[last]
            yield path, bad
        if isinstance(holder(good, path), dict):
            bad = copy.deepcopy(good)
            holder(bad, path)["zz"] = "x"
            yield (*path, "zz"), bad


def holder(value: Any, path: Any) -> Any:
    """What stands at a path."""
    for key in path:
        value = value[key]
    return value


def node(value: Any) -> Node:
    """What a parser makes of a value that is written as JSON."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return Mapping(tuple((Scalar(key, plain=False, line=1), node(held)) for key, held in entries), 1)
    if isinstance(value, list):
        return Sequence(tuple(map(node, cast("Any", value))), 1)
    return Scalar(value if isinstance(value, str) else json.dumps(value), plain=not isinstance(value, str), line=1)


def refused(content: Any) -> tuple[bool, set[str]]:
    """Whether the reader refuses a content, and where its form is to blame."""
    findings, root = Findings("f"), node(content)
    if not isinstance(root, Mapping):
        return True, {""}
    catalog = reading._catalog(root, findings)
    paths = {".".join(map(str, path)) for path in findings.found.values()}
    return bool(findings.found or problems(catalog)), paths


def kindly(path: Path_) -> bool:
    """Whether what may stand here depends on the feature's kind, which a schema cannot see."""
    return path[2:3] == ("entitlements",) and (len(path) <= 4 or path[-1] in ("value", "zz"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_is_valid_as_written_and_as_pulled(file: Path) -> None:
    for content in (plain(file.read_text(encoding="utf-8")), in_short(read_catalog(file))):
        assert list(VALIDATOR.iter_errors(content)) == []


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_what_the_schema_refuses_the_reader_refuses_and_what_has_no_form_the_schema_refuses() -> None:
    unseen: list[object] = []
    overzealous: list[object] = []
    count = 0
    for path, bad in mutated():
        count += 1
        wrong, paths = refused(bad)
        valid = VALIDATOR.is_valid(bad)
        where = ".".join(map(str, path))
        if not valid and not wrong:
            overzealous.append((where, bad))
        if valid and not kindly(path) and any(each == where or each.startswith(f"{where}.") for each in paths):
            unseen.append((where, bad))

    assert count > 1_000
    assert [where for where, _ in cast("list[tuple[str, object]]", overzealous)] == []
    assert [where for where, _ in cast("list[tuple[str, object]]", unseen)] == []


@pytest.mark.parametrize(
    ("kind", "shapes", "told_otherwise"),
    [
        (SourceNote, (described.SOURCE,), set[str]()),
        (ProductDef, (described.PRODUCT,), {"key"}),
        (FeatureDef, (described.FEATURE,), {"key"}),
        (PlanDef, (described.PLAN,), {"key", "is_add_on"}),
        (PriceDef, (described.PRICE,), set[str]()),
        (TierDef, (described.TIER,), set[str]()),
        (EntitlementDef, (described.METERED, described.CONFIG), {"feature", "granted"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_field_of_a_value_is_described(kind: Any, shapes: tuple[Shape, ...], told_otherwise: set[str]) -> None:
    held = {field.held for shape in shapes for field in shape.fields}

    assert {field.name for field in fields(kind)} == held | told_otherwise
    assert not held & told_otherwise
