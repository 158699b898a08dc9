"""Payment providers: one file each, found by being here. A file offers `gateway(database)`; its name is the provider's.

The name stands in payment methods and payments. (K5)
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from billing.ports import Gateway
    from models.session import Database


def gateways(database: Database) -> Mapping[str, Gateway]:
    """Open every provider, by name."""
    return {name: gateway(database) for name, gateway in _found().items()}


@cache
def _found() -> Mapping[str, Callable[[Database], Gateway]]:
    return {found.name: import_module(f"{__name__}.{found.name}").gateway for found in iter_modules(__path__)}
