"""A short form of `make fuzz`: what Schemathesis makes of the schema is answered in its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graphql import OperationDefinitionNode, parse

from tests.fuzz.running import OPERATIONS, SCHEMA, Reached, close_range, open_range
from tests.fuzz.shape import misshapen
from tests.resolvers.root_fields import ROOT_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = {"sqlite": 2, "postgresql": 2}
EACH = {"sqlite": 8, "postgresql": 16}
"""Each eighth root field is asked here, on PostgreSQL each sixteenth: `make fuzz` asks all."""


async def test_every_root_field_takes_what_the_schema_allows(
    database_kind: str, database_url: str, tmp_path: Path
) -> None:
    opened = await open_range(database_url, tmp_path)
    found: list[Reached] = []
    names = list(OPERATIONS)[:: EACH[database_kind]]
    try:
        for name in names:
            found.append(await opened.fire(name, EXAMPLES[database_kind], 1))  # noqa: PERF401  (a failure keeps the rest)
    finally:
        await close_range(opened)

    assert [failure for each in found for failure in each.failures] == []
    assert set(OPERATIONS) == set(ROOT_FIELDS)
    assert all(each.sent >= EXAMPLES[database_kind] for each in found)
    assert sum(each.done > 0 for each in found) > len(found) / 3


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"viewer": {"kind": "SECRET", "environment": {"key": "main"}}}, 0),
        ({"viewer": {"kind": "NOBODY", "environment": {"key": "main"}}}, 1),
        ({"viewer": {"kind": "SECRET", "environment": {"key": 5}}}, 1),
        ({"viewer": {"kind": "SECRET"}}, 1),
        ({"viewer": None}, 1),
        ({"viewer": {"kind": None, "environment": None}}, 2),
    ],
)
def test_an_answer_of_another_shape_is_seen(told: object, wrong: int) -> None:
    (operation,) = parse("{ viewer { kind environment { key } } }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert SCHEMA.query_type is not None
    assert len(misshapen(SCHEMA, operation.selection_set, SCHEMA.query_type, told)) == wrong
