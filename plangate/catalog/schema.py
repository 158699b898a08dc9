"""The JSON Schema of catalog files, made from the description by which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.catalog.checks.texts import RESERVED_KEYS
from billing.catalog.format import CONFIG, FORMAT, METERED, ROOT, Field, Shape, Sort
from billing.catalog.words import UNITS, UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KEY = {"pattern": "^[a-z][a-z0-9_.-]{0,62}$", "not": {"enum": sorted(RESERVED_KEYS)}}
DECIMAL = "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,18})?"
AMOUNT: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{DECIMAL}$"}]}
LIMIT: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^({DECIMAL}|{UNLIMITED})$"}]}
EVERY = f"^([1-9][0-9]{{0,3}} +)?({'|'.join(UNITS)})s?$"
SCALAR = ["string", "number", "boolean"]


def json_schema() -> Schema:
    """The schema of a whole file. What it refuses the reader refuses too; what it cannot see is the reader's alone."""
    schema: Schema = {"$schema": DRAFT, "title": "Plangate catalog", **_map(ROOT)}
    schema["properties"]["catalog"]["const"] = FORMAT
    schema["$defs"] = {"metered": _map(METERED), "config": _map(CONFIG)}
    return schema


def _map(shape: Shape) -> Schema:
    schema: Schema = {
        "type": "object",
        "description": shape.meaning,
        "properties": {field.name: _field(field) for field in shape.fields},
        "required": [field.name for field in shape.fields if field.needed],
        "additionalProperties": False,
    }
    if shape.either:
        written = ({"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in shape.either)
        schema["anyOf"] = list(written)
    return schema


def _field(field: Field) -> Schema:
    """What may stand in a field; where it may be left out it may also be empty."""
    held = _held(field)
    if not field.needed:
        held = {"anyOf": [held, {"type": "null"}]} if "type" not in held else {**held, "type": _or_null(held["type"])}
        if "enum" in held:
            held["enum"] = [*held["enum"], None]
    return {"description": field.meaning, **held}


def _or_null(kind: str | list[str]) -> list[str]:
    return [*([kind] if isinstance(kind, str) else kind), "null"]


def _held(field: Field) -> Schema:
    if field.sort is Sort.CHOICE:
        return {"type": "string", "enum": list(field.words or ())}
    if field.sort in (Sort.WHOLE, Sort.WHOLES):
        bounds = field.bounds
        whole = {"type": "integer", **({"minimum": bounds[0], "maximum": bounds[1]} if bounds else {})}
        return whole if field.sort is Sort.WHOLE else {"type": "array", "items": whole}
    if field.sort is Sort.ITEMS and field.shape is not None:
        return {"type": "array", "items": _map(field.shape)}
    if field.sort is Sort.MAP and field.shape is not None:
        return _map(field.shape)
    if field.sort is Sort.THINGS and field.shape is not None:
        return {"type": "object", "propertyNames": KEY, "additionalProperties": _map(field.shape)}
    return {**_PLAIN[field.sort]}


_PLAIN: Mapping[Sort, Schema] = {
    Sort.TEXT: {"type": "string"},
    Sort.KEY: {"type": "string"},
    Sort.TEXTS: {"type": "array", "items": {"type": "string"}},
    Sort.FLAG: {"type": "boolean"},
    Sort.EVERY: {"type": "string", "pattern": EVERY},
    Sort.MONEY: AMOUNT,
    Sort.AMOUNT: AMOUNT,
    Sort.LIMIT: LIMIT,
    Sort.JSON: {"type": [*SCALAR, "array", "object"]},
    Sort.METADATA: {"type": "object", "additionalProperties": {"type": SCALAR}},
    Sort.ENTITLEMENTS: {
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                {"type": [*SCALAR, "array"]},
                {"$ref": "#/$defs/metered"},
                {"$ref": "#/$defs/config"},
            ]
        },
    },
}
