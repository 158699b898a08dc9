"""Customer tokens: JWTs signed with an environment's own Ed25519 key, and the one way to accept them.

The signature algorithm is EdDSA on Ed25519 under its exact name (RFC 9864); no other name is taken, so that neither
`none` nor a public key used as a shared secret gets in. What is refused is refused without saying why. (RFC 8725)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field

from plangate.http.problems import CredentialProblem
from plangate.recent import Recent

if TYPE_CHECKING:
    from datetime import datetime

    from models.views import SigningKeyView
    from plangate.secrets import Sealed

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "plangate"
TYPE: Final = "plangate-customer+jwt"
LEEWAY_SECONDS: Final = 5
LONGEST: Final = 4_096
"""Characters of a token; a longer one is not read."""
MOST_PROVED: Final = 5_000

_PARTS: Final = 3
_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""What ids of our keys look like; nothing else is ever looked up."""
_HEADER: Final = frozenset({"alg", "kid", "typ"})

Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name of ours or the host's. What no database keeps is told here: names are looked up before they are proved."""


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


class Presented(NamedTuple):
    """What a token says of itself, of which nothing is believed before it is proved."""

    token: str
    kid: str
    claims: Claims
    proved_by: str | None = None
    """The public half of the key that it was signed with, where that was seen already."""


class RealTokens:
    """Makes signing keys, signs and verifies; the private halves leave here sealed only.

    Of the tokens that were proved last it is remembered what they say and whose key signed them: a widget sends the
    same token with each of its requests. Whether the key still signs, and the time, are looked at each time.
    """

    def __init__(self, sealed: Sealed) -> None:
        """Seal private halves with this."""
        self._sealed = sealed
        self._proved: Recent[Presented] = Recent(MOST_PROVED, MOST_PROVED * 1_000)

    def new_key(self) -> tuple[str, str, str]:
        """Make a key: its id (the RFC 7638 thumbprint), its public half as a JWK, its private half sealed."""
        from plangate.signatures import new_key  # noqa: PLC0415  (who sends no token waits for none of it)

        key = new_key()
        return key.kid, key.public, self._sealed.seal(key.private, key.kid)

    def sign(self, private_encrypted: str, kid: str, claims: dict[str, object]) -> str:
        """Sign the whole claim set; claims that are None are left out. Raises `SecretUnreadable`."""
        from plangate.signatures import signed  # noqa: PLC0415  (as above)

        private = self._sealed.open(private_encrypted, kid)
        said = orjson.dumps({name: claim for name, claim in claims.items() if claim is not None})
        header = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
        return signed(private, header, said)

    def read(self, token: str) -> Presented:
        """Read what a token says, or raise `CredentialProblem` where it is none of ours."""
        return self._proved.get(token) or _read(token)

    def prove(self, said: Presented, key: SigningKeyView | None, now: datetime) -> Claims:
        """Accept what `key`, the one that the token names, signed, at the real instant `now`; or `CredentialProblem`.

        The audience has to be the environment whose key signed it, so a key of one world opens no other.
        """
        if key is None:
            raise invalid()
        claims = said.claims
        if said.proved_by != key.public:
            _demand_signed(said.token, key)
            self._proved.put(said.token, said._replace(proved_by=key.public))
        if claims.aud != key.environment_id or claims.iss != ISSUER:
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


def _read(token: str) -> Presented:
    if len(token) > LONGEST or not token.isascii() or token.count(".") != _PARTS - 1:
        raise invalid()
    from plangate.signatures import Unsigned, parts  # noqa: PLC0415  (as above)

    try:
        header, said = parts(token)
        claims = Claims.model_validate_json(said)
    except (Unsigned, ValueError, TypeError, RecursionError):
        raise invalid() from None
    kid = header.get("kid")
    if frozenset(header) != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE:
        raise invalid()
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise invalid()
    return Presented(token, kid, claims)


def _demand_signed(token: str, key: SigningKeyView) -> None:
    from plangate.signatures import Unsigned, demand_signed  # noqa: PLC0415  (as above)

    try:
        demand_signed(token, key.public)
    except Unsigned:
        raise invalid() from None
