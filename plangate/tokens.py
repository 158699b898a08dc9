"""Customer tokens: JWTs signed with an environment's own Ed25519 key, and the one way to accept them.

The signature algorithm is EdDSA on Ed25519 under its exact name (RFC 9864); no other name is taken, so that neither
`none` nor a public key used as a shared secret gets in. What is refused is refused without saying why. (RFC 8725)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plangate.http.problems import CredentialProblem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from models.views import SigningKeyView
    from plangate.secrets import Sealed

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "plangate"
TYPE: Final = "plangate-customer+jwt"
LEEWAY_SECONDS: Final = 5
LONGEST: Final = 4_096
"""Characters of a token; a longer one is not read."""

_PARTS: Final = 3
_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""What ids of our keys look like; nothing else is ever looked up."""
_HEADER: Final = frozenset({"alg", "kid", "typ"})

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Claims(BaseModel):
    """What a token says. `iat` and `exp` are seconds since 1970 by the real clock, also where a test clock runs."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    iss: Name
    aud: Name
    sub: Name
    jti: Name
    iat: Annotated[float, Field(ge=0, le=1e11)]
    exp: Annotated[float, Field(ge=0, le=1e11)]
    sub_id: Name | None = None
    scopes: tuple[Name, ...] = ()
    origin: Name | None = None


class RealTokens:
    """Makes signing keys, signs and verifies; the private halves leave here sealed only."""

    def __init__(self, sealed: Sealed) -> None:
        """Seal private halves with this."""
        self._sealed = sealed

    def new_key(self) -> tuple[str, str, str]:
        """Make a key: its id (the RFC 7638 thumbprint), its public half as a JWK, its private half sealed."""
        key = OKPKey.generate_key("Ed25519")
        kid = key.thumbprint()
        return kid, _text(key.as_dict(private=False)), self._sealed.seal(_text(key.as_dict(private=True)), kid)

    def sign(self, private_encrypted: str, kid: str, claims: dict[str, object]) -> str:
        """Sign the whole claim set; claims that are None are left out. Raises `SecretUnreadable`."""
        key = OKPKey.import_key(json.loads(self._sealed.open(private_encrypted, kid)))
        said = orjson.dumps({name: claim for name, claim in claims.items() if claim is not None})
        header = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
        return jws.serialize_compact(header, said, key, algorithms=[ALGORITHM])

    async def verify(
        self, token: str, find_key: Callable[[str], Awaitable[SigningKeyView | None]], now: datetime
    ) -> Claims:
        """Accept a token at the real instant `now`, or raise `CredentialProblem`.

        The audience has to be the environment whose key signed it, so a key of one world opens no other.
        """
        kid = _kid(token)
        found = await find_key(kid)
        if found is None:
            raise invalid()
        claims = _claims(_payload(token, found))
        if claims.aud != found.environment_id or claims.iss != ISSUER:
            raise invalid()
        seconds = now.timestamp()
        if claims.exp <= claims.iat or claims.iat > seconds + LEEWAY_SECONDS:
            raise invalid()
        if claims.exp <= seconds - LEEWAY_SECONDS:
            raise expired()
        return claims


def invalid() -> CredentialProblem:
    """Refuse a credential; in what way it is wrong is not said."""
    return CredentialProblem("CREDENTIAL_INVALID", "This credential is not valid.")


def expired() -> CredentialProblem:
    """Refuse a token whose time is over."""
    return CredentialProblem("CREDENTIAL_EXPIRED", "This credential has expired: ask for a new one.")


def revoked() -> CredentialProblem:
    """Refuse what was valid once and was taken back."""
    return CredentialProblem("CREDENTIAL_REVOKED", "This credential was revoked.")


def _kid(token: str) -> str:
    """Read which key a token names, before anything in it is believed."""
    if len(token) > LONGEST or not token.isascii() or token.count(".") != _PARTS - 1:
        raise invalid()
    try:
        header: dict[str, object] = dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError, RecursionError):
        raise invalid() from None
    kid = header.get("kid")
    if frozenset(header) != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE:
        raise invalid()
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise invalid()
    return kid


def _payload(token: str, key: SigningKeyView) -> bytes:
    public = OKPKey.import_key(json.loads(key.public))
    try:
        return jws.deserialize_compact(token, public, algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError, TypeError):
        raise invalid() from None


def _claims(payload: bytes) -> Claims:
    try:
        return Claims.model_validate_json(payload)
    except ValidationError:
        raise invalid() from None


def _text(key: object) -> str:
    return orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()
