"""What is answered to requests that are right, and to resolvers that fail."""

from typing import Any

import orjson
import pytest

from tests.plangate.execution.served import GRAPHQL, Front, answered, said


async def test_a_query_is_answered_with_its_values() -> None:
    front = Front()

    answer = await front.ask("query Q($n: Int!) { double(n: $n) hello leaf { name } }", {"n": 21})

    assert answer == {"data": {"double": 42, "hello": "Hello, you", "leaf": {"name": "name"}}}
    assert [visit.closed for visit in front.visits] == [True]


async def test_a_mutation_is_made_by_post() -> None:
    assert await Front().ask("mutation { bump a: bump(by: 2) }") == {"data": {"bump": 1, "a": 2}}


async def test_resolvers_see_the_context_of_their_request() -> None:
    assert await Front().ask("{ key }", authorization="Bearer sk_1") == {"data": {"key": "Bearer sk_1"}}


async def test_the_schema_can_be_asked_about_itself() -> None:
    answer = await Front().ask("{ __schema { queryType { name } } __typename }")

    assert answer == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}}


async def test_one_of_several_operations_is_picked_by_name() -> None:
    front = Front()
    document = "query A { a: double } query B { b: double }"

    assert await front.ask(document, name="B") == {"data": {"b": 2}}
    assert await front.ask(document, name="A") == {"data": {"a": 2}}


@pytest.mark.parametrize(
    ("document", "name", "code"),
    [
        ("query A { double }", "B", "OPERATION_NOT_FOUND"),
        ("query A { double }", "", "OPERATION_NOT_FOUND"),
        ("query A { double } query B { double }", None, "OPERATION_NAME_NEEDED"),
        ("fragment F on Query { double }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ double }", "A", "OPERATION_NOT_FOUND"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{ leaf { } }", None, "GRAPHQL_PARSE_FAILED"),
        ("{ }", None, "GRAPHQL_PARSE_FAILED"),
        ("{ absent }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { double }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("type A { a: Int }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ named(ref: {}) }", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ hello(name: "\\ud800") }', None, "GRAPHQL_PARSE_FAILED"),
        ("{ double(n: 99999999999999999999) }", None, "BAD_USER_INPUT"),
        ("query ($n: Int = 99999999999999999999) { double(n: $n) }", None, "BAD_USER_INPUT"),
        ("{ echo(value: {a: [99999999999999999999]}) }", None, "BAD_USER_INPUT"),
    ],
)
async def test_a_document_that_cannot_run_is_refused_by_code(document: str, name: str | None, code: str) -> None:
    front = Front()
    body = orjson.dumps({"query": document, "operationName": name})

    first = await front.post(body, accept=GRAPHQL)
    again = await front.post(body, accept=GRAPHQL)

    assert said(first) == (400, [code])
    assert "data" not in first.json()
    assert again.content == first.content
    assert front.lines == []
    assert all(visit.closed for visit in front.visits)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($n: Int!) { double(n: $n) }", {}),
        ("query ($n: Int!) { double(n: $n) }", {"n": None}),
        ("query ($n: Int!) { double(n: $n) }", {"n": "1"}),
        ("query ($n: Int!) { double(n: $n) }", {"n": 2**31}),
        ("query ($n: Int!) { double(n: $n) }", {"n": 2**63}),
        ("query ($n: Int!) { double(n: $n) }", {"n": 1e300}),
        ("query ($of: [Int!]!) { total(of: $of) }", {"of": [1, None]}),
        ("query ($size: Size!) { area(size: $size) }", {"size": {"width": 1, "depth": 2}}),
        ("query ($size: Size!) { area(size: $size) }", {"size": []}),
        ("query ($ref: Name!) { named(ref: $ref) }", {"ref": {"id": "a", "externalId": "b"}}),
        ("query ($at: DateTime!) { moment(at: $at) }", {"at": "yesterday"}),
        ("query ($at: DateTime!) { moment(at: $at) }", {"at": ""}),
    ],
)
async def test_variables_that_do_not_fit_are_refused(document: str, variables: dict[str, object]) -> None:
    front = Front()

    response = await front.post(orjson.dumps({"query": document, "variables": variables}), accept=GRAPHQL)

    assert said(response) == (400, ["BAD_USER_INPUT"])
    assert front.lines == []


