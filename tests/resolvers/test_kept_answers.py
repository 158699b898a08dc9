"""An answer from memory is the answer, to whom it was given and to nobody else. (ADR 24)"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models.snapshots import Snapshots
from plangate.execution.keeping import KeptAnswers
from tests.resolvers.root_fields import ROOT_FIELDS

if TYPE_CHECKING:
    import httpx2

    from tests.resolvers.copies import FileScene

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLANS = "{ plans { key name } }"
HERS = "{ customer(ref: {externalId: %s}) { name } }"
GRAPHQL = "application/graphql-response+json"


async def asked(scene: FileScene, key: str, document: str, accept: str = "*/*", **headers: str) -> httpx2.Response:
    """Post a document, as the same bytes each time."""
    body = json.dumps({"query": document}).encode()
    said = {"authorization": f"Bearer {key}", "content-type": "application/json", "accept": accept, **headers}
    async with scene.world.client() as client:
        return await client.post("/graphql", content=body, headers=said)


def memory(scene: FileScene) -> KeptAnswers:
    """Begin with nothing that is kept, nor counted."""
    database = scene.world.database
    database.snapshots = Snapshots(2**24, database._store, database.asked)
    made = scene.world.endpoint()._answers = KeptAnswers(database)
    return made


def told(answer: httpx2.Response) -> Any:
    """All that a client sees."""
    return answer.status_code, answer.headers.multi_items(), answer.content


async def test_it_is_told_byte_for_byte_with_its_headers_whatever_is_accepted(scene: FileScene) -> None:
    kept, secret = memory(scene), scene.world.places["main"].secret
    for accept in ("*/*", GRAPHQL):
        first, *again = [await asked(scene, secret, PLANS, accept) for _ in range(4)]
        assert [told(each) for each in again] == [told(first)] * 3
        assert first.headers["content-type"].startswith("application/json" if accept == "*/*" else GRAPHQL)
    assert (kept.made, kept.given) == (1, 6)


async def test_a_credential_is_looked_at_each_time(scene: FileScene) -> None:
    kept, publishable = memory(scene), scene.world.places["main"].publishable
    created = ROOT_FIELDS["apiKeyCreate"]
    variables = created.variables(scene.own)
    variables["input"] |= {"scopes": ["*"]}
    made = (await scene.world.ask(created.document, **variables))["apiKeyCreate"]
    for _ in range(3):
        assert (await asked(scene, made["secret"], PLANS)).status_code == 200
    assert kept.given == 1

    revoked = ROOT_FIELDS["apiKeyRevoke"]
    variables = revoked.variables(scene.own)
    variables["input"] |= {"id": made["key"]["id"]}
    await scene.world.ask(revoked.document, **variables)

    assert (await asked(scene, made["secret"], PLANS)).status_code == 401
    assert (await asked(scene, "sk_test_nobody", PLANS)).status_code == 401
    answers = [await asked(scene, publishable, HERS % '"acme"') for _ in range(4)]
    assert {each.json()["errors"][0]["extensions"]["code"] for each in answers} == {"MERCHANT_ONLY"}


async def test_a_token_that_is_taken_back_opens_nothing_that_was_kept(scene: FileScene) -> None:
    kept, mine = memory(scene), HERS % '"acme"'
    token = await scene.world.token("acme")
    answers = [await asked(scene, token, mine) for _ in range(3)]
    assert kept.given == 1
    assert answers[0].json()["data"]["customer"] is not None

    revoke = "mutation($of: CustomerRef!) { customerTokenRevoke(input: {customer: $of}) { __typename } }"
    scene.world.clock.move(timedelta(seconds=2))
    await scene.world.ask(revoke, of={"externalId": "acme"})

    assert (await asked(scene, token, mine)).status_code == 401


async def test_what_is_no_answer_is_not_kept(scene: FileScene) -> None:
    """Errors, nobody, acts, what must be read, another instant, and a question of which one field is not steady."""
    kept, secret = memory(scene), scene.world.places["main"].secret
    check = '{ entitlement(customer: {externalId: "acme"}, feature: "saml_sso"%s) { ... on Entitlement { %s } } }'
    for document in (
        HERS % '"nobody"',
        "{ plans { nothing } }",
        "{ plans { key } viewer { kind } }",
        check % (", consistency: STRONG", "hasAccess"),
        check % (', at: "2034-01-01T00:00:00Z"', "hasAccess"),
        check % ("", "at"),
        '{ subscriptions(filter: {customer: {externalId: "acme"}, states: [ACTIVE]}) { edges { cursor } } }',
        "{ subscriptions(first: 5) { edges { cursor } } }",
        "{ customers { edges { cursor } } }",
    ):
        for _ in range(3):
            assert (await asked(scene, secret, document)).status_code == 200
        assert (kept.made, kept.given) == (0, 0), document
    for _ in range(3):
        await asked(scene, secret, check % ("", "hasAccess"))
    assert (kept.made, kept.given) == (1, 1)
