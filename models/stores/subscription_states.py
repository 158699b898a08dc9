"""The state of a subscription, judged in SQL by the rule of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, and_, case

from billing.lifecycle import LIVE, State, Status
from models.tables.base import table
from models.tables.subscription import SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

S = table(SubscriptionRow)


def state_sql(at: datetime) -> ColumnElement[str]:
    """Judge the state of a stored subscription as of `at`, by the rule that `as_of` and `Facts.state` follow."""
    live = S.c.status.in_([status.value for status in LIVE])
    trying = and_(S.c.trial_end.is_not(None), S.c.trial_end > at)
    status = case(
        (and_(S.c.status == Status.NOT_STARTED, S.c.starts_at > at), Status.NOT_STARTED.value),
        (and_(S.c.status.in_([Status.NOT_STARTED, Status.TRIALING]), trying), Status.TRIALING.value),
        (S.c.status.in_([Status.NOT_STARTED, Status.TRIALING]), Status.ACTIVE.value),
        else_=cast("ColumnElement[str]", S.c.status),
    )
    judged = case(
        (and_(live, S.c.cancel_at <= at), Status.CANCELED.value),
        (and_(live, S.c.cancel_at.is_not(None)), State.PENDING_CANCELLATION.value),
        else_=status,
    )
    return cast("ColumnElement[str]", judged)
