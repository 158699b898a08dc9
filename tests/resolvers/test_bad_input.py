"""Whatever is sent is answered, done or refused by name: never an error of ours, never a row where it was refused."""

from __future__ import annotations

import base64
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest
import pytest_asyncio
from graphql import OperationDefinitionNode, is_required_argument, parse, utilities

from plangate.execution.plans import core_schema
from schema.build import schema
from tests.resolvers.nasty import JSONS, METADATA, TEXTS, WRONG, Path, placed, places
from tests.resolvers.root_fields import ACTS, MANY, QUESTIONS, ROOT_FIELDS, RootField
from tests.width import some

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx2
    from graphql import TypeNode

    from tests.resolvers.copies import FileScene

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCHEMA = core_schema(schema)
DRIVERS = ("sqlite", "asyncpg", "sqlalchemy", "traceback", "overflow", "python", "constraint", "select ", "codec can")
MISTAKES = {"BAD_USER_INPUT", "BAD_REQUEST", "PAYLOAD_TOO_LARGE", "LIMIT_EXCEEDED"}


@dataclass
class Bombarded:
    """A scene, how to ask it, and an eye on whether anything is written."""

    scene: FileScene
    client: httpx2.AsyncClient
    eye: sqlite3.Connection

    def written(self) -> int:
        """A number that changes with every commit of others."""
        found: tuple[int] = self.eye.execute("PRAGMA data_version").fetchone()
        return found[0]

    async def send(self, document: str, variables: object) -> Any:
        """Send variables as they are; the answer, after looking at what it must never be."""
        return await self.send_body(orjson.dumps({"query": document, "variables": plain(variables)}))

    async def send_body(self, body: bytes) -> Any:
        """Send a body as it is."""
        before = self.written()
        headers = {
            "Authorization": f"Bearer {self.scene.world.places['main'].secret}",
            "Content-Type": "application/json",
        }
        response = await self.client.post("/graphql", content=body, headers=headers)
        answer = response.json()
        said = response.text.lower()
        assert response.status_code < 500, (body[:300], said)
        assert '"internal"' not in said, (body[:300], said)
        for error in answer.get("errors", ()):
            assert error["extensions"]["code"], error
            assert not any(word in error["message"].lower() for word in DRIVERS), error
        if not done(answer):
            assert self.written() == before, (body[:300], said)
        return answer


def plain(variables: object) -> object:
    """Numbers beyond 64 bits, which orjson does not write, as JSON says them."""
    if isinstance(variables, dict):
        return {key: plain(value) for key, value in cast("dict[str, object]", variables).items()}
    if isinstance(variables, list):
        return [plain(value) for value in cast("list[object]", variables)]
    if isinstance(variables, int) and not -(2**63) <= variables < 2**64:
        return orjson.Fragment(str(variables))
    return variables


def done(answer: Any) -> bool:
    """Whether an act was done; one of many rows, whether any of them was."""
    if "errors" in answer:
        return False
    answered: list[Any] = list(answer["data"].values())
    found = [cast("dict[str, Any]", each) for each in answered if isinstance(each, dict)]
    if found and "results" in found[0]:
        return any("code" not in each for each in found[0]["results"])
    return all("code" not in each and each.get("reason") is None for each in found)


def declared_type(argument: Any) -> str:
    """The type of a variable for an argument: one that may be left out may be left out there too."""
    type_ = str(argument.type)
    return type_ if is_required_argument(argument) else type_.rstrip("!")


def full(of: RootField) -> str:
    """A document for a root field with every argument that it has."""
    root = SCHEMA.mutation_type if of.mutates else SCHEMA.query_type
    assert root
    arguments = root.fields[of.name].args
    if not arguments:
        return of.document
    declared = [f"${name}: {declared_type(each)}" for name, each in arguments.items()]
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    kind = "mutation" if of.mutates else "query"
    return f"{kind}({', '.join(declared)}) {{ {of.name}({passed}) {of.selection} }}"


def typed(node: TypeNode) -> Any:
    """The type that a document writes down."""
    found: Any = cast("Any", utilities).type_from_ast(SCHEMA, node)
    return found


