"""The page a browser sees: whole in itself, strict about what runs, and true to its operations."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import orjson
import pytest
from graphql import OperationDefinitionNode, parse

from plangate.execution.plans import core_schema
from plangate.playground.operations import OPERATIONS
from plangate.playground.page import playground
from plangate.playground.saved import SavedOperation
from schema.build import schema
from tests.plangate.execution.served import Front

SCHEMA = core_schema(schema)
HTML = playground(SCHEMA).body.decode()
SCRIPT = HTML[HTML.rindex("<script>") :]


class Seen(HTMLParser):
    """Collects what the page holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.facts = ""
        self.feed(HTML)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.facts = dict(attrs).get("data-facts") or self.facts


def test_nothing_is_asked_of_another_place() -> None:
    wanted = [found[name] for _, found in Seen().tags for name in ("src", "href", "action") if name in found]

    assert wanted == ["data:,", "#query"]
    assert not re.search(r"@import|url\(|import\(|WebSocket|EventSource|sendBeacon", HTML)


def test_only_the_pages_own_style_and_script_may_run() -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in playground(SCHEMA).headers["Content-Security-Policy"].split(";")
    )
    script = re.findall(r"<script>(.*?)</script>", HTML, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", HTML, re.DOTALL)

    def allowed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy == {
        "default-src": "'none'",
        "script-src": allowed(script[0]),
        "style-src": allowed(style[0]),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert (len(script), len(style)) == (1, 1)
    assert not any(name == "style" or name.startswith("on") for _, found in Seen().tags for name in found)


def test_the_key_is_never_kept_or_put_into_an_address() -> None:
    for forbidden in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "location", "history"):
        assert forbidden not in SCRIPT


def test_every_field_has_its_label() -> None:
    tags = Seen().tags
    labelled = {found["for"] for tag, found in tags if tag == "label" and "for" in found}

    assert {found["id"] for tag, found in tags if tag in ("input", "textarea", "select") and "id" in found} == labelled
    assert ("html", {"lang": "en"}) in tags


@pytest.mark.parametrize("saved", OPERATIONS, ids=lambda saved: saved.title)
def test_a_saved_operation_is_one_named_operation_with_the_variables_it_declares(saved: SavedOperation) -> None:
    (operation,) = parse(saved.document).definitions

    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert {each.variable.name.value for each in operation.variable_definitions or ()} == set(saved.variables)


def test_operations_are_carried_whole_and_the_demo_fills_in_what_it_knows() -> None:
    tricky = SavedOperation("A <task>", '"Quoted" & <b>', "It's & more.", "{ a }", {"id": "{{plan}}", "x": "{{other}}"})
    page = playground(SCHEMA, [tricky], fill={"plan": 'a "b"'}, path="/elsewhere").body.decode()
    seen = Seen()
    seen.feed(page)

    facts = orjson.loads(seen.facts)
    assert facts["path"] == "/elsewhere"
    assert orjson.loads(facts["operations"][0]["variables"]) == {"id": "{{plan}}", "x": "{{other}}"}
    assert facts["fill"] == {"plan": 'a "b"'}
    assert "&quot;Quoted&quot; &amp; &lt;b&gt;" in page
    assert "<b>" not in page


async def test_a_browser_is_given_the_page_with_its_headers() -> None:
    page = playground(SCHEMA)

    response = await Front(page=page).send("GET", headers={"accept": "text/html,*/*;q=0.8"})

    assert (response.status_code, response.content) == (200, page.body)
    assert {name: response.headers[name] for name in page.headers} == dict(page.headers)
