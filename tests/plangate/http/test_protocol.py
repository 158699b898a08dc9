"""What is said over the wire is answered as `docs/http.md` says, in both profiles, and leaves one short line each."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
import pytest

from plangate.logs import configure
from plangate.settings import LogFormat, LogLevel
from tests.plangate.opening import quiet_again
from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Mapping

quiet = pytest.fixture(autouse=True)(quiet_again)
JSON = "application/json"
GQL = "application/graphql-response+json"
HTML = "text/html"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
ASKED = b'{"query": "{ __typename }"}'
LONG = 1_000_001
SECRET = "hunter2"
TYPENAME = "Query"
QUERY = "/graphql?query=%7B__typename%7D"
MAKING = "/graphql?query=mutation%7B__typename%7D"


@dataclass(frozen=True, slots=True)
class Said:
    """One request; `headers` are written as they stand, more than once if need be."""

    method: str = "POST"
    target: str = "/graphql"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)
    body: bytes = ASKED

    def wire(self) -> bytes:
        """The bytes, with a marker that no log may show."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: t", "Connection: close", f"X-Marker: {SECRET}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if not any(name.lower() == "content-length" for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join((*lines, "", "")).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: `body` is the data's typename, the first error's code, or what no JSON begins with."""

    status: int
    media: str
    body: str
    allow: str | None = field(default=None)


def post(*more: tuple[str, str], kind: str = JSON, body: bytes = ASKED) -> Said:
    """A POST with a content type and more."""
    return Said(headers=(("Content-Type", kind), *more), body=body)


def get(target: str, accept: str = "*/*", *more: tuple[str, str]) -> Said:
    """A GET."""
    return Said("GET", target, (("Accept", accept), *more), b"")


def refused(status: int, code: str, media: str = JSON, allow: str | None = None) -> Heard:
    """An answer with one error."""
    return Heard(status, media, code, allow)


FINE, FINE_GQL = Heard(200, JSON, TYPENAME), Heard(200, GQL, TYPENAME)
UNTRUSTED = refused(401, "CREDENTIAL_INVALID")
UNKNOWN = b'{"query": "{ nope }", "variables": {"a": "hunter2"}}'
TORN = b'{"query": "{ nope hunter2"}'
ODD = b'{"query": "query($n: Int!) { __typename }", "variables": {"n": "hunter2"}}'

