"""What the page about limits says costs what it says."""

from __future__ import annotations

import re
from pathlib import Path

from plangate.execution.cost import Pricing
from plangate.execution.documents import Documents
from plangate.execution.limits import ExecutionLimits
from plangate.execution.plans import core_schema
from plangate.execution.profile import DEVELOPMENT
from schema.build import schema
from schema.costs import COSTS

PAGE = (Path(__file__).parent.parent.parent / "docs" / "limits.md").read_text()
PRICED = re.compile(r"```graphql\n(.*?)```\ncosts (\d+) points", re.DOTALL)
LIMITS = ExecutionLimits()


def points(document: str) -> int:
    """What a document costs."""
    prepared = Documents(core_schema(schema), LIMITS, DEVELOPMENT).get(document)
    return prepared.cost(None, Pricing(core_schema(schema), COSTS)).of({}).requested


def test_the_examples_cost_what_is_said() -> None:
    examples = PRICED.findall(PAGE)

    assert len(examples) == 2
    assert [points(document) for document, _ in examples] == [int(said) for _, said in examples]


def test_the_limits_are_those_of_the_settings() -> None:
    said = dict(re.findall(r"`limits\.(cost_\w+)` \| ([\d,]+)", PAGE))

    assert {name: int(number.replace(",", "")) for name, number in said.items()} == {
        "cost_public": LIMITS.cost_public,
        "cost_customer": LIMITS.cost_customer,
        "cost_secret": LIMITS.cost_secret,
    }
    assert f'"requested": {points("{ plans { key } }")}' in PAGE
