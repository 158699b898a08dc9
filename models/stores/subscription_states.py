"""The state of a subscription, judged in SQL by the rule of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, and_, case, exists, or_

from billing.lifecycle import LIVE, ChangeKind, ChangeStatus, State, Status
from billing.trials import TrialEnding
from models.tables.base import table
from models.tables.subscription import ScheduledChangeRow, SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

S = table(SubscriptionRow)
H = table(ScheduledChangeRow)
E = H.alias("ending")
T = H.alias("tried")


def status_sql(at: datetime) -> ColumnElement[str]:
    """Judge the status of a stored subscription as of `at`, but for an end that is due: `state_sql` knows that."""
    trying = and_(S.c.trial_end.is_not(None), S.c.trial_end > at)
    tried = exists().where(H.c.subscription_id == S.c.id, H.c.status == ChangeStatus.PENDING)
    tried = tried.where(H.c.applies_at <= at, H.c.trial_end > at)
    able = S.c.status.in_([Status.NOT_STARTED, Status.TRIALING, Status.ACTIVE])
    status = case(
        (untimely_leads_sql(at), Status.ACTIVE.value),
        (untimely_sql(at, TrialEnding.CANCEL), Status.CANCELED.value),
        (untimely_sql(at, TrialEnding.PAUSE), Status.PAUSED.value),
        (completed_sql(at), Status.COMPLETED.value),
        (and_(able, S.c.last_phase_at.is_not(None), tried), Status.TRIALING.value),
        (and_(S.c.status == Status.NOT_STARTED, S.c.starts_at > at), Status.NOT_STARTED.value),
        (and_(S.c.status.in_([Status.NOT_STARTED, Status.TRIALING]), trying), Status.TRIALING.value),
        (S.c.status.in_([Status.NOT_STARTED, Status.TRIALING]), Status.ACTIVE.value),
        else_=cast("ColumnElement[str]", S.c.status),
    )
    return cast("ColumnElement[str]", status)


def state_sql(at: datetime) -> ColumnElement[str]:
    """Judge the state of a stored subscription as of `at`, by the rule that `as_of` and `Facts.state` follow."""
    live = S.c.status.in_([status.value for status in LIVE])
    judged = case(
        (and_(live, goes_on_sql(at)), Status.ACTIVE.value),
        (untimely_sql(at, TrialEnding.CANCEL), Status.CANCELED.value),
        (and_(live, ends_sql(at) <= at), Status.CANCELED.value),
        (and_(live, ends_sql(at).is_not(None)), State.PENDING_CANCELLATION.value),
        else_=status_sql(at),
    )
    return cast("ColumnElement[str]", judged)


def untimely_sql(at: datetime, ending: TrialEnding) -> ColumnElement[bool]:
    """Judge whether the trial that a stored subscription began with ended like this, for want of a payment method.

    Not where an end came first, or a phase that is a trial took its place.
    """
    over = and_(S.c.trial_end <= at, S.c.period_start == S.c.starts_at)
    began = S.c.status.in_([Status.NOT_STARTED, Status.TRIALING])
    lacks = and_(S.c.trial_ending == ending, S.c.method_missing)
    longer = exists().where(T.c.subscription_id == S.c.id, T.c.status == ChangeStatus.PENDING)
    longer = longer.where(T.c.applies_at < S.c.trial_end, T.c.trial_end.is_not(None))
    return and_(lacks, began, over, or_(ends_sql(at).is_(None), ends_sql(at) > S.c.trial_end), ~longer)


def untimely_leads_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether such an end of a trial has come and led to a plan. (S7)"""
    return and_(S.c.trial_leads_to.is_not(None), untimely_sql(at, TrialEnding.CANCEL))


def completed_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether a stored subscription was completed by time alone; who was behind with a payment was not. (K4)"""
    able = S.c.status.in_([Status.NOT_STARTED, Status.TRIALING, Status.ACTIVE])
    return and_(able, ends_sql(at).is_(None), S.c.completes_at.is_not(None), S.c.completes_at <= at)


def ends_sql(at: datetime) -> ColumnElement[datetime | None]:
    """Judge when a pending cancellation ends a stored subscription, as of `at`: a schedule's from the last phase on."""
    ends = case(
        (S.c.cancel_at.is_not(None), S.c.cancel_at),
        (S.c.last_phase_at <= at, S.c.schedule_cancel_at),
    )
    return cast("ColumnElement[datetime | None]", ends)


def goes_on_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether the end of a stored subscription has come and led to a plan; what never began just ends. (S7)"""
    leads = exists().where(E.c.subscription_id == S.c.id, E.c.status == ChangeStatus.PENDING)
    leads = leads.where(E.c.kind == ChangeKind.CANCEL, E.c.applies_at <= at, E.c.target.is_not(None))
    began = or_(S.c.status != Status.NOT_STARTED, S.c.starts_at < ends_sql(at))
    came = and_(ends_sql(at) <= at, ~untimely_sql(at, TrialEnding.CANCEL))
    return or_(and_(came, S.c.status != Status.INCOMPLETE, began, leads), untimely_leads_sql(at))


def moves_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether a pending change that is due puts its subscription on a plan: nothing does after the end."""
    due = and_(H.c.status == ChangeStatus.PENDING, H.c.applies_at <= at, ~H.c.until_fits)
    in_time = or_(S.c.cancel_at.is_(None), S.c.cancel_at > H.c.applies_at)
    in_time = and_(in_time, or_(~untimely_sql(at, TrialEnding.CANCEL), H.c.applies_at < S.c.trial_end))
    ends = and_(H.c.kind == ChangeKind.CANCEL, H.c.target.is_not(None), goes_on_sql(at))
    return and_(due, or_(and_(H.c.kind == ChangeKind.PLAN_CHANGE, in_time), and_(ends, H.c.applies_at == ends_sql(at))))


def collected_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether payments of a stored subscription are collected as of `at`. (C1)"""
    return or_(S.c.collection_behavior.is_(None), S.c.collection_resumes_at <= at)


def settled_sql(at: datetime) -> ColumnElement[bool]:
    """Judge whether a stored subscription holds the plan and quantities that it has as of `at`.

    Where not, a change is due that nobody made permanent yet: only the engine knows what it leads to.
    """
    kinds = (ChangeKind.PLAN_CHANGE, ChangeKind.QUANTITY)
    leads = or_(H.c.kind.in_(kinds), and_(H.c.kind == ChangeKind.CANCEL, H.c.target.is_not(None)))
    due = exists().where(H.c.subscription_id == S.c.id, H.c.status == ChangeStatus.PENDING)
    due = due.where(leads, H.c.applies_at <= at, ~H.c.until_fits)
    still = and_(~due, ~untimely_leads_sql(at))
    return or_(S.c.ended_at.is_not(None), S.c.due_at.is_(None), S.c.due_at > at, still)
