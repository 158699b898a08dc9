"""Which fields are wanted, however they are written."""

from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.info import Info


@strawberry.type
class Thing:
    """Tells what was wanted of it."""

    wanted: list[str]
    below: list[str] = strawberry.field(default_factory=list)
    other: str = "x"

    @strawberry.field
    def inner(self) -> "Thing":
        return Thing(wanted=[])


@strawberry.type
class Query:
    """One thing."""

    @strawberry.field
    def thing(self, info: Info) -> Thing:
        return Thing(wanted=sorted(info.wanted), below=sorted(info.below("inner")))


SCHEMA = strawberry.Schema(Query, config=StrawberryConfig(info_class=Info))
CASES: dict[str, tuple[str, list[str]]] = {
    "plain": ("{ thing { wanted other } }", ["other", "wanted"]),
    "aliased": ("{ thing { wanted a: other b: other } }", ["other", "wanted"]),
    "only one level": ("{ thing { wanted inner { other } } }", ["inner", "wanted"]),
    "typename": ("{ thing { wanted __typename } }", ["__typename", "wanted"]),
    "inline fragment": (
        "{ thing { wanted ... on Thing { other ... { inner { other } } } } }",
        ["inner", "other", "wanted"],
    ),
    "named fragment": (
        """{ thing { wanted ...F } }
        fragment F on Thing { other ...G } fragment G on Thing { inner { other } }""",
        ["inner", "other", "wanted"],
    ),
    "merged": ("{ thing { wanted } thing { other } }", ["other", "wanted"]),
    "skipped": ("{ thing { wanted other @skip(if: true) inner @include(if: false) { other } } }", ["wanted"]),
    "kept": ("{ thing { wanted other @skip(if: false) } }", ["other", "wanted"]),
    "by variable": (
        """query ($no: Boolean! = false) { thing { wanted other @include(if: $no) ...F @skip(if: $no) } }
        fragment F on Thing { inner { other } }""",
        ["inner", "wanted"],
    ),
    "both": ("{ thing { wanted other @skip(if: false) @include(if: false) } }", ["wanted"]),
    "skipped fragment": ("{ thing { wanted ... @skip(if: true) { other } } }", ["wanted"]),
}


@pytest.mark.parametrize(("document", "wanted"), CASES.values(), ids=CASES.keys())
def test_the_wanted_fields_are_those_of_the_selection(document: str, wanted: list[str]) -> None:
    result = SCHEMA.execute_sync(document)

    assert result.errors is None
    assert result.data is not None
    assert result.data["thing"]["wanted"] == wanted


def test_the_fields_below_a_field_are_those_of_all_its_selections() -> None:
    document = """query ($no: Boolean! = false) { thing { below inner { other } ...F other: inner { a: wanted } }
      thing { inner @include(if: $no) { below } } } fragment F on Thing { inner { ... { inner { below } } } }"""

    data: Any = SCHEMA.execute_sync(document).data

    assert data["thing"]["below"] == ["inner", "other", "wanted"]


def test_fragments_that_double_are_walked_once() -> None:
    depth = 24
    doubling = " ".join(f"fragment F{n} on Thing {{ ...F{n + 1} ...F{n + 1} }}" for n in range(depth))
    document = f"{{ thing {{ wanted ...F0 }} }} {doubling} fragment F{depth} on Thing {{ other }}"

    data: Any = SCHEMA.execute_sync(document).data

    assert data["thing"]["wanted"] == ["other", "wanted"]
