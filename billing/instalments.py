"""Instalment plans: a sum that is paid in so many parts, and then the subscription is completed. (K4)

- The instant of completion is the end of the last paid period: as many boundaries after the first paid period's start
  as there are instalments. It is known from the beginning, a trial included, and nothing moves it.
- It comes by time alone where everything counts as paid, as a renewal does. Who is behind with a payment by then stays
  so, with nothing more to come, and is completed by the payment that was missing.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.calendar import boundary, period_at
from billing.dataclass import dataclass
from billing.lifecycle import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.calendar import Interval
    from billing.subscribed import Subscribed
    from billing.subscriptions import Facts

FEWEST_INSTALMENTS = 2
MOST_INSTALMENTS = 120


class AccessAfterCompletion(StrEnum):
    """Whether a subscription gives what it gave once all its instalments are paid."""

    KEEP = "KEEP"
    END = "END"


ACCESS_AFTER_COMPLETION_MEANINGS: Mapping[AccessAfterCompletion, str] = MappingProxyType(
    {
        AccessAfterCompletion.KEEP: "It goes on without end: what was bought was paid for.",
        AccessAfterCompletion.END: "It ends with the last paid period.",
    },
)


@dataclass(frozen=True, slots=True)
class Instalments:
    """How many payments were agreed, what remains afterwards, and when the last paid period ends.

    `before` is how many of them were paid to whoever billed before us.
    """

    count: int
    after: AccessAfterCompletion
    completes_at: datetime
    before: int = 0


def agreed(
    count: int, after: AccessAfterCompletion, first: datetime, interval: Interval, zone: ZoneInfo
) -> Instalments:
    """Agree on instalments whose first period begins at `first`, which is the anchor."""
    return Instalments(count, after, boundary(first, interval, count, zone))


def taken_over(
    count: int,
    after: AccessAfterCompletion,
    paid: int,
    rest: datetime,
    anchor: datetime,
    interval: Interval,
    zone: ZoneInfo,
) -> Instalments:
    """Take over instalments of which some are paid; what is left of them is paid from `rest` on."""
    for _ in range(count - paid):
        rest = period_at(anchor, interval, rest, zone).end
    return Instalments(count, after, rest, paid)


def in_last_period(facts: Facts) -> bool:
    """Whether no further instalment comes after the present period."""
    return facts.instalments is not None and facts.natural_end >= facts.instalments.completes_at


def over(facts: Subscribed, at: datetime) -> bool:
    """Whether the last period that instalments pay for is over, whatever is still owed."""
    return facts.instalments is not None and facts.instalments.completes_at <= at


def ends_with_them(facts: Subscribed) -> bool:
    """Whether nothing is given beyond the last period that instalments pay for."""
    return facts.instalments is None or facts.instalments.after is AccessAfterCompletion.END


def kept(facts: Subscribed) -> bool:
    """Whether it is completed and gives for good what it gave."""
    return facts.status is Status.COMPLETED and not ends_with_them(facts)


def completed(facts: Facts, at: datetime) -> Facts:
    """All instalments are paid: nothing more comes, and nothing can be changed any more. (K4, C3)"""
    return replace(facts, status=Status.COMPLETED, ended_at=at, scheduled=())
