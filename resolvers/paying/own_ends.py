"""Why Plangate itself ends a subscription, written down as any other cancellation is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.ending import AUTOMATIC, EndTerms
from billing.lifecycle import CancelTiming, Channel
from models.stores.kept import terms_kept
from models.tables.subscription import CancellationRow

if TYPE_CHECKING:
    from datetime import datetime

    from billing.lifecycle import CancelReason
    from models.work import Work


def cancellation(
    work: Work,
    customer_id: str,
    subscription_id: str,
    reason: CancelReason,
    timing: CancelTiming,
    effective_at: datetime,
    change_id: str = "",
) -> CancellationRow:
    """Write down why Plangate itself ends a subscription."""
    return CancellationRow(
        id=work.ids.new("can"),
        environment_id=work.environment_id,
        customer_id=customer_id,
        subscription_id=subscription_id,
        scheduled_change_id=change_id,
        timing=timing,
        reason=reason,
        channel=Channel.WORKER,
        requested_at=work.at,
        effective_at=effective_at,
        terms=terms_kept(EndTerms() if timing is CancelTiming.END_OF_PERIOD else AUTOMATIC),
    )
