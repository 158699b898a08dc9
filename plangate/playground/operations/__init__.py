"""Saved operations by task, with variables that fit the demo's catalog and customers."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from plangate.playground.operations.cancelling import CANCELLING
from plangate.playground.operations.catalog import CATALOG
from plangate.playground.operations.changing import CHANGING
from plangate.playground.operations.checks import CHECKS
from plangate.playground.operations.customers import CUSTOMERS
from plangate.playground.operations.running import RUNNING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plangate.playground.saved import SavedOperation

OPERATIONS: Final[tuple[SavedOperation, ...]] = (*CATALOG, *CUSTOMERS, *CHECKS, *CHANGING, *CANCELLING, *RUNNING)

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"sub": "subscription", "sch": "scheduledChange", "gra": "grant", "rsv": "reservation"}
)
"""Which placeholder an id of an act's answer fills, by its prefix; what the demo has filled in stays."""
