"""Addresses that a deployment gives: checked when the program starts, not when somebody needs them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.files import file_of

SQLITE: Final = "sqlite+aiosqlite"
POSTGRESQL: Final = "postgresql+asyncpg"
_DRIVERS: Final = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "postgres": POSTGRESQL}
_OPTIONS: Final = frozenset({"host", "port", "ssl", "passfile", "direct_tls", "target_session_attrs", "krbsrvname"})
_PORTS: Final = range(1, 65_536)


def database_address(value: str) -> str:
    """Name the driver that is used here; raises ValueError where nothing could be opened by this."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("it is not the address of a database") from None
    driver = _DRIVERS.get(url.drivername, url.drivername)
    if driver not in (SQLITE, POSTGRESQL):
        raise ValueError("it is neither sqlite nor postgresql")
    file_of(value)
    url = _as_asyncpg(url) if driver == POSTGRESQL else url
    unknown = sorted(set(url.query) - (_OPTIONS if driver == POSTGRESQL else frozenset()))
    if unknown:
        raise ValueError(f"it has an option that is not known: {unknown[0]}")
    return url.set(drivername=driver).render_as_string(hide_password=False)


def public_address(value: str | None) -> str | None:
    """Take a web address without the last slash; raises ValueError where no link could begin so."""
    if not value:
        return None
    if not value.startswith(("http://", "https://")):
        raise ValueError("it has to begin with http:// or https://")
    try:
        parts = urlsplit(value)
        odd = not parts.hostname or parts.port == 0
    except ValueError:
        odd = True
        parts = None
    if odd or parts is None or not value.isprintable() or " " in value or "\\" in value:
        raise ValueError("it has no host, or an impossible one")
    if "@" in parts.netloc or "?" in value or "#" in value:
        raise ValueError("it can have a host, a port and a path, and nothing else")
    return value.rstrip("/")


def host(value: str) -> str:
    """Take a host name or an address; raises ValueError for what is neither."""
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("it is no host name and no address")
    return value


def _as_asyncpg(url: URL) -> URL:
    """Take `sslmode`, as other programs write it, for `ssl`."""
    if url.port is not None and url.port not in _PORTS:
        raise ValueError("its port is not between 1 and 65535")
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
