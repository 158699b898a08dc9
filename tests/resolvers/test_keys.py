"""Secrets: kept as digests, shown once, never more than their maker has, and refused at once when they are revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.resolvers.root_fields import ROOT_FIELDS
from tests.resolvers.scene import KEY

if TYPE_CHECKING:
    from tests.resolvers.copies import FileScene

pytestmark = pytest.mark.asyncio(loop_scope="module")
VIEWER = "{ viewer { kind scopes } }"
REVOKE_TOKENS = """mutation($input: CustomerTokenRevokeInput!) { customerTokenRevoke(input: $input) { __typename } }"""


def written(scene: FileScene) -> bytes:
    """Every byte of the database, with what waits in its log."""
    return b"".join(part.read_bytes() for part in sorted(scene.file.parent.glob(f"{scene.file.name}*")))


async def shown(scene: FileScene, name: str, **more: Any) -> Any:
    """The payload of an act."""
    of = ROOT_FIELDS[name]
    variables = of.variables(scene.own)
    variables["input"] |= more
    return (await scene.world.ask(of.document, **variables))[name]


@pytest.mark.parametrize(
    ("name", "secret"),
    [("apiKeyCreate", "secret"), ("billingPortalSessionCreate", "url"), ("customerTokenCreate", "token")],
)
async def test_a_secret_is_shown_once_and_kept_nowhere(name: str, secret: str, scene: FileScene) -> None:
    first = await shown(scene, name, idempotencyKey="once")
    again = await shown(scene, name, idempotencyKey="once")

    assert (first["secretShown"], first["replayed"]) == (False, False)
    assert again == first | {secret: None, "secretShown": True, "replayed": True}
    part = first[secret].rpartition("/")[2].encode()
    assert len(part) > 40
    kept = written(scene)
    assert b"once" in kept
    assert part not in kept
    assert max(re.split(rb"[_.]", part), key=len) not in kept
    assert part.rpartition(b".")[2] not in kept


@pytest.mark.parametrize("kind", ["SECRET", "PUBLISHABLE"])
async def test_the_keys_of_the_world_are_kept_as_digests(kind: str, scene: FileScene) -> None:
    place = scene.world.places["main"]

    assert (place.secret if kind == "SECRET" else place.publishable).rpartition("_")[2].encode() not in written(scene)


async def test_a_revoked_key_is_refused_at_once(scene: FileScene) -> None:
    made = await shown(scene, "apiKeyCreate", scopes=["*"])
    assert (await scene.world.ask(VIEWER, key=made["secret"]))["viewer"] == {"kind": "SECRET", "scopes": ["*"]}

    await shown(scene, "apiKeyRevoke", id=made["key"]["id"])

    answer = await scene.world.post(VIEWER, key=made["secret"])
    assert answer == {
        "errors": [{"message": "This credential was revoked.", "extensions": {"code": "CREDENTIAL_REVOKED"}}]
    }


async def test_a_revoked_customer_is_refused_at_once_and_may_have_a_new_token(scene: FileScene) -> None:
    token = await scene.world.token("acme")
    rival = await scene.world.token("rival")
    assert (await scene.world.ask(VIEWER, key=token))["viewer"]["kind"] == "CUSTOMER"
    scene.world.clock.move(timedelta(seconds=0.2))

    await scene.world.ask(REVOKE_TOKENS, input={"customer": scene.own.ref})

    answer = await scene.world.post(VIEWER, key=token)
    assert answer["errors"][0]["extensions"] == {"code": "CREDENTIAL_REVOKED"}
    assert (await scene.world.ask(VIEWER, key=rival))["viewer"]["kind"] == "CUSTOMER"
    scene.world.clock.move(timedelta(seconds=0.2))
    anew = await scene.world.token("acme")
    assert (await scene.world.ask(VIEWER, key=anew))["viewer"]["kind"] == "CUSTOMER"


async def test_a_key_passes_on_no_more_than_it_has(scene: FileScene) -> None:
    key = scene.with_scopes(only="keys:write")
    before = scene.mark()

    for scopes, missing in ((["*"], "*"), (["keys:write", "clock:write"], "clock:write"), (None, "*")):
        answer = await scene.world.post(KEY, key=key, input={"kind": "SECRET", "name": "more", "scopes": scopes})
        assert answer["data"]["apiKeyCreate"]["code"] == "SCOPE_MISSING", missing
    assert scene.mark() == before
    for scopes, kind in ((["keys:write"], "SECRET"), (None, "PUBLISHABLE")):
        answer = await scene.world.post(KEY, key=key, input={"kind": kind, "name": "as much", "scopes": scopes})
        assert "secret" in answer["data"]["apiKeyCreate"], answer


async def test_a_key_without_scopes_said_may_everything_and_an_empty_list_is_refused(scene: FileScene) -> None:
    assert (await shown(scene, "apiKeyCreate", scopes=None))["key"]["scopes"] == ["*"]

    refused = await shown(scene, "apiKeyCreate", scopes=[])
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "scopes")
