"""Files to import."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def customer(name: str, **more: Any) -> dict[str, Any]:
    """A customer's line."""
    return {"type": "customer", "externalId": name, **more}


def subscription(name: str, of: str, **more: Any) -> dict[str, Any]:
    """A subscription's line: the free plan since June 2023."""
    begun = {"plan": "free", "startsAt": "2023-06-10T00:00:00Z"}
    return {"type": "subscription", "externalId": name, "customer": of, **begun, **more}


def usage(name: str, of: str, **more: Any) -> dict[str, Any]:
    """A usage line: two in December 2023."""
    used = {"feature": "lfs_bandwidth", "amount": "2", "occurredAt": "2023-12-20T00:00:00Z"}
    return {"type": "usage", "externalId": name, "customer": of, **used, **more}


def grant(name: str, of: str, **more: Any) -> dict[str, Any]:
    """A grant's line."""
    return {"type": "grant", "externalId": name, "customer": of, "feature": "lfs_bandwidth", "amount": "5", **more}


def base(customers: int) -> list[dict[str, Any]]:
    """Customers, each with a subscription, some usage and a grant."""
    lines: list[dict[str, Any]] = []
    for number in range(customers):
        name = f"c{number}"
        lines += [customer(name), subscription(f"{name}-s", name), usage(f"{name}-u", name), grant(f"{name}-g", name)]
    return lines


def write(file: Path, lines: Iterable[dict[str, Any] | str | bytes]) -> Path:
    """Write lines, of JSON or as they are."""
    with file.open("wb") as opened:
        for line in lines:
            if isinstance(line, bytes):
                opened.write(line + b"\n")
            else:
                opened.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")
    return file
