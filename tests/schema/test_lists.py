"""Lists that grow: how much is answered, and where the next page begins."""

# graphql-core leaves the types inside lists open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.refusals import InvalidInput, Refusal
from schema.relay import page_of

if TYPE_CHECKING:
    from tests.schema.asking import World

LISTS = {
    "customers": "",
    "subscriptions": "",
    "events": "",
    "usageRecords": 'filter: {customer: {externalId: "c0"}}',
}
MAKE = "mutation ($id: String!) { customerUpsert(input: {externalId: $id}) { __typename } }"
PAGE = """query ($after: String) { customers(first: 2, after: $after) {
  edges { cursor node { externalId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }"""


@pytest.mark.parametrize("first", [1, 20, 100])
def test_a_page_has_one_to_a_hundred(first: int) -> None:
    assert page_of(first, None).first == first


@pytest.mark.parametrize("first", [-(2**31), -1, 0, 101, 2**31 - 1])
def test_other_numbers_are_refused_by_name(first: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        page_of(first, None)

    assert refused.value.field == "first"


@pytest.mark.parametrize("after", ["", "x", "\x00", "\ud800", "W10", "x" * 10_000, "bnVsbA"])
async def test_a_cursor_of_somebody_else_is_a_coded_error_everywhere(asked: World, after: str) -> None:
    await asked.ask(MAKE, id="c0")
    for name, more in LISTS.items():
        document = f"query ($after: String) {{ {name}({more} after: $after) {{ pageInfo {{ endCursor }} }} }}"
        result = await asked.result(document, after=after)
        causes = [error.original_error for error in result.errors or []]
        assert [isinstance(cause, Refusal) and cause.code for cause in causes] == ["INVALID_INPUT"], (name, after)


async def test_pages_follow_each_other_without_gap_or_overlap(asked: World) -> None:
    for number in range(5):
        await asked.ask(MAKE, id=f"c{number}")
    pages: list[dict[str, Any]] = []
    after = None
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append((await asked.ask(PAGE, after=after))["customers"])
        after = pages[-1]["pageInfo"]["endCursor"]

    found = [[edge["node"]["externalId"] for edge in page["edges"]] for page in pages]
    assert sorted(name for page in found for name in page) == ["c0", "c1", "c2", "c3", "c4"]
    assert [len(page) for page in found] == [2, 2, 1]
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]
    assert [page["pageInfo"]["startCursor"] for page in pages] == [page["edges"][0]["cursor"] for page in pages]


async def test_an_empty_page_has_no_cursors(asked: World) -> None:
    assert await asked.ask(PAGE) == {
        "customers": {
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }
    }
