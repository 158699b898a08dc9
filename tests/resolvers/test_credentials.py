"""Credentials that open nothing: forged, changed, revoked, expired; each on every question and act, and all alike."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from plangate.tokens import TYPE, RealTokens
from resolvers.access import ACCESS
from tests.resolvers.root_fields import ROOT_FIELDS, RootField
from tests.resolvers.scene import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.resolvers.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")
INVALID = {"message": "This credential is not valid.", "extensions": {"code": "CREDENTIAL_INVALID"}}
EXPIRED = {
    "message": "This credential has expired: ask for a new one.",
    "extensions": {"code": "CREDENTIAL_EXPIRED"},
}
REVOKED = {"message": "This credential was revoked.", "extensions": {"code": "CREDENTIAL_REVOKED"}}
REVOKE = """mutation($input: CustomerTokenRevokeInput!) { customerTokenRevoke(input: $input) {
  __typename ... on UserError { code } } }"""
REVOKE_KEY = "mutation($id: ID!) { apiKeyRevoke(input: {id: $id}) { __typename } }"
KEY = """mutation { apiKeyCreate(input: {kind: SECRET, name: "short-lived", scopes: ["*"]}) {
  ... on ApiKeyCreated { secret key { id } } } }"""


def part(content: object) -> str:
    """A part of a token, as it is sent."""
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(token: str, number: int) -> dict[str, Any]:
    """A part of a token, as it is read."""
    text = token.split(".")[number]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def own_keys(scene: Scene, place: str) -> tuple[str, str, str]:
    """The signing key of an environment: its id, its public half, its private half sealed."""
    environment = scene.world.places[place].environment.id
    (found,) = [row for row in scene.table("signing_key") if row["environment_id"] == environment]
    return found["id"], found["public"], found["private_encrypted"]


def forged(scene: Scene, token: str, elsewhere: str) -> Iterator[str]:
    """Tokens that nobody made for this: each differs from a good one in one way."""
    header, claims, signature = token.split(".")
    said, claimed = read(token, 0), read(token, 1)
    kid, public, private = own_keys(scene, "main")
    other, _, other_private = own_keys(scene, "other")
    tokens: RealTokens = scene.world.contexts.tokens
    stranger = OKPKey.generate_key("Ed25519")

    def resigned(key: OKPKey, **changed: object) -> str:
        return jws.serialize_compact({**said, **changed}, orjson.dumps(claimed), key, algorithms=["Ed25519"])

    yield from (resigned(stranger), resigned(stranger, kid=stranger.thumbprint()), resigned(stranger, kid=other))
    yield tokens.sign(other_private, other, claimed)
    yield f"{header}.{tokens.sign(other_private, other, claimed).partition('.')[2]}"
    for algorithm in (
        "none",
        "None",
        "NONE",
        "HS256",
        "HS512",
        "RS256",
        "ES256",
        "EdDSA",
        "ed25519",
        "",
        None,
        ["Ed25519"],
    ):
        yield f"{part({**said, 'alg': algorithm})}.{claims}.{signature}"
        yield f"{part({**said, 'alg': algorithm})}.{claims}."
    for secret in (public, json.loads(public)["x"], kid, ""):
        content = f"{part({**said, 'alg': 'HS256'})}.{claims}"
        yield f"{content}.{part(hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest())}"
    for wrong in (
        *("../../etc/passwd", "/dev/null", "' OR '1'='1", f"{kid}' --", "%", "_" * len(kid), f"{kid}\x00", f" {kid}"),
        *("http://localhost/jwks.json", "x" * 2_000, "", None, 7, [kid], {"kid": kid}, kid.upper(), other),
    ):
        yield f"{part({**said, 'kid': wrong})}.{claims}.{signature}"
    for changed in (
        *({"typ": "JWT"}, {"jku": "http://localhost"}, {"jwk": json.loads(public)}, {"x5u": "http://localhost"}),
        *({"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"cty": "JWT"}, {"zip": "DEF"}),
    ):
        yield f"{part({**said, **changed})}.{claims}.{signature}"
    for changed in (
        *({"aud": elsewhere}, {"aud": [claimed["aud"]]}, {"iss": "somebody"}, {"exp": 10**12}, {"exp": "never"}),
        *({"exp": None}, {"iat": claimed["exp"] + 9_999, "exp": claimed["exp"] + 99_999}, {"exp": 1e308}, {"iat": -1}),
        *({"sub": None}, {"sub": ["cus"]}, {"jti": ""}, {"scopes": "read manage"}, {"sub_id": 1}),
    ):
        yield tokens.sign(private, kid, {**claimed, **changed})
        yield f"{header}.{part({**claimed, **changed})}.{signature}"
    twice = part(orjson.dumps(claimed)[:-1] + b',"sub":"cus_other"}')
    yield f"{header}.{twice}.{signature}"
    yield from (
        token[:-1],
        token[:-10],
        token[1:],
        f"{header}.{claims}",
        f"{header}.{claims}.",
        f".{claims}.{signature}",
    )
    yield from (
        f"{token}=",
        f"{token}A",
        f"{header}=.{claims}.{signature}",
        f"{header} .{claims}.{signature}",
        f"{token}.x",
    )
    yield from (
        token.swapcase(),
        token.replace("-", "+").replace("_", "/") + "+",
        "x" * 5_000,
        f"{header}.{part(b'[]')}.{signature}",
    )


async def body(scene: Scene, of: RootField, key: str) -> Any:
    """What is answered to a call about acme's own."""
    return await scene.world.post(of.document, key=key, **of.variables(scene.own))


