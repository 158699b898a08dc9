"""Time and chance come from the context: below the front door nothing asks the machine for them."""

from __future__ import annotations

import ast

from tests.house.repository import dotted, imports, named, sources, tree, where

LOWER = ("schema", "resolvers", "models", "billing", "widgets_config")
CHANCE = frozenset({"random", "secrets"})
ASKED = frozenset({
    "date.today", "datetime.now", "datetime.today", "datetime.utcnow", "os.urandom", "uuid.uuid1", "uuid.uuid4",
    "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.time", "time.time_ns",
    "func.now", "func.current_timestamp", "func.random",
})  # fmt: skip
AGES = {"models/lookout.py": "time.monotonic", "models/sqlite.py": "time.monotonic"}
"""How old something in memory is, though the process was stopped: a loop's time stands still within a turn."""


def asks(node: ast.Attribute) -> bool:
    """Whether it is one of the machine's answers, by its last two names."""
    return ".".join(dotted(node).split(".")[-2:]) in ASKED


def test_nothing_below_the_front_door_asks_the_machine_for_the_time_or_for_chance() -> None:
    asked: list[str] = []
    for file in sources(*LOWER):
        module = tree(file)
        names = [(node, name) for node, name in imports(module) if name.split(".")[0] in CHANCE or name in ASKED]
        names += [(node, dotted(node)) for node in ast.walk(module) if isinstance(node, ast.Attribute) and asks(node)]
        allowed = AGES.get(named(file))
        asked += [f"{where(file, node)} {name}" for node, name in names if name != allowed]

    assert asked == []
