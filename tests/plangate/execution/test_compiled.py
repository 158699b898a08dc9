"""Compiled operations answer what graphql-core answers, byte for byte, and leave to it what they do not know."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any, Final

import orjson
import pytest
from graphql import ValueNode, parse_value, print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from plangate.execution.compiled.leaves import text
from plangate.execution.errors import RequestRefused
from plangate.execution.limits import ExecutionLimits
from tests.plangate.execution.zoo import ACTS, CORE, Zoo
from tests.width import WIDE

DEEP: Final = """query Deep($first: Int!, $with: Boolean!, $no: Boolean = false) {
  a: animals(first: $first) { ...of ...of __typename ... on Cat { keeper { ...who animals(first: 2) { ...of } } } }
  animals(first: $first) { ... on Fish { size } }
  keepers { name since }
}
fragment of on Animal {
  ... on Cat { name diet lives strict(at: 0) weight @skip(if: $no) }
  ... on Fish { size scales shoal { size } }
}
fragment who on Named { __typename name ... on Keeper @include(if: $with) { since notes wanted } }"""
DOCUMENTS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("{ hello alive context __typename a: alive }", {}),
    ('{ hello(name: "\\u00e9 \\"quoted\\" \\n", times: 2) }', {}),
    ("query ($n: String, $t: Int) { hello(name: $n, times: $t) }", {}),
    ('query ($n: String = "them", $t: Int) { hello(name: $n, times: $t) }', {"t": 2}),
    ("query ($n: String!) { hello(name: $n) }", {"n": "ü" * 300}),
    ("query ($b: [Box!]!) { boxes(of: $b) }", {"b": [{"width": 1, "label": "x"}, {"width": 2, "inner": []}]}),
    ("query ($w: Int!, $l: String) { boxes(of: [{width: $w, label: $l}]) }", {"w": 1}),
    ("{ boxes(of: {width: 3}) }", {}),
    (
        'query ($l: String = "x", $b: [Box!]!) { boxes(of: [{width: 1, label: $l, inner: [{width: 2, inner: $b}]}]) }',
        {"b": [{"width": 3}]},
    ),
    ("query ($l: String, $b: [Box!]) { boxes(of: [{width: 1, label: $l, inner: $b}]) }", {"l": "x", "b": []}),
    ("query ($l: String) { boxes(of: [{width: 1, label: $l}, {width: 2}]) }", {"l": None}),
    ('query ($c: Int!) { places(of: [{cage: $c}, {pond: "y"}]) }', {"c": 3}),
    ("query ($c: Int!) { echo(value: {a: $c, b: [$c]}) }", {"c": 3}),
    ("query ($p: [Place!]!) { places(of: $p) }", {"p": [{"cage": 1}, {"pond": "x"}]}),
    (
        "query ($d: Diet!, $s: [Size!]) { diet(of: $d, sizes: $s) other: diet(of: GRASS) }",
        {"d": "MEAT", "s": ["LARGE"]},
    ),
    ("query ($v: JSON!) { echo(value: $v) }", {"v": {"a": [1.5, True, None, {"b": "\u2028"}]}}),
    ("query ($at: DateTime) { moment(at: $at) again: moment }", {"at": "2024-05-06T07:08:09.000010+02:00"}),
    ('{ node(id: "1") { name ... on Cat { diet } } other: node(id: "2", kind: "keeper") { __typename name } }', {}),
    ('{ node(id: "1", kind: "nobody") { name } }', {}),
    (DEEP, {"first": 5, "with": True}),
    (DEEP, {"first": 0, "with": False, "no": True}),
    ("{ cats(first: 45) { name keeper { name } } }", {}),
    ("{ sounds(first: 45) { __typename loud a: text text first { written __typename } } }", {}),
    ("{ sounds { last { written } text } other: sounds(first: 0) { text } }", {}),
    (
        """query ($no: Boolean = true) { sounds { ...of twice } more: sounds { ...of } }
        fragment of on Heard { text ... @skip(if: $no) { loud } first { ... { written } } }""",
        {},
    ),
    ("{ cats(first: 45) { name lives } cats(first: 45) { diet } }", {}),
    (
        """query ($n: Int = 4) { ears(first: $n) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { size heard { text last { written } } nearest { loud } wanted { written } } } } }""",
        {},
    ),
    ("{ ears(first: 0) { pageInfo { startCursor } edges { node { nearest { text } heard { loud } } } } }", {}),
    ("{ ears(first: 45) { edges { node { heard { first { written } } } } } }", {}),
    ("{ ears { edges { node { heard { twice } twins { size twins { nearest { text } } } } } } }", {}),
    ("{ ear { size wanted { written } heard { text } } none: ear(hears: -1) { heard { text } } }", {}),
    ("{ ear(hears: 0) { nearest { loud } heard { loud } wanted { __typename } twins { heard { __typename } } } }", {}),
]
ODD: Final[list[tuple[str, dict[str, Any]]]] = [
    ("{ cats { strict(at: 1) } hello }", {}),
    ("{ animals { ... on Fish { maybe } } hello }", {}),
    ("{ sounds(first: 60) { text } hello }", {}),
    ("{ sounds(first: 60) { loud first { written } } hello }", {}),
    ("{ ears(first: 61) { edges { cursor node { size nearest { text } } } } hello }", {}),
    ("query ($n: Int!) { cats(first: $n) { name } }", {"n": "many"}),
    ("query ($p: [Place!]!) { places(of: $p) }", {"p": [{"cage": 1, "pond": "x"}]}),
    ("query ($p: [Place!]!) { places(of: $p) }", {"p": [{}]}),
    ("query ($p: [Place!]!) { places(of: $p) }", {"p": [{"cage": None}]}),
    ("query ($n: Int) { places(of: {cage: $n}) }", {"n": None}),
    ("query ($n: Int!) { cats(first: $n) { name } }", {}),
    ("query ($n: Int) { cats(first: $n) { name } }", {"n": None}),
    ("query ($v: JSON!) { echo(value: $v) }", {"v": None}),
    ("{ hello(times: 99999999999) }", {}),
]


@pytest.mark.parametrize(("document", "variables"), DOCUMENTS)
async def test_a_compiled_operation_answers_the_same_bytes(document: str, variables: dict[str, Any]) -> None:
    zoo = Zoo()

    body = await zoo.ask(document, variables)

    assert b'"data"' in body
    assert (zoo.compiler.tally.compiled, zoo.compiler.tally.answered) == (1, 1)


@pytest.mark.parametrize(("document", "variables"), ODD)
async def test_what_goes_wrong_is_told_by_graphql_core(document: str, variables: dict[str, Any]) -> None:
    zoo = Zoo()
    with suppress(RequestRefused):
        assert orjson.loads(await zoo.ask(document, variables))["errors"]
    assert zoo.compiler.tally.answered == 0


ACTING: Final[list[tuple[str, dict[str, Any], bool, int]]] = [
    ('mutation { feed(name: "a cat") { name since animals(first: 3) { ... on Cat { name } } } }', {}, True, 1),
    ('mutation ($b: [Box!], $t: Int!) { __typename fed: feed(name: "all", boxes: $b, times: $t) { name } }',
     {"b": [{"width": 1, "inner": [{"width": 2}]}], "t": 2}, True, 1),
    ('mutation { feed(name: "nobody", times: 0) { name } }', {}, True, 1),
    ("mutation { catch(first: 1) { ... on Fish { size shoal { size } } } }", {}, True, 1),
    ("mutation { catch(first: 1) { ... on Fish { maybe } } }", {}, False, 1),
    ("mutation { catch(first: 2) { ... on Cat { strict(at: 1) name } } }", {}, False, 1),
    ('mutation { feed(name: "the lion") { name } }', {}, False, 1),
    ('mutation { feed(name: "the wall") { name } }', {}, False, 1),
    ('mutation { one: feed(name: "a") { name } two: feed(name: "b") { name } }', {}, False, 4),
    ("mutation { shout }", {}, False, 2),
    ("mutation ($n: Int!) { catch(first: $n) { __typename } }", {"n": "many"}, False, 0),
]  # fmt: skip


@pytest.mark.parametrize(("document", "variables", "compiled", "acts"), ACTING)
async def test_an_act_is_carried_out_once_however_its_answer_is_written(
    document: str, variables: dict[str, Any], compiled: bool, acts: int
) -> None:
    """What is not compiled is carried out by both ways of answering, each of which the zoo asks."""
    zoo, before = Zoo(), len(ACTS)
    with suppress(RequestRefused):
        await zoo.ask(document, variables)

    assert len(ACTS) - before == acts
    assert zoo.compiler.tally.answered == int(compiled)


async def test_questions_about_the_schema_are_not_compiled() -> None:
    zoo = Zoo()
    await zoo.ask('{ __type(name: "Cat") { name } }')
    assert (zoo.compiler.tally.not_compilable, zoo.compiler.tally.compiled) == (1, 0)


async def test_an_answer_that_is_too_long_or_has_too_many_members_is_refused_alike() -> None:
    short = Zoo(ExecutionLimits(answer_bytes=200))
    few = Zoo(ExecutionLimits(answer_members=30))

    for zoo in (short, few):
        told = orjson.loads(await zoo.ask("{ cats(first: 40) { name } }"))
        assert told["errors"][0]["extensions"]["code"] == "ANSWER_TOO_LARGE"


async def test_no_line_of_a_compiled_operation_is_a_client_s() -> None:
    name = "__import__"
    body = await Zoo().ask(f'query {name} {{ {name}1: hello(name: "\'}}}}; import os #") }}', name=name)
    assert orjson.loads(body)["data"] == {f"{name}1": "Hello, '}}; import os #"}


def test_every_character_is_written_as_orjson_writes_it() -> None:
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000:
            assert text(chr(code)) == orjson.dumps(chr(code)).decode(), hex(code)


def _literal(written: str) -> ValueNode:
    return parse_value(written)


@settings(
    max_examples=100 if WIDE else 10,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(
    queries(
        print_schema(CORE),
        custom_scalars={
            "JSON": st.sampled_from(["1", '"text"', "null", "{a: [1, true]}"]).map(_literal),
            "DateTime": st.sampled_from(['"2024-05-06T07:08:09Z"', '"soon"']).map(_literal),
        },
    )
)
async def test_whatever_is_generated_from_the_schema_is_answered_alike(document: str) -> None:
    zoo = Zoo()
    try:
        await zoo.ask(document)
    except RequestRefused:
        assert not zoo.compiler.tally.answered
