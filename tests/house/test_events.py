"""The types of events are a closed list: what the program tells is on it, and the documents say the same. (C15)"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from billing.events import EVENT_TYPES
from billing.subscriptions import StepKind
from tests.house.repository import ROOT, sources, tree
from tests.told import faults, whole_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
EVENTS = "## Events\n"


def texts(file: Path) -> Iterator[str]:
    """Every text in a file of code."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_what_is_told_is_a_type_of_event_and_every_type_is_told() -> None:
    told = {text for file in sources("resolvers") for text in texts(file) if EVENT.fullmatch(text)}

    assert told | {kind.value for kind in StepKind} == set(EVENT_TYPES), "write it into billing/events.py"


def test_the_reference_says_what_each_type_means() -> None:
    section = (ROOT / "docs" / "reference.md").read_text().split(EVENTS, 1)[1].split("\n## ", 1)[0]

    assert sorted(re.findall(r"^\| `(.+?)` \| (.+) \|$", section, re.MULTILINE)) == sorted(
        (each.name, each.meaning) for each in EVENT_TYPES.values()
    )


def test_the_schema_of_events_is_one_and_refuses_what_is_not_promised() -> None:
    reader = whole_schema()
    ended = {"type": "grant.expired", "before": {}, "after": {"left": "1.5", "jobId": "job_1"}}

    assert reader.is_valid(ended)
    for wrong in (
        ended | {"after": {}},
        ended | {"after": {"left": 1.5}},
        ended | {"after": {"left": "1.5", "right": "2"}},
        ended | {"before": {"left": "1.5"}},
        ended | {"type": "grant.ended"},
        {"type": "grant.expired", "after": {"left": "1"}},
    ):
        assert not reader.is_valid(wrong), wrong
    assert len(reader.schema["allOf"]) == len(EVENT_TYPES)


def test_what_an_event_must_not_tell_is_named() -> None:
    assert faults("grant.created", {}, {"featureId": "fea_1", "resource": "", "amount": "a few"}) == [
        r"grant.created.after.amount: 'a few' does not match '^-?\\d+(\\.\\d+)?$'"
    ]
    assert faults("grant.made", {}, {}) == ["grant.made is no type of event"]
