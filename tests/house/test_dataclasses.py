"""Dataclasses of the program are made by `billing/dataclass.py`, which lets most of them wait. (ADR 26)"""

from __future__ import annotations

from tests.house.repository import ROOT, imports, sources, tree, where

ROOMS = ("plangate", "schema", "resolvers", "models", "billing")
OWN = ROOT / "billing" / "dataclass.py"


def test_every_dataclass_of_the_rooms_is_written_when_it_is_wanted() -> None:
    found = [
        where(file, node)
        for file in sources(*ROOMS)
        if file != OWN
        for node, name in imports(tree(file))
        if name in ("dataclasses", "dataclasses.dataclass")
    ]

    assert found == []
