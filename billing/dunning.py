"""When a failed payment is tried again, and what comes after the last attempt. (C2)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.invoicing.policy import AfterDunning, Dunning

PUNCTUAL: Final = timedelta(hours=1)
"""An attempt that is later than this was overdue: what remains keeps its intervals from when it was made."""

DISPUTE_DELAY: Final = timedelta(hours=1)
"""So long after a full dispute was opened it takes effect. (C10)"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that counts: when it was to be made, and when it was."""

    scheduled_at: datetime
    made_at: datetime

    @property
    def since(self) -> datetime:
        """From when the next interval runs."""
        return self.made_at if self.made_at - self.scheduled_at > PUNCTUAL else self.scheduled_at


def next_attempt(policy: Dunning, attempts: Sequence[Attempt], at: datetime) -> datetime | AfterDunning:
    """When to try again after the latest of `attempts` was seen to have failed at `at`, or what becomes of it all.

    Only attempts that were made count. Of several that were overdue one is made, and the rest keep their intervals from
    there: nobody is given up for attempts that were not made. (After downtime)
    """
    made = len(attempts)
    if made >= policy.attempts:
        return policy.after
    if not attempts:
        return at
    before = policy.retry_days[made - 2] if made > 1 else 0
    interval = timedelta(days=policy.retry_days[made - 1] - before)
    planned = attempts[-1].since + interval
    return planned if planned > at else at + interval
