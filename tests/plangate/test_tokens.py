"""A customer token is taken when its own environment's key signed all of it, now; nothing else is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.views import SigningKeyView
from plangate.http.problems import CredentialProblem
from plangate.secrets import RealSecrets, Sealed, SecretUnreadable
from plangate.tokens import LONGEST, TYPE, Claims, RealTokens

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"


def claims(**changed: object) -> dict[str, object]:
    said: dict[str, object] = {
        "iss": "plangate",
        "aud": "env_a",
        "sub": "cus_1",
        "jti": "tok_1",
        "iat": NOW.timestamp(),
        "exp": NOW.timestamp() + 900,
        "scopes": ["read"],
    }
    return {name: value for name, value in {**said, **changed}.items() if value != "left out"}


@dataclass(slots=True)
class World:
    """Two environments with a key each."""

    tokens: RealTokens = field(default_factory=lambda: RealTokens(Sealed(SECRET)))
    keys: dict[str, SigningKeyView] = field(default_factory=dict[str, SigningKeyView])

    def __post_init__(self) -> None:
        for environment in ("env_a", "env_b"):
            kid, public, private = self.tokens.new_key()
            self.keys[environment] = SigningKeyView(kid, environment, public, private)

    def signed(self, environment: str = "env_a", /, **changed: object) -> str:
        key = self.keys[environment]
        return self.tokens.sign(key.private_encrypted, key.id, claims(**changed))

    def accepted(self, token: str, now: datetime = NOW) -> Claims:
        said = self.tokens.read(token)
        return self.tokens.prove(said, next((key for key in self.keys.values() if key.id == said.kid), None), now)

    def said(self, token: str, now: datetime = NOW) -> str:
        """Give the code that a token is refused with; '' where it is accepted."""
        try:
            self.accepted(token, now)
        except CredentialProblem as problem:
            return problem.code if problem.headers == {"WWW-Authenticate": "Bearer"} else "no challenge"
        return ""


@pytest.fixture
def world() -> World:
    return World()


def part(content: object) -> str:
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_signed_token_says_who_it_is_for(world: World) -> None:
    token = world.signed(sub_id="sub_9", origin="https://shop.example")

    accepted = world.accepted(token)

    assert accepted.model_dump() == {
        **claims(sub_id="sub_9", origin="https://shop.example"),
        "scopes": ("read",),
    }
    header = orjson.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "Ed25519", "kid": world.keys["env_a"].id, "typ": TYPE}


def test_it_ends_when_it_says_give_or_take_five_seconds(world: World) -> None:
    token = world.signed()

    assert world.said(token, NOW + timedelta(seconds=904)) == ""
    assert world.said(token, NOW + timedelta(seconds=905)) == "CREDENTIAL_EXPIRED"
    assert world.said(token, NOW - timedelta(seconds=4)) == ""
    assert world.said(token, NOW - timedelta(seconds=6)) == "CREDENTIAL_INVALID"


@pytest.mark.parametrize(
    "changed",
    [
        *({name: "left out"} for name in ("iss", "aud", "sub", "jti", "iat", "exp")),
        {"aud": "env_b"},
        {"aud": ["env_a"]},
        {"aud": ["env_a", "env_b"]},
        {"exp": "2026-03-02"},
        {"exp": str(NOW.timestamp() + 900)},
        {"exp": True},
        {"exp": 1e400},
        {"exp": 1e300},
        {"iat": NOW.timestamp() + 60},
        {"exp": NOW.timestamp()},
        {"iss": "another"},
        {"sub": ""},
        {"sub": 7},
        {"jti": ""},
        {"scopes": "read"},
        {"scopes": [1]},
        {"origin": 1},
    ],
)
def test_claims_that_are_missing_or_odd_are_refused(world: World, changed: dict[str, object]) -> None:
    assert world.said(world.signed("env_a", **changed)) == "CREDENTIAL_INVALID"


def test_another_environments_key_opens_nothing(world: World) -> None:
    assert world.said(world.signed("env_b", aud="env_a")) == "CREDENTIAL_INVALID"
    assert world.said(world.signed("env_b", aud="env_b")) == ""


def test_a_key_that_is_not_known_or_not_the_one_that_is_named_opens_nothing(world: World) -> None:
    a, b = world.keys["env_a"], world.keys["env_b"]
    named_a = world.signed("env_b", aud="env_a").split(".")
    named_a[0] = part({"alg": "Ed25519", "kid": a.id, "typ": TYPE})
    stranger = RealTokens(Sealed(SECRET))
    kid, _, private = stranger.new_key()

    assert world.said(".".join(named_a)) == "CREDENTIAL_INVALID"
    assert world.said(stranger.sign(private, kid, claims())) == "CREDENTIAL_INVALID"
    assert a.id != b.id


@pytest.mark.parametrize("algorithm", ["none", "None", "", "EdDSA", "ES256", "HS256", "Ed448", None, 1])
def test_no_other_algorithm_is_taken(world: World, algorithm: object) -> None:
    signed = world.signed().split(".")
    signed[0] = part({"alg": algorithm, "kid": world.keys["env_a"].id, "typ": TYPE})

    assert world.said(".".join(signed)) == "CREDENTIAL_INVALID"
    assert world.said(".".join([*signed[:2], ""])) == "CREDENTIAL_INVALID"


def test_the_public_key_is_no_shared_secret(world: World) -> None:
    key = world.keys["env_a"]
    x = base64.urlsafe_b64decode(orjson.loads(key.public)["x"] + "==")
    for secret in (key.public.encode(), x, orjson.loads(key.public)["x"].encode()):
        content = f"{part({'alg': 'HS256', 'kid': key.id, 'typ': TYPE})}.{part(claims())}"
        signature = hmac.new(secret, content.encode(), hashlib.sha256).digest()

        assert world.said(f"{content}.{part(signature)}") == "CREDENTIAL_INVALID"


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"kid": ""},
        {"kid": None},
        {"kid": ["x"]},
        {"jwk": {"kty": "OKP"}},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
    ],
)
def test_a_header_says_what_ours_say_and_nothing_else(world: World, changed: dict[str, object]) -> None:
    signed = world.signed().split(".")
    signed[0] = part({"alg": "Ed25519", "kid": world.keys["env_a"].id, "typ": TYPE} | changed)

    assert world.said(".".join(signed)) == "CREDENTIAL_INVALID"


def test_every_changed_character_of_a_token_is_noticed(world: World) -> None:
    token = world.signed()
    content, _, signature = token.rpartition(".")
    places = range(0, len(content), 3)
    changed = [f"{content[:i]}{'A' if content[i] != 'A' else 'B'}{content[i + 1 :]}.{signature}" for i in places]

    assert {world.said(each) for each in changed} == {"CREDENTIAL_INVALID"}


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", "a.b.c", "a.b", "é.é.é", "eyJ.eyJ.", "\0.\0.\0", "=.=.=", "A" * 100_000,
        f"{part([])}.{part([])}.x", f"{part(None)}.{part(None)}.x", f"{part(b'{')}.{part(b'}')}.x",
        f"{part(b'[' * 2000)}.e30.x", f"{part(b'{' + b'1' * 300 + b'}')}.e30.x",
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused_and_not_an_error(world: World, text: str) -> None:
    assert world.said(text) == "CREDENTIAL_INVALID"


def test_a_token_that_is_too_long_is_not_read_though_it_is_signed(world: World) -> None:
    assert world.said(world.signed(padding="x" * LONGEST)) == "CREDENTIAL_INVALID"


def test_a_private_half_opens_with_the_same_secret_and_for_the_same_key_only() -> None:
    tokens = RealTokens(Sealed(SECRET))
    kid, public, private = tokens.new_key()

    assert "d" not in orjson.loads(public)
    assert RealTokens(Sealed(SECRET)).sign(private, kid, claims())
    with pytest.raises(SecretUnreadable):
        RealTokens(Sealed(SECRET + "!")).sign(private, kid, claims())
    with pytest.raises(SecretUnreadable):
        tokens.sign(private, "another", claims())
    for broken in ("", "v1.", "v1.AAAA", "v1.é", f"v2.{private[3:]}", private[:-4]):
        with pytest.raises(SecretUnreadable):
            tokens.sign(broken, kid, claims())


def test_keys_are_derived_as_hkdf_says_so_that_what_was_sealed_opens_with_any_other_hkdf() -> None:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"plangate signing keys v1").derive(SECRET.encode())
    nonce = bytes(12)
    hidden = nonce + AESGCM(key).encrypt(nonce, b"a key", b"about it")

    assert Sealed(SECRET).open(f"v1.{base64.urlsafe_b64encode(hidden).decode()}", "about it") == "a key"


def test_a_secret_has_its_prefix_and_256_bits_and_is_kept_as_a_digest() -> None:
    secrets = RealSecrets()

    made = {secrets.new("sk_test") for _ in range(100)}

    assert {(each[:8], len(each)) for each in made} == {("sk_test_", 51)}
    assert len(made) == 100
    assert secrets.digest("sk_test_1") == hashlib.sha256(b"sk_test_1").hexdigest()


def test_a_token_that_was_proved_is_proved_again_by_another_key_and_by_its_time(world: World) -> None:
    token, other = world.signed(), world.keys["env_b"]
    assert world.said(token) == ""
    said = world.tokens.read(token)
    assert said.proved_by == world.keys["env_a"].public

    with pytest.raises(CredentialProblem) as problem:
        world.tokens.prove(said, SigningKeyView(said.kid, "env_a", other.public, other.private_encrypted), NOW)
    assert problem.value.code == "CREDENTIAL_INVALID"
    with pytest.raises(CredentialProblem):
        world.tokens.prove(said, None, NOW)
    assert world.said(token, NOW + timedelta(hours=1)) == "CREDENTIAL_EXPIRED"
    assert world.tokens.prove(said, world.keys["env_a"], NOW).sub == "cus_1"


def test_what_was_not_proved_is_not_remembered(world: World) -> None:
    content, _, _ = world.signed().rpartition(".")
    forged = f"{content}.{part(b'x' * 64)}"
    assert [world.said(forged) for _ in range(2)] == ["CREDENTIAL_INVALID"] * 2
    assert world.tokens.read(forged).proved_by is None
