"""Notice: how long before its end a cancellation is said. (P8, P11)

The clock starts at the click, and runs in whole days of the billing zone: the subscription ends at the local midnight
that ends the last day of the notice, or with the next payment where that comes later. In a trial it ends with that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.calendar import midnight_after, months_after
from billing.dataclass import dataclass
from billing.instalments import in_last_period
from billing.lifecycle import Status
from billing.refusals import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.subscriptions import Facts

MOST_DAYS = 365
MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Notice:
    """So many days, or so many months: the same day of that month, or its last where it is shorter."""

    days: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no notice."""
        if (self.days is None) == (self.months is None):
            raise InvalidInput("Give days or months, not both.", field="notice")
        if self.days is not None and not 1 <= self.days <= MOST_DAYS:
            raise InvalidInput(f"A notice has 1 to {MOST_DAYS} days.", field="notice.days")
        if self.months is not None and not 1 <= self.months <= MOST_MONTHS:
            raise InvalidInput(f"A notice has 1 to {MOST_MONTHS} months.", field="notice.months")

    def over_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The local midnight that ends its last day: 10 Jan 14:00 and 30 days give 10 Feb 00:00."""
        if self.months is None:
            return midnight_after(at, zone, self.days or 0)
        return midnight_after(months_after(at, zone, self.months), zone)


def ends_after_notice(facts: Facts, notice: Notice, at: datetime, *, billed: bool) -> datetime:
    """When it ends: never before the next payment, where there is one."""
    if facts.status is Status.TRIALING and facts.trial_end is not None:
        return facts.trial_end
    over, next_ = notice.over_at(at, facts.zone), _next_payment(facts) if billed else None
    return over if next_ is None else max(over, next_)


def _next_payment(facts: Facts) -> datetime | None:
    if facts.status is Status.NOT_STARTED:
        return facts.trial_end or facts.starts_at
    return None if facts.status is Status.PAUSED or in_last_period(facts) else facts.natural_end
