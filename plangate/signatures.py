"""Ed25519 in JOSE's forms: keys as JWKs, tokens as compact JWS. Loaded when the first token is read or made."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ALGORITHM: Final = "Ed25519"


class Key(NamedTuple):
    """A pair of keys as JWKs; `kid` is its RFC 7638 thumbprint."""

    kid: str
    public: str
    private: str


class Unsigned(Exception):  # noqa: N818  (it says what was found)
    """What was presented is no token, or nobody signed it whose key is known."""


def new_key() -> Key:
    """Make a key."""
    key = OKPKey.generate_key(ALGORITHM)
    return Key(key.thumbprint(), _text(key.as_dict(private=False)), _text(key.as_dict(private=True)))


def signed(private: str, header: dict[str, str], said: bytes) -> str:
    """Sign."""
    return jws.serialize_compact(header, said, OKPKey.import_key(json.loads(private)), algorithms=[ALGORITHM])


def parts(token: str) -> tuple[dict[str, object], bytes]:
    """Take a token apart, of which nothing is believed: its header and what it says; or `Unsigned`."""
    try:
        found = jws.extract_compact(token.encode())
        return dict(found.headers()), found.payload
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Unsigned from None


def demand_signed(token: str, public: str) -> None:
    """Raise `Unsigned` unless the private half of this key signed it."""
    key = OKPKey.import_key(json.loads(public))
    try:
        jws.deserialize_compact(token, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError):
        raise Unsigned from None


def _text(key: object) -> str:
    return orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()
