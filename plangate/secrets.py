"""Random secrets, the digests kept in their place, and the one key that encrypts what has to be read again."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BITS: Final = 256
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 43
"""Characters of base 62 that hold 256 bits."""
SECRET_LENGTH: Final = 32
"""The least characters of the program's own secret."""
SHOWN_SECRET: Final = re.compile(r"\b([a-z][a-z_]{1,20})_[0-9A-Za-z]{43}\b")
"""What a secret made here looks like, so that a log can leave it out."""

_VERSION: Final = "v1"
_NONCE: Final = 12
_PURPOSE: Final = b"plangate signing keys v1"
_LINKS: Final = b"plangate invoice links v1"
_PREVIEWS: Final = b"plangate preview tokens v1"
_NAMED: Final = b"plangate named secrets v1"
_LINK: Final = re.compile(r"(inv_[0-9a-z]{26})\.([0-9a-f]{1,14})\.(ivl_[0-9A-Za-z]{43})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class RealSecrets:
    """Secrets of 256 random bits: `<prefix>_` and 43 characters of base 62."""

    def new(self, prefix: str) -> str:
        """Make a fresh secret."""
        return f"{prefix}_{_base62(secrets.randbits(BITS))}"

    def digest(self, secret: str) -> str:
        """Make the SHA-256 of a secret, in hex.

        A slow hash guards what people choose; 256 random bits cannot be guessed, and a plain digest can be looked up.
        """
        return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class _Key:
    """A key that is made from PLANGATE_SECRET (HKDF-SHA256) once it is wanted: what makes it takes a while to load."""

    def __init__(self, secret: str, purpose: bytes) -> None:
        self._secret = secret
        self._purpose = purpose

    @cached_property
    def derived(self) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  (few processes want any of their keys)
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415  (as above)

        return HKDF(algorithm=SHA256(), length=32, salt=None, info=self._purpose).derive(self._secret.encode())


class NamedSecrets(RealSecrets):
    """Secrets that belong to a name (HMAC-SHA256): whoever holds the program's secret makes the same ones again."""

    def __init__(self, secret: str, name: str) -> None:
        """Have a key of its own."""
        self._key = _Key(secret, _NAMED)
        self._name = name

    def new(self, prefix: str) -> str:
        """Make the name's secret."""
        digest = hmac.digest(self._key.derived, f"{prefix}.{self._name}".encode(), "sha256")
        return f"{prefix}_{_base62(int.from_bytes(digest))}"


class SecretUnreadable(Exception):  # noqa: N818  (the secret or the text is another than when it was sealed)
    """What was sealed cannot be opened: another PLANGATE_SECRET, or a changed text."""


class InvoiceLinks:
    """The last part of an invoice's address: its id, when the link was made, and a signature (HMAC-SHA256) of both.

    Nothing is kept of a link: who holds the program's secret can tell whether it made one.
    """

    def __init__(self, secret: str) -> None:
        """Have a key of its own."""
        self._key = _Key(secret, _LINKS)

    def make(self, invoice_id: str, at: datetime) -> str:
        """Make a link to an invoice at the real instant `at`."""
        said = f"{invoice_id}.{(at - _EPOCH) // _MICROSECOND:x}"
        return f"{said}.{self._signature(said)}"

    def read(self, link: str) -> tuple[str, datetime] | None:
        """Which invoice a link of ours leads to, and when it was made; None for any other text."""
        found = _LINK.fullmatch(link)
        if found is None or not hmac.compare_digest(found[3], self._signature(f"{found[1]}.{found[2]}")):
            return None
        return found[1], _EPOCH + int(found[2], 16) * _MICROSECOND

    def _signature(self, said: str) -> str:
        digest = hmac.digest(self._key.derived, said.encode(), "sha256")
        return f"ivl_{_base62(int.from_bytes(digest))}"


class PreviewTokens:
    """What a preview showed, and a signature (HMAC-SHA256) of it and of the environment, with a key of its own.

    Nothing is kept of a token: who holds the program's secret can tell whether it made one.
    """

    def __init__(self, secret: str) -> None:
        """Have a key of its own."""
        self._key = _Key(secret, _PREVIEWS)

    def make(self, environment_id: str, said: str) -> str:
        """Sign what was shown in an environment."""
        return f"{said}.{self._signature(environment_id, said)}"

    def read(self, environment_id: str, token: str) -> str | None:
        """What a token of ours says; None for any other text, and for another environment's."""
        said, _, signature = token.rpartition(".")
        right = self._signature(environment_id, said)
        return said if hmac.compare_digest(_bytes(signature), right.encode()) else None

    def _signature(self, environment_id: str, said: str) -> str:
        digest = hmac.digest(self._key.derived, _bytes(f"{environment_id}.{said}"), "sha256")
        return f"prv_{_base62(int.from_bytes(digest))}"


class Sealed:
    """Encrypts texts with a key made from PLANGATE_SECRET (HKDF-SHA256, AES-256-GCM).

    No slow derivation: the secret has to be random and at least 32 characters, not a word that someone remembers.
    """

    def __init__(self, secret: str) -> None:
        """Have a key of its own."""
        self._key = _Key(secret, _PURPOSE)

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  (few processes seal anything)

        return AESGCM(self._key.derived)

    def seal(self, text: str, about: str) -> str:
        """Encrypt a text; it opens only for what it is `about`."""
        nonce = secrets.token_bytes(_NONCE)
        hidden = nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())
        return f"{_VERSION}.{urlsafe_b64encode(hidden).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """Decrypt; raises `SecretUnreadable`."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  (as above)

        version, _, body = sealed.partition(".")
        if version != _VERSION:
            raise SecretUnreadable("It was sealed in a way that is not known here.")
        try:
            hidden = urlsafe_b64decode(body)
            return self._cipher.decrypt(hidden[:_NONCE], hidden[_NONCE:], about.encode()).decode()
        except (InvalidTag, NotBase64, ValueError):
            raise SecretUnreadable("It was sealed with another PLANGATE_SECRET, or changed since.") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base62(number: int) -> str:
    found: list[str] = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(DIGITS))
        found.append(DIGITS[digit])
    return "".join(reversed(found))