def bombs(document: str, variables: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """The variables with nasty values at each of their places: each value comes at every sixth place of its type."""
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    found: list[tuple[Path, dict[str, Any]]] = []
    for declared in operation.variable_definitions or ():
        name = declared.variable.name.value
        for number, (path, values) in enumerate(places(typed(declared.type))):
            where = (name, *path)
            wrong = (WRONG[number % len(WRONG)], WRONG[(number + 5) % len(WRONG)])
            chosen = (*some(values, each=6, first=number), *some(wrong, each=2, first=number // len(WRONG)))
            found += [(where, placed(variables, where, nasty)) for nasty in chosen]
    return found


def text_places(document: str) -> list[tuple[Path, bool]]:
    """Every place of an operation's variables that takes text, and whether it takes text by text keys."""
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    found = {
        (declared.variable.name.value, *path): values is not TEXTS
        for declared in operation.variable_definitions or ()
        for path, values in places(typed(declared.type))
        if values is TEXTS or values is METADATA or values is JSONS
    }
    return list(found.items())


@pytest_asyncio.fixture(loop_scope="module")
async def bombarded(scene: FileScene) -> AsyncIterator[Bombarded]:
    """A scene that can take it."""
    eye = sqlite3.connect(scene.file)
    async with scene.world.client() as client:
        yield Bombarded(scene, client, eye)
    eye.close()


@pytest.mark.parametrize("of", QUESTIONS, ids=[each.name for each in QUESTIONS])
async def test_a_question_takes_anything(of: RootField, bombarded: Bombarded) -> None:
    document, variables = full(of), of.variables(bombarded.scene.own)
    assert "errors" not in await bombarded.send(document, variables)
    before = bombarded.written()

    for _, nasty in bombs(document, variables):
        await bombarded.send(document, nasty)

    assert bombarded.written() == before


@pytest.mark.parametrize("of", [*ACTS, *MANY], ids=[each.name for each in (*ACTS, *MANY)])
async def test_an_act_takes_anything(of: RootField, scene: FileScene) -> None:
    document, variables = full(of), of.variables(scene.own)
    waiting = bombs(document, variables)
    for number, (path, nasty) in enumerate(waiting):
        if of not in MANY and isinstance(nasty["input"], dict) and "idempotencyKey" not in path:
            nasty["input"] = {**nasty["input"], "idempotencyKey": f"key {number}"}
    eye = sqlite3.connect(scene.file)
    async with scene.world.client() as client:
        bombarded = Bombarded(scene, client, eye)
        for _, nasty in waiting:
            if done(await bombarded.send(document, nasty)):
                scene.restore()
    eye.close()


NESTED = {
    "subscriptions": (
        "query($first: Int, $after: String, $by: SubscriptionOrder, $ref: CustomerRef!) { customer(ref: $ref) {"
        " subscriptions(first: $first, after: $after, orderBy: $by) { edges { node { id } } } } }"
    ),
    "entitlements": (
        "query($resource: String, $at: Instant, $features: [String!], $ref: CustomerRef!) { customer(ref: $ref) {"
        " entitlements(resource: $resource, at: $at, features: $features) { hasAccess resetsAt validUntil"
        " explain { rule } } } }"
    ),
    "grants": (
        "query($feature: String, $ended: Boolean, $ref: CustomerRef!) { customer(ref: $ref) {"
        " grants(feature: $feature, ended: $ended) { id amount } overrides(feature: $feature) { id limit } } }"
    ),
    "availableActions": (
        "query($as: Audience, $id: ID!) { subscription(id: $id) { availableActions(as: $as) { kind enabled } } }"
    ),
}


@pytest.mark.parametrize("name", NESTED)
async def test_arguments_of_what_is_nested_take_anything(name: str, bombarded: Bombarded) -> None:
    own = bombarded.scene.own
    variables: dict[str, Any] = {"id": own.plain} if "$id" in NESTED[name] else {"ref": own.ref}
    assert "errors" not in await bombarded.send(NESTED[name], variables)

    for _, nasty in bombs(NESTED[name], variables):
        await bombarded.send(NESTED[name], nasty)


def cursor(*parts: object) -> str:
    """A cursor of these parts."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


CURSORS = (
    *(
        cursor(),
        cursor(1),
        cursor("a"),
        cursor(1, 2),
        cursor("a", "b"),
        cursor(1, "a", 2),
        cursor(*[True]),
        cursor(1.5),
    ),
    *(cursor(None), cursor([1]), cursor({"a": 1}), cursor(2**61), cursor(2**61, "sub_"), cursor(-(2**61), "sub_")),
    *(cursor(2**63, "a"), cursor(1, "\x00"), cursor(1, "x" * 200), cursor(0, ""), cursor(-1), cursor("1", "sub_")),
    *("", "=", "====", "a", "!!!!", "null", "W10", "e30", "MQ", "é", "x" * 301, "W" * 300, "\x00", " ", "-_-_"),
)
LISTS = {
    "customers": "query($after: String) { customers(after: $after) { edges { cursor node { id } } } }",
    "subscriptions": "query($after: String) { subscriptions(after: $after) { edges { cursor node { id } } } }",
    "subscriptions by period": (
        "query($after: String) { subscriptions(after: $after, orderBy: PERIOD_END_ASC) { edges { cursor } } }"
    ),
    "events": "query($after: String) { events(after: $after) { edges { cursor node { id } } } }",
    "events of a customer": (
        "query($after: String, $of: CustomerRef!) { events(after: $after, filter: {customer: $of})"
        " { edges { cursor } } }"
    ),
    "usageRecords": (
        "query($after: String, $of: CustomerRef!) { usageRecords(after: $after, filter: {customer: $of})"
        " { edges { cursor } } }"
    ),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_that_is_not_ours_is_refused_by_name_or_starts_somewhere(
    name: str, bombarded: Bombarded
) -> None:
    about: dict[str, Any] = {"of": bombarded.scene.own.ref} if "$of" in LISTS[name] else {}
    for made_up in CURSORS:
        answer = await bombarded.send(LISTS[name], {**about, "after": made_up})
        for error in answer.get("errors", ()):
            assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_INPUT", "after"), made_up


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_a_page_has_1_to_100_rows(first: int, bombarded: Bombarded) -> None:
    document = "query($first: Int!) { customers(first: $first) { edges { cursor } } }"

    answer = await bombarded.send(document, {"first": first})

    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_INPUT", "first")


BODIES: dict[str, Callable[[bytes], bytes]] = {
    "half a pair": lambda query: b'{"query": %s, "variables": {"id": "\\ud800"}}' % query,
    "two wrong halves": lambda query: b'{"query": %s, "variables": {"id": "\\udc00\\ud800"}}' % query,
    "NaN": lambda query: b'{"query": %s, "variables": {"id": NaN}}' % query,
    "infinity": lambda query: b'{"query": %s, "variables": {"id": -Infinity}}' % query,
    "1e999": lambda query: b'{"query": %s, "variables": {"id": 1e999}}' % query,
    "5,000 digits": lambda query: b'{"query": %s, "variables": {"id": %s}}' % (query, b"9" * 5_000),
    "no UTF-8": lambda query: b'{"query": %s, "variables": {"id": "\xff"}}' % query,
    "a twin": lambda query: b'{"query": %s, "variables": {"id": "a"}, "variables": {"id": 1}}' % query,
    "nested": lambda query: b'{"query": %s, "variables": {"id": %s}}' % (query, b"[" * 5_000 + b"]" * 5_000),
    "a list of variables": lambda query: b'{"query": %s, "variables": []}' % query,
    "a million characters": lambda query: b'{"query": %s, "variables": {"id": "%s"}}' % (query, b"x" * 1_000_000),
    "nearly a million": lambda query: b'{"query": %s, "variables": {"id": "%s"}}' % (query, b"x" * 990_000),
    "a million zeros": lambda query: b'{"query": %s, "variables": {"id": "%s"}}' % (query, b"\\u0000" * 160_000),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_body_that_no_client_writes_is_answered(body: Callable[[bytes], bytes], bombarded: Bombarded) -> None:
    for document in (ROOT_FIELDS["plan"].document, "query($id: String!) { entitlements(customer: {id: $id}) { at } }"):
        await bombarded.send_body(body(orjson.dumps(document)))


LITERALS = (
    'mutation { grantRevoke(input: {id: "\\u0000"}) { __typename } }',
    'mutation { grantRevoke(input: {id: "\\ud800"}) { __typename } }',
    'mutation { grantRevoke(input: {id: """a\x00b"""}) { __typename } }',
    "mutation { grantRevoke(input: {id: 99999999999999999999}) { __typename } }",
    "mutation { grantRevoke(input: {id: null}) { __typename } }",
    "mutation { grantRevoke(input: {}) { __typename } }",
    "{ customers(first: 99999999999) { edges { cursor } } }",
    "{ customers(first: 1e3) { edges { cursor } } }",
    '{ customer(ref: {id: "a", externalId: "b"}) { id } }',
    "{ customer(ref: {}) { id } }",
    "{ customer(ref: {id: null}) { id } }",
    '{ entitlement(customer: {id: "a"}, feature: "b", at: "9999-12-31T23:59:59.999999Z") { __typename } }',
    '{ entitlement(customer: {id: "a"}, feature: "b", at: 5) { __typename } }',
)


@pytest.mark.parametrize("document", LITERALS)
async def test_a_literal_that_fits_nowhere_is_answered(document: str, bombarded: Bombarded) -> None:
    await bombarded.send(document, {})


ENTITLEMENT = """query($requested: String!, $of: CustomerRef!, $feature: String!) {
  entitlement(customer: $of, feature: $feature, requested: $requested, resource: "b") {
    __typename ... on Entitlement { hasAccess } ... on UserError { code field } } }"""
NO_NUMBERS = (
    "1e1",
    "1E1",
    "NaN",
    "sNaN",
    "Infinity",
    "٣",
    "+1",
    "1_000",
    "1.",
    ".5",
    " 1",
    "1\n",
    "--1",
    "9" * 20,
    "0x1",
)


@pytest.mark.parametrize("requested", NO_NUMBERS)
@pytest.mark.parametrize(
    ("feature", "code"), [("uptime_promise", "INVALID_INPUT"), ("lfs_bandwidth", "AMOUNT_OUT_OF_RANGE")]
)
async def test_what_is_requested_is_a_plain_number(
    feature: str, code: str, requested: str, bombarded: Bombarded
) -> None:
    about: dict[str, Any] = {"of": bombarded.scene.own.ref, "feature": feature, "requested": requested}

    answer = (await bombarded.send(ENTITLEMENT, about))["data"]["entitlement"]

    assert (answer["code"], answer["field"]) == (code, "requested")


HUGE = str(2**62 // 1_000)


async def test_amounts_at_the_edge_never_overflow(bombarded: Bombarded) -> None:
    about = {"customer": bombarded.scene.own.ref, "feature": "lfs_bandwidth", "resource": "b"}
    for number in range(4):
        for name, more in (
            ("grantCreate", {"amount": HUGE}),
            ("usageReport", {"value": HUGE, "idempotencyKey": f"report {number}"}),
            ("entitlementConsume", {"amount": HUGE, "idempotencyKey": f"take {number}"}),
            ("overrideSet", {"limit": HUGE}),
            ("usageReport", {"value": HUGE, "kind": "SET", "idempotencyKey": f"set {number}"}),
            ("usageReport", {"value": f"-{HUGE}", "reason": "wrong", "idempotencyKey": f"correct {number}"}),
        ):
            answer = await bombarded.send(ROOT_FIELDS[name].document, {"input": {**about, **more}})
            assert "errors" not in answer, answer
        for name in ("entitlement", "entitlements", "usageRecords"):
            of = ROOT_FIELDS[name]
            assert "errors" not in await bombarded.send(of.document, of.variables(bombarded.scene.own))
