"""Refusals of ends: what excludes itself, and what cannot be avoided or given back."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(slots=True)
class RefundNeedsImmediateEnd(Refusal):
    """Money goes back only where a subscription ends now; with a later end the unused part is credited. (C5)"""


@dataclass(slots=True)
class NothingUnused(Refusal):
    """It takes effect at a period's end: nothing of what was paid is unused, so nothing is prorated. (C8, C18)"""


@dataclass(slots=True)
class RefundOrCredit(Refusal):
    """Unused days are credited or refunded, not both."""


@dataclass(slots=True)
class AccessOrMoney(Refusal):
    """Paid days are used up or given back as money, not both. (K1)"""


@dataclass(slots=True)
class AccessOrPlan(Refusal):
    """The end leads to another plan, at once: paid days are used up by ending when the period ends. (K1, S7)"""


@dataclass(slots=True)
class AccessNeedsImmediateEnd(Refusal):
    """Until a later end access goes on by itself: only an end now can leave it. (K1)"""


@dataclass(slots=True)
class ProrationUnavoidable(Refusal):
    """The date is inside a period that is not billed yet: its invoice is of the shortened period in any case. (C17)

    `period_start` is when that period begins. Of a change: its interval would cut a paid period, whose rest is lost.
    """

    period_start: datetime | None = None


@dataclass(slots=True)
class RefundAlreadyMade(Refusal):
    """The last payment was paid back when the end was set: the end stands, and can only be brought nearer. (K14)"""


class Unfit(StrEnum):
    """Why a subscription takes the place of no other."""

    SAME = "SAME"
    OTHER_CUSTOMER = "OTHER_CUSTOMER"
    ENDED = "ENDED"


UNFIT_MEANINGS: Mapping[Unfit, str] = MappingProxyType(
    {
        Unfit.SAME: "It is the one that is cancelled.",
        Unfit.OTHER_CUSTOMER: "It is another customer's.",
        Unfit.ENDED: "It has ended itself.",
    },
)


@dataclass(slots=True)
class NotAReplacement(Refusal):
    """The subscription that is named cannot have taken this one's place. (K6)

    `why` says what it is instead.
    """

    why: Unfit | None = None