async def test_no_forged_token_is_accepted_and_none_is_told_why(either: Scene) -> None:
    scene = either
    token = await scene.world.token("acme", scopes=["read", "manage"])
    elsewhere = scene.world.places["other"].environment.id
    before = scene.mark()
    tried = list(forged(scene, token, elsewhere))

    answers = {each: await body(scene, ROOT_FIELDS["subscription"], each) for each in tried}

    assert len(answers) > 100
    assert {each: answer for each, answer in answers.items() if answer != {"errors": [INVALID]}} == {}
    assert (await body(scene, ROOT_FIELDS["subscription"], token))["data"]["subscription"]["id"] == scene.own.plain
    assert scene.mark() == before
    assert TYPE == "plangate-customer+jwt"


async def test_a_credential_that_was_good_opens_nothing_of_the_schema_any_more(either: Scene) -> None:
    scene = either
    world = scene.world
    own: dict[str, Any] = {"customer": scene.own.ref}
    by_id, by_time, old, gone = [await world.token("acme", scopes=["read", "manage"]) for _ in range(4)]
    rival = await world.token("rival", scopes=["read", "manage"])
    made = (await world.ask(KEY))["apiKeyCreate"]
    await world.ask(REVOKE_KEY, id=made["key"]["id"])
    await world.ask(REVOKE, input={**own, "tokenId": read(by_id, 1)["jti"]})
    world.clock.at += timedelta(seconds=2)
    await world.ask(REVOKE, input=own)
    later = world.clock.at
    wrong = {
        "a revoked key": (made["secret"], REVOKED, later),
        "a key that never was": (f"{made['secret'][:-1]}!", INVALID, later),
        "a token that was revoked": (by_id, REVOKED, later),
        "a token from before all were revoked": (by_time, REVOKED, later),
        "a token that is over": (rival, EXPIRED, later + timedelta(hours=2)),
        "an old token that was revoked too": (old, EXPIRED, later + timedelta(hours=2)),
        "another scheme": (f"x {gone}", INVALID, later),
    }
    before = scene.mark()
    said: dict[str, list[object]] = {name: [] for name in wrong}
    for name, (key, _, at) in wrong.items():
        world.clock.at = at
        for of in ROOT_FIELDS.values():
            answer = await body(scene, of, key)
            if answer not in said[name]:
                said[name].append(answer)

    assert said == {name: [{"errors": [told]}] for name, (_, told, _) in wrong.items()}
    assert scene.mark() == before


async def test_another_environments_credentials_find_nothing_of_ours(either: Scene) -> None:
    scene = either
    world = scene.world
    elsewhere = world.places["other"]
    key, token = elsewhere.secret, await world.token("acme", place="other", scopes=["read", "manage"])
    before = scene.mark()
    for of in ROOT_FIELDS.values():
        if not of.held or (of.mutates and of.name not in ACCESS):
            continue
        for credential, merchant in ((key, True), (token, False)):
            if not merchant and of.customer is None:
                continue
            theirs = await world.post(of.document, key=credential, **of.variables(scene.own, merchant=merchant))
            unknown = await world.post(of.document, key=credential, **of.variables(UNKNOWN, merchant=merchant))
            assert theirs == unknown, of.name
    assert scene.mark() == before
