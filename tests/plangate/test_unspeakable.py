"""Text that no database takes (NUL, halves of surrogate pairs), wherever a client can say it, on both databases."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from starlette.routing import Route

from tests.plangate.portal.visiting import FORM, Portal
from tests.resolvers.nasty import placed
from tests.resolvers.root_fields import ROOT_FIELDS
from tests.resolvers.scene import holder
from tests.resolvers.test_bad_input import NESTED, cursor, full, text_places
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from models.session import Database

NUL = "a\x00b"
HALF = "\ud800"
KIDS: tuple[object, ...] = (
    "\x00",
    HALF,
    "a" * 42 + "\x00",
    "a" * 42 + HALF,
    "",
    "' OR 1=1 --",
    "a" * 2_500,
    1,
    None,
    [],
    {},
)
ESCAPED = ("%00", "a%00b", "%ED%A0%80", "%FF", "%0D%0A", "sub_" + "0" * 25 + "%00")
OURS = {"request_failed", "resolver_failed"}


def said_everywhere(document: str, variables: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The variables with text that cannot be kept at each place that takes text."""
    for number, (path, whole) in enumerate(text_places(document)):
        for bad in (NUL, HALF)[: 1 if number else 2]:  # no JSON with a half gets further than the body
            said = placed(variables, path, {"k": bad, f"k{bad}": "v"} if whole else bad)
            if isinstance(said.get("input"), dict) and "idempotencyKey" not in path:
                said["input"] = {**said["input"], "idempotencyKey": f"key {number} {bad!r}"}
            yield said


async def sent(client: httpx2.AsyncClient, body: bytes, credential: str) -> Any:
    """An answer that is none of our mistakes."""
    headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
    answer = await client.post("/graphql", content=body, headers=headers)
    assert answer.status_code < 500, (body, answer.text)
    assert '"INTERNAL"' not in answer.text, (body, answer.text)
    return answer


async def test_no_root_field_fails_on_text_that_cannot_be_kept(database: Database) -> None:
    world = await World.begin(database)
    held = await holder(world, "main", "acme")
    asked = [(full(of), of.variables(held)) for of in ROOT_FIELDS.values()]
    asked += [(each, {"id": held.plain} if "$id" in each else {"ref": held.ref}) for each in NESTED.values()]
    lists = "query($after: String) { customers(after: $after) { edges { cursor } } }"
    asked += [(lists, {"after": cursor(1, NUL)})]
    count = 0
    with structlog.testing.capture_logs() as logged:
        async with world.client() as client:
            for document, variables in asked:
                for said in [variables, *said_everywhere(document, variables)]:
                    body = json.dumps({"query": document, "variables": said}).encode()
                    await sent(client, body, world.places["main"].secret)
                    count += 1

    assert count > 300
    assert not OURS & {line["event"] for line in logged}


async def test_no_token_fails_on_the_key_that_it_names(database: Database) -> None:
    world = await World.begin(database)
    answers: set[tuple[int, str]] = set()
    with structlog.testing.capture_logs() as logged:
        async with world.client() as client:
            for kid in KIDS:
                header = json.dumps({"alg": "Ed25519", "kid": kid, "typ": "plangate-customer+jwt"}).encode()
                token = base64.urlsafe_b64encode(header).decode().rstrip("=") + ".e30.AAAA"
                answer = await sent(client, b'{"query":"{ viewer { kind } }"}', token)
                answers.add((answer.status_code, answer.json()["errors"][0]["extensions"]["code"]))

    assert answers == {(401, "CREDENTIAL_INVALID")}
    assert logged == []


async def test_no_page_of_the_portal_fails_on_text_that_cannot_be_kept(database: Database) -> None:
    portal = await Portal.begin(database)
    held = await portal.world.subscribed("acme", "team", currency="USD", interval={"unit": "MONTH"}, quantity=1)
    browser, home = await portal.visit()
    _, hidden = (await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])).form("/cancel")
    csrf = "&".join(f"{name}={quote(value)}" for name, value in hidden.items())
    answers: list[int] = []
    for bad in ESCAPED:
        paths = [route.path.replace("{rest:path}", bad) for route in portal.app.routes if isinstance(route, Route)]
        paths = [path.replace("{secret}", bad).replace("{id}", each) for path in paths for each in (bad, held)]
        for path in dict.fromkeys(paths):
            for fields in (f"{csrf}&reason={bad}&comment={bad}&{bad}=1", f"{csrf}&reason=OTHER&comment={bad}", bad):
                headers = browser.headers | FORM
                answer = await browser.client.post(path, content=fields.encode(), headers=headers)
                answers.append(answer.status_code)
            said = {b"Accept-Language": b"\xff", b"Referer": b"\xed\xa0\x80"}
            answers.append((await browser.client.get(f"{path}?locale={bad}&id={bad}", headers=said)).status_code)

    assert len(answers) > 200
    assert {status for status in answers if status >= 500} == set()
