"""What customers may do themselves, as data. Precedence: plan, then product, then environment. (K3, P1-P17)"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


class CancellationMode(StrEnum):
    """How a customer's own cancellation takes effect. (P4)"""

    END_OF_PERIOD = "END_OF_PERIOD"
    IMMEDIATE = "IMMEDIATE"


CANCELLATION_MODE_MEANINGS: Mapping[CancellationMode, str] = MappingProxyType(
    {
        CancellationMode.END_OF_PERIOD: "It takes effect when the present period ends; can be undone until then.",
        CancellationMode.IMMEDIATE: "It takes effect at once, after a confirmation. (P13)",
    },
)


@dataclass(frozen=True, slots=True)
class SelfServicePolicy:
    """What the environment lets customers do; `instructions` is shown where a way is closed.

    `allow_instalment_cancel` is for what is paid in instalments: a sum that was agreed on. (K4)
    """

    allow_cancel: bool = True
    allow_change: bool = True
    mode: CancellationMode = CancellationMode.END_OF_PERIOD
    instructions: str | None = None
    allow_instalment_cancel: bool = False
