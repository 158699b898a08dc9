"""GraphQL over HTTP: methods, media types, statuses, bodies."""

import gzip
from urllib.parse import quote

import orjson
import pytest

from plangate.execution.limits import ExecutionLimits
from plangate.execution.profile import PRODUCTION
from plangate.http.pages import Page
from tests.plangate.execution.served import GRAPHQL, Front, answered, said

HELLO = b'{"query": "{ hello }"}'
JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        (GRAPHQL, GRAPHQL),
        ("APPLICATION/GraphQL-Response+JSON", GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"*/*;q=0.1, {GRAPHQL};q=0.2", GRAPHQL),
        (f"{GRAPHQL}, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        (f"text/event-stream, {JSON};q=0.4", JSON),
    ],
)
async def test_the_media_type_is_the_one_the_client_would_rather_have(accept: str | None, media: str) -> None:
    response = await Front().post(HELLO, **({} if accept is None else {"accept": accept}))

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert answered(response) == {"data": {"hello": "Hello, you"}}
    assert response.headers["vary"] == "Accept"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "accept", ["text/plain", "text/event-stream", "image/*", f"{JSON};q=0", "text/html", "nonsense"]
)
async def test_an_accept_that_nobody_can_serve_is_406(accept: str) -> None:
    response = await Front().post(HELLO, accept=accept)

    assert said(response) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    ("document", "variables", "strict"),
    [
        ("{", None, 400),
        ("{ absent }", None, 400),
        ("query ($n: Int!) { double(n: $n) }", {"n": "x"}, 400),
        ("{ a: hello b: hello }", None, 200),
        ("{ broken }", None, 294),
    ],
)
async def test_statuses_follow_the_media_type(document: str, variables: object, strict: int) -> None:
    front = Front()
    body = orjson.dumps({"query": document, "variables": variables})

    assert (await front.post(body, accept=GRAPHQL)).status_code == strict
    assert (await front.post(body, accept=JSON)).status_code == 200


async def test_production_says_422_hides_suggestions_and_its_schema() -> None:
    front = Front(profile=PRODUCTION)

    unknown = await front.post(b'{"query": "{ hell }"}', accept=GRAPHQL)
    curious = await front.post(b'{"query": "{ __schema { queryType { name } } }"}', accept=GRAPHQL)
    broken = await front.post(b'{"query": "{"}', accept=GRAPHQL)

    assert said(unknown) == (422, ["GRAPHQL_VALIDATION_FAILED"])
    assert unknown.json()["errors"][0]["message"] == "Cannot query field 'hell' on type 'Query'."
    assert said(curious) == (422, ["INTROSPECTION_DISABLED"])
    assert said(broken) == (400, ["GRAPHQL_PARSE_FAILED"])
    assert await front.ask("{ __typename }") == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_405_with_allow(method: str) -> None:
    response = await Front().send(method)

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_get_runs_a_query_in_development() -> None:
    query = f"?query={quote('query Q($n: Int!) { double(n: $n) }')}&variables=%7B%22n%22:2%7D&operationName=Q"

    assert answered(await Front().send("GET", query=query)) == {"data": {"double": 4}}


async def test_a_get_in_production_needs_a_header_that_makes_browsers_ask_first() -> None:
    front = Front(profile=PRODUCTION)

    plain = await front.send("GET", query="?query={hello}")
    asked = await front.send("GET", query="?query={hello}", headers={"GraphQL-Require-Preflight": "1"})

    assert (said(plain), plain.headers["allow"]) == ((405, ["METHOD_NOT_ALLOWED"]), "POST")
    assert answered(asked) == {"data": {"hello": "Hello, you"}}


async def test_a_mutation_by_get_is_405_and_not_made() -> None:
    response = await Front().send("GET", query="?query=mutation{bump}")

    assert (said(response), response.headers["allow"]) == ((405, ["METHOD_NOT_ALLOWED"]), "POST")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?query",
        "?quer={hello}",
        "?query={hello}&variables=[",
        "?query={hello}&variables=[]",
        "?query=%ff",
        "?" + "a=1&" * 30,
    ],
)
async def test_a_get_without_valid_parameters_is_400(query: str) -> None:
    response = await Front().send("GET", query=query)

    assert response.status_code in (200, 400)
    assert said(response)[1] in (["BAD_REQUEST"], ["GRAPHQL_PARSE_FAILED"])