@pytest.mark.parametrize(
    "document",
    [
        "query ($n: Int = 1) { double(n: $n) }",
        "query ($on: Boolean = true) { hello @include(if: $on) }",
    ],
)
async def test_an_explicit_null_for_a_default_is_the_callers_mistake(document: str) -> None:
    front = Front()

    answer = await front.ask(document, {"n": None, "on": None})

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_USER_INPUT"}]
    assert front.lines == []


async def test_a_refusal_from_a_query_is_shown_with_its_facts() -> None:
    front = Front()

    response = await front.post(orjson.dumps({"query": "{ double refused coded }"}), accept=GRAPHQL)

    assert response.status_code == 294
    assert answered(response) == {
        "data": {"double": 2, "refused": None, "coded": None},
        "errors": [
            {
                "message": "History starts later.",
                "locations": [{"line": 1, "column": 10}],
                "path": ["refused"],
                "extensions": {"code": "HISTORY_NOT_KEPT", "field": "at", "keptSince": "2024-01-31T00:00:00Z"},
            },
            {
                "message": "Come back later.",
                "locations": [{"line": 1, "column": 18}],
                "path": ["coded"],
                "extensions": {"code": "TOO_EARLY", "retryAfter": 5},
            },
        ],
    }
    assert front.lines == []


async def test_a_failing_resolver_is_masked_and_logged_once() -> None:
    front = Front()

    answer = await front.ask("{ double a: broken b: broken tooBig }")

    incident = answer["errors"][0]["extensions"]["id"]
    assert answer["data"] == {"double": 2, "a": None, "b": None, "tooBig": None}
    assert [error["path"] for error in answer["errors"]] == [["a"], ["b"], ["tooBig"]]
    assert all(
        (error["message"], error["extensions"]) == ("Internal error", {"code": "INTERNAL", "id": incident})
        for error in answer["errors"]
    )
    assert len(front.lines) == 1
    assert "double" not in str({**front.lines[0], "exc_info": None})
    assert (front.lines[0]["error_id"], front.lines[0]["failures"]) == (incident, 3)


async def test_a_failing_required_field_leaves_no_values() -> None:
    front = Front()

    response = await front.post(orjson.dumps({"query": "{ needed }"}))

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert said(response)[1] == ["INTERNAL"]


async def test_an_answer_that_no_json_can_say_is_masked() -> None:
    front = Front()

    response = await front.post(b'{"query": "{ unspeakable }"}')

    assert said(response) == (500, ["INTERNAL"])
    assert "errors" in response.json()
    assert "2**70" not in response.text
    assert [line["event"] for line in front.lines] == ["request_failed"]
    assert front.visits[0].closed


@pytest.mark.parametrize(("key", "status", "code"), [("wrong", 401, "CREDENTIAL_INVALID"), ("down", 500, "INTERNAL")])
async def test_who_cannot_be_identified_is_told_so_without_driver_text(key: str, status: int, code: str) -> None:
    response = await Front().post(b'{"query": "{ hello }"}', authorization=f"Bearer {key}")

    assert said(response) == (status, [code])
    assert "postgres" not in response.text
    assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


async def test_a_busy_store_is_a_typed_and_retryable_answer() -> None:
    response = await Front().post(b'{"query": "{ hello }"}', authorization="Bearer busy")

    assert said(response) == (503, ["TEMPORARILY_UNAVAILABLE"])


ODD: list[object] = [
    "\x00",
    "é\U0001f600",
    2**63,
    2**64 - 1,
    -(2**63),
    18446744073709551616.0,
    orjson.loads("[" * 50 + "]" * 50),
    {"": None},
    True,
    1e308,
]


@pytest.mark.parametrize("value", ODD)
async def test_odd_values_come_back_as_they_went(value: object) -> None:
    answer = await Front().ask("query ($v: JSON!) { echo(value: $v) }", {"v": value})

    assert answer == {"data": {"echo": value}}


async def test_the_same_document_is_prepared_once() -> None:
    front = Front()

    await front.ask("{ hello }")
    await front.ask("{ hello }")
    await front.ask("{  hello }")

    documents: Any = front.app._documents  # pyright: ignore[reportPrivateUsage]  (that it is remembered cannot be seen from outside)
    assert len(documents._valid) == 2
