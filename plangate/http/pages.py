"""A page that is served as it is."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page in UTF-8 with the headers it needs, its content security policy among them."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