async def test_a_browser_gets_the_page_and_a_program_does_not() -> None:
    front = Front(page=Page(b"<!doctype html>", {"Content-Type": "text/html; charset=utf-8"}))

    page = await front.send("GET", headers={"accept": BROWSER})
    program = await front.send("GET", query="?query={hello}", headers={"accept": "*/*"})
    without = await Front().send("GET", headers={"accept": "text/html"})

    assert (page.status_code, page.text, page.headers["content-type"]) == (
        200,
        "<!doctype html>",
        "text/html; charset=utf-8",
    )
    assert answered(program) == {"data": {"hello": "Hello, you"}}
    assert said(without) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/graphql",
    ],
)
async def test_another_media_type_of_the_body_is_415(content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    assert said(await Front().send("POST", content=HELLO, headers=headers)) == (415, ["MEDIA_TYPE_NOT_SUPPORTED"])


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
async def test_json_in_utf8_may_say_so(content_type: str) -> None:
    assert (await Front().post(HELLO, content_type=content_type)).status_code == 200


async def test_a_compressed_body_is_415() -> None:
    response = await Front().post(gzip.compress(HELLO, mtime=0), content_encoding="gzip")

    assert (said(response), response.headers["accept-encoding"]) == ((415, ["ENCODING_NOT_SUPPORTED"]), "identity")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b'"x"',
        b"true",
        b"[]",
        b"[null]",
        b'[{"query": "{ hello }"}]',
        b"{",
        b'{"query": "{ hello }", "variables": {"n": NaN}}',
        b'{"query": "{ hello }", "variables": {"n": Infinity}}',
        b'{"query": "{ hello }", "variables": {"n": ' + b"9" * 5_000 + b"}}",
        b'{"query": "\xff\xfe"}',
        b'{"query": "\\ud800"}',
        gzip.compress(HELLO, mtime=0),
        HELLO.decode().encode("utf-16"),
        b"[" * 50_000,
        b'{"query": "{ hello }", "variables": {"v": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"variables": {}}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ hello }"]}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "extensions": "x"}',
    ],
    ids=lambda body: repr(body[:60]),
)
async def test_a_body_that_is_no_request_is_400(body: bytes) -> None:
    front = Front()

    assert said(await front.post(body)) == (400, ["BAD_REQUEST"])
    assert said(await front.post(body, accept=GRAPHQL)) == (400, ["BAD_REQUEST"])
    assert (front.visits, front.lines) == ([], [])


@pytest.mark.parametrize(
    "nulls", [b'"variables": null', b'"operationName": null', b'"extensions": null', b'"extensions": {}', b'"other": 1']
)
async def test_what_may_be_null_may_be_null(nulls: bytes) -> None:
    response = await Front().post(b'{"query": "{ hello }", ' + nulls + b"}")

    assert answered(response) == {"data": {"hello": "Hello, you"}}


async def test_a_body_above_the_limit_is_413_and_the_limit_itself_is_not() -> None:
    front = Front(limits=ExecutionLimits(body_bytes=100))
    exact = HELLO.ljust(100)

    assert (await front.post(exact)).status_code == 200
    assert said(await front.post(exact + b" ")) == (413, ["BODY_TOO_LARGE"])


@pytest.mark.parametrize("declared", ["999999999", "9" * 5_000])
async def test_a_declared_length_above_the_limit_is_refused_unread(declared: str) -> None:
    assert said(await Front().post(b"{}", content_length=declared)) == (413, ["BODY_TOO_LARGE"])


async def test_a_deadline_is_a_typed_answer_and_cancels_what_ran() -> None:
    front = Front(limits=ExecutionLimits(deadline_seconds=0.05))

    response = await front.post(b'{"query": "{ slow hello }"}')

    assert said(response) == (503, ["DEADLINE"])
    assert (front.visits[0].cancelled, front.visits[0].closed) == (True, True)
    assert [line["event"] for line in front.lines] == ["deadline_passed"]
