"""Dataclasses of the program are made where most of them can wait. (ADR 26)"""

from __future__ import annotations

from tests.house.repository import imports, named, sources, tree, where

ROOMS = ("plangate", "schema", "resolvers", "models", "billing")
MAKERS = frozenset({"billing/dataclass.py", "schema/promise.py"})


def test_every_dataclass_of_the_rooms_is_written_when_it_is_wanted() -> None:
    found = [
        where(file, node)
        for file in sources(*ROOMS)
        if named(file) not in MAKERS
        for node, name in imports(tree(file))
        if name in ("dataclasses", "dataclasses.dataclass")
    ]

    assert found == []