BOTH: dict[str, tuple[Said, Heard]] = {
    "a post": (post(), FINE),
    "no accept": (post(), FINE),
    "the newer type": (post(("Accept", GQL)), FINE_GQL),
    "by weight": (post(("Accept", f"{JSON};q=0.4, {GQL};q=0.5")), FINE_GQL),
    "by order": (post(("Accept", f"{JSON}, {GQL}")), FINE),
    "two accepts are one": (post(("Accept", "text/plain"), ("Accept", GQL)), FINE_GQL),
    "a weight of nought": (post(("Accept", f"{JSON};q=0")), refused(406, "NOT_ACCEPTABLE")),
    "another type": (post(("Accept", "image/png")), refused(406, "NOT_ACCEPTABLE")),
    "streams are not served": (post(("Accept", "text/event-stream")), refused(406, "NOT_ACCEPTABLE")),
    "a very long accept": (post(("Accept", "a/b," * 5_000 + JSON)), refused(406, "NOT_ACCEPTABLE")),
    "utf-8 said": (post(kind=f"{JSON}; charset=UTF-8"), FINE),
    "another charset": (post(kind=f"{JSON}; charset=utf-16"), refused(415, "MEDIA_TYPE_NOT_SUPPORTED")),
    "a form": (post(kind="application/x-www-form-urlencoded"), refused(415, "MEDIA_TYPE_NOT_SUPPORTED")),
    "an upload": (post(kind="multipart/form-data; boundary=x"), refused(415, "MEDIA_TYPE_NOT_SUPPORTED")),
    "no type": (Said(headers=()), refused(415, "MEDIA_TYPE_NOT_SUPPORTED")),
    "two types": (post(("Content-Type", "text/plain")), refused(415, "MEDIA_TYPE_NOT_SUPPORTED")),
    "a packed body": (
        post(("Content-Encoding", "gzip"), body=gzip.compress(ASKED)),
        refused(415, "ENCODING_NOT_SUPPORTED"),
    ),
    "two codings": (
        post(("Content-Encoding", "identity"), ("Content-Encoding", "br")),
        refused(415, "ENCODING_NOT_SUPPORTED"),
    ),
    "too long": (post(body=b" " * LONG), refused(413, "BODY_TOO_LARGE")),
    "too long a promise": (post(("Content-Length", "9" * 12), body=b""), refused(413, "BODY_TOO_LARGE")),
    "no json": (post(body=b"hunter2"), refused(400, "BAD_REQUEST")),
    "no utf-8": (post(body=b'{"query": "\xff"}'), refused(400, "BAD_REQUEST")),
    "a batch": (post(body=b"[%s]" % ASKED), refused(400, "BAD_REQUEST")),
    "nothing": (post(body=b""), refused(400, "BAD_REQUEST")),
    "torn": (post(body=TORN), refused(200, "GRAPHQL_PARSE_FAILED")),
    "torn, newer": (post(("Accept", GQL), body=TORN), refused(400, "GRAPHQL_PARSE_FAILED", GQL)),
    "unknown field": (post(body=UNKNOWN), refused(200, "GRAPHQL_VALIDATION_FAILED")),
    "a wrong key": (post(("Authorization", f"Bearer sk_test_{SECRET}")), UNTRUSTED),
    "two keys": (
        post(("Authorization", "Bearer a"), ("Authorization", "Bearer b")),
        UNTRUSTED,
    ),
    "an odd key": (post(("Authorization", "Bearer \xff\xfe")), UNTRUSTED),
    "an odd id": (post(("X-Request-Id", 'x"} {"event": "forged')), FINE),
    "colours": (post(("X-Request-Id", "\x9b31mred\x85forged")), FINE),
    "elsewhere": (get("/nowhere/hunter2?hunter2"), Heard(404, JSON, "NOT_FOUND")),
    "up and out": (get("/../../etc/hunter2"), Heard(404, JSON, "NOT_FOUND")),
    "odd letters": (get("/%00%0a%1b%ff/hunter2"), Heard(404, JSON, "NOT_FOUND")),
    "a portal link": (get(f"/portal/open/plk_{SECRET * 6}A"), Heard(404, HTML, "<!doctype html>")),
    "alive": (get("/livez"), Heard(200, JSON, "ok")),
    "alive, otherwise": (Said("DELETE", "/livez", (), b""), Heard(405, "", "", "GET, HEAD")),
    "ready": (get("/readyz"), Heard(200, JSON, "ok")),
}
ODD_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
PREFLIGHT = ("GraphQL-Require-Preflight", "1")

DEVELOPMENT: dict[str, tuple[Said, Heard]] = {
    **BOTH,
    **{f"by {method}": (Said(method), refused(405, "METHOD_NOT_ALLOWED", allow="GET, POST")) for method in ODD_METHODS},
    "by HEAD": (Said("HEAD", QUERY, (), b""), Heard(405, JSON, "", "GET, POST")),
    "a query by get": (get(QUERY), FINE),
    "a query by get, newer": (get(QUERY, GQL), FINE_GQL),
    "a mutation by get": (get(MAKING), refused(405, "METHOD_NOT_ALLOWED", allow="POST")),
    "a page": (get("/graphql", BROWSER), Heard(200, HTML, "<!doctype html>")),
    "a bad query string": (get("/graphql?query=%ff&hunter2"), refused(400, "BAD_REQUEST")),
    "unknown field, newer": (
        post(("Accept", GQL), body=UNKNOWN),
        refused(400, "GRAPHQL_VALIDATION_FAILED", GQL),
    ),
    "a variable, newer": (post(("Accept", GQL), body=ODD), refused(400, "GRAPHQL_VALIDATION_FAILED", GQL)),
}
PRODUCTION: dict[str, tuple[Said, Heard]] = {
    **BOTH,
    **{f"by {method}": (Said(method), refused(405, "METHOD_NOT_ALLOWED", allow="POST")) for method in ODD_METHODS},
    "by HEAD": (Said("HEAD", QUERY, (), b""), Heard(405, JSON, "", "POST")),
    "a query by get": (get(QUERY), refused(405, "METHOD_NOT_ALLOWED", allow="POST")),
    "a query by get that asked first": (get(QUERY, "*/*", PREFLIGHT), FINE),
    "a mutation by get that asked first": (
        get(MAKING, "*/*", PREFLIGHT),
        refused(405, "METHOD_NOT_ALLOWED", allow="POST"),
    ),
    "a page": (get("/graphql", BROWSER), refused(405, "METHOD_NOT_ALLOWED", allow="POST")),
    "a page alone": (get("/graphql", HTML), refused(406, "NOT_ACCEPTABLE")),
    "introspection": (
        post(body=b'{"query": "{ __schema { queryType { name } } }"}'),
        refused(200, "INTROSPECTION_DISABLED"),
    ),
    "unknown field, newer": (
        post(("Accept", GQL), body=UNKNOWN),
        refused(422, "GRAPHQL_VALIDATION_FAILED", GQL),
    ),
    "the root": (get("/", HTML), Heard(404, JSON, "NOT_FOUND")),
}


async def hear(port: int, said: Said) -> Heard:
    """Say it on a connection of its own and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said.wire())
    answer = b""
    async with asyncio.timeout(10):
        try:
            while piece := await reader.read(65_536):
                answer += piece
        except ConnectionResetError:
            pass  # what was not read any more came back after the answer
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert said.method == "HEAD" or int(headers["content-length"]) == len(body)
    media = headers.get("content-type", "")
    assert media in {"", f"{JSON}; charset=utf-8", f"{GQL}; charset=utf-8", "text/html; charset=utf-8", JSON}
    return Heard(int(status.split()[1]), media.partition(";")[0], _gist(body), headers.get("allow"))


def _gist(body: bytes) -> str:
    if not body.startswith(b"{"):
        return body[:15].decode()
    answer = orjson.loads(body)
    if "errors" in answer:
        code: str = answer["errors"][0]["extensions"]["code"]
        return code
    found: str = answer["data"]["__typename"] if "data" in answer else answer.get("code") or answer["status"]
    return found


async def compared(port: int, table: Mapping[str, tuple[Said, Heard]]) -> None:
    """Say everything in the table, one after another, and compare every answer."""
    heard = {name: await hear(port, said) for name, (said, _) in table.items()}

    assert heard == {name: wanted for name, (_, wanted) in table.items()}


@pytest.mark.parametrize(("profile", "table"), [("development", DEVELOPMENT), ("production", PRODUCTION)])
async def test_every_way_to_ask_is_answered_as_written_and_logged_in_one_line(
    sqlite_url: str, profile: str, table: Mapping[str, tuple[Said, Heard]], capfd: pytest.CaptureFixture[str]
) -> None:
    configure(LogLevel.DEBUG, LogFormat.JSON)
    async with served(sqlite_url, profile=profile) as url:
        capfd.readouterr()
        await compared(int(url.rsplit(":", 1)[1]), table)
    written = capfd.readouterr().err

    assert SECRET not in written
    assert "forged" not in written
    assert "\x1b" not in written
    lines = [line for line in written.split("\n") if (line and '"level":"debug"' not in line) or '"request"' in line]
    read = [orjson.loads(line) for line in lines]
    assert [(line["event"], line["status"]) for line in read] == [
        ("request", wanted.status) for _, wanted in table.values()
    ]
    assert max(len(line.encode()) for line in lines) <= 2_048
    assert {line["route"] for line in read} <= {"/graphql", "/portal", "/livez", "/readyz", "/", "other"}
