"""Between a subscription's rows and its values."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.calendar import Interval, Period
from billing.ending import EndTerms
from billing.instalments import Instalments
from billing.lifecycle import CancelReason, CancelTiming, ChangeKind, ChangeStatus, Channel
from billing.limit_refusals import Above
from billing.subscriptions import CollectionPause, Facts, Item, Scheduled, next_due
from billing.trials import ended_unpaid
from models.choices import Collection
from models.stores.kept import phase_kept, phase_read, target_kept, target_read, terms_read
from models.tables.subscription import ScheduledChangeRow, SubscriptionRow
from models.views import CancellationView, ScheduledChangeView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any


def new_row(facts: Facts, **columns: Any) -> SubscriptionRow:  # noqa: ANN401  (the row's own columns)
    """Make the row of a new subscription from its facts."""
    return SubscriptionRow(id=facts.id, **columns_of(facts), **columns)


def change_row(environment_id: str, view: ScheduledChangeView, zone: ZoneInfo) -> ScheduledChangeRow:
    """Make the row of a pending change; the local time lets a change of the zone data move it."""
    return ScheduledChangeRow(
        id=view.id,
        environment_id=environment_id,
        customer_id=view.customer_id,
        subscription_id=view.subscription_id,
        kind=view.kind,
        item=view.item,
        status=view.status,
        applies_at=view.applies_at,
        zone=zone.key,
        local_time=local_time(view.applies_at, zone),
        target=target_kept(view.target) if view.target else None,
        quantity=view.quantity,
        requested_at=view.requested_at,
        actor=view.actor,
        channel=view.channel,
        job_id=view.job_id,
        schedule_id=view.schedule_id,
        phase=phase_kept(view.phase) if view.phase else None,
        trial_end=view.phase.trial_end if view.phase else None,
        until_fits=view.until_fits,
    )


def columns_held_back(view: ScheduledChangeView, zone: ZoneInfo) -> dict[str, Any]:
    """The columns of a change that is tried again later."""
    return {
        "applies_at": view.applies_at,
        "local_time": local_time(view.applies_at, zone),
        "held_back_at": view.held_back_at,
        "blocked_by": [asdict(each) for each in view.blocked_by],
    }


def local_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the clocks of a zone show it."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat()


def columns_of(facts: Facts) -> dict[str, Any]:
    """The columns that keep these facts."""
    pause = facts.collection_pause
    return {
        "status": facts.status,
        "currency": facts.currency,
        "plan_id": facts.plan_id,
        "plan_version_id": facts.plan_version_id,
        "every": facts.interval.unit,
        "count": facts.interval.count,
        "zone": facts.zone.key,
        "anchor": facts.anchor,
        "starts_at": facts.starts_at,
        "trial_end": facts.trial_end,
        "period_start": facts.period.start,
        "period_end": facts.period.end,
        "natural_end": facts.natural_end,
        "cancel_at": facts.cancel_at,
        "access_until": facts.access_until,
        "ended_at": facts.ended_at,
        "collection": Collection.ON if pause is None else Collection.PAUSED,
        "collection_behavior": pause.behavior if pause else None,
        "collection_resumes_at": pause.resumes_at if pause else None,
        "grace_until": facts.grace_until,
        "billing_mode": facts.billing_mode,
        "anchor_chosen": facts.anchor_chosen,
        "anchor_follows": facts.anchor_follows,
        "anchor_before": facts.anchor_before,
        "schedule_cancel_at": facts.schedule_cancel_at,
        "last_phase_at": facts.last_phase_at,
        "went_on_at": facts.went_on_at,
        "instalments": facts.instalments.count if facts.instalments else 0,
        "access_after_completion": facts.instalments.after if facts.instalments else None,
        "completes_at": facts.instalments.completes_at if facts.instalments else None,
        "trial_ending": facts.trial_ending,
        "method_missing": facts.method_missing,
        "instalments_before": facts.instalments.before if facts.instalments else 0,
        "trial_leads_to": target_kept(facts.trial_leads_to) if facts.trial_leads_to else None,
        "due_at": next_due(facts),
    }


def facts_of_row(
    found: Mapping[str, Any],
    items: Iterable[Mapping[str, Any]],
    changes: Iterable[Mapping[str, Any]],
) -> Facts:
    """Read facts from a row, its items and its pending changes."""
    return Facts(
        id=found["id"],
        status=found["status"],
        starts_at=found["starts_at"],
        trial_end=found["trial_end"],
        anchor=found["anchor"],
        interval=Interval(found["every"], found["count"]),
        zone=ZoneInfo(found["zone"]),
        period=Period(found["period_start"], found["period_end"]),
        natural_end=found["natural_end"],
        plan_id=found["plan_id"],
        plan_version_id=found["plan_version_id"],
        items=tuple(
            Item(item["plan_id"], item["plan_version_id"], item["price_id"], item["quantity"], item["add_on"])
            for item in items
        ),
        scheduled=tuple(
            Scheduled(
                id=change["id"],
                kind=change["kind"],
                applies_at=change["applies_at"],
                item=change["item"],
                target=target_read(change["target"]) if change["target"] else None,
                quantity=change["quantity"],
                job_id=change["job_id"] or "",
                schedule_id=change["schedule_id"] or "",
                phase=phase_read(change["phase"], change["trial_end"]),
                until_fits=change["until_fits"],
            )
            for change in changes
        ),
        currency=found["currency"],
        ended_at=found["ended_at"],
        access_until=found["access_until"],
        collection_pause=_pause(found),
        grace_until=found["grace_until"],
        billing_mode=found["billing_mode"],
        anchor_chosen=found["anchor_chosen"],
        anchor_follows=found["anchor_follows"],
        anchor_before=found["anchor_before"],
        went_on_at=found["went_on_at"],
        instalments=_instalments(found),
        trial_ending=found["trial_ending"],
        method_missing=found["method_missing"],
        trial_leads_to=target_read(found["trial_leads_to"]) if found["trial_leads_to"] else None,
    )


def _instalments(found: Mapping[str, Any]) -> Instalments | None:
    if found["completes_at"] is None:
        return None
    agreed = found["instalments"], found["access_after_completion"], found["completes_at"]
    return Instalments(*agreed, found["instalments_before"])


def _pause(found: Mapping[str, Any]) -> CollectionPause | None:
    behavior = found["collection_behavior"]
    return None if behavior is None else CollectionPause(behavior, found["collection_resumes_at"])


def change_view(found: Mapping[str, Any]) -> ScheduledChangeView:
    """Read a scheduled change; a plan change tells the quantity that it leads to."""
    target = target_read(found["target"]) if found["target"] else None
    held = max((item.quantity for item in target.items if not item.add_on), default=None) if target else None
    return ScheduledChangeView(
        id=found["id"],
        customer_id=found["customer_id"],
        subscription_id=found["subscription_id"],
        kind=found["kind"],
        item=found["item"],
        status=found["status"],
        applies_at=found["applies_at"],
        target=target,
        quantity=found["quantity"] if target is None else held,
        requested_at=found["requested_at"],
        actor=found["actor"],
        channel=found["channel"],
        job_id=found["job_id"],
        schedule_id=found["schedule_id"],
        phase=phase_read(found["phase"], found["trial_end"]),
        until_fits=found["until_fits"],
        held_back_at=found["held_back_at"],
        blocked_by=tuple(Above(**each) for each in found["blocked_by"] or ()),
    )


def change_as_of(change: ScheduledChangeView, facts: Facts | None) -> ScheduledChangeView:
    """A change by the facts of its subscription as of an instant: what waits no more by then is settled."""
    if facts is None or change.status is not ChangeStatus.PENDING:
        return change
    if any(pending.id == change.id for pending in facts.scheduled):
        return change
    over = facts.ended_at or facts.went_on_at
    ended = over is not None and change.requested_at < over <= change.applies_at
    dropped = ended and (change.kind is not ChangeKind.CANCEL or change.applies_at != over)
    return replace(change, status=ChangeStatus.DROPPED if dropped else ChangeStatus.APPLIED)


def present_cancellation(facts: Facts, found: Mapping[str, Any] | None) -> CancellationView | None:
    """The latest cancellation; where a trial's end was one that nobody made permanent yet, that."""
    kept = cancellation_view(found) if found else None
    at = facts.trial_end
    if at is None or not ended_unpaid(facts):
        return kept
    if kept and kept.undone_at is None and (kept.effective_at <= at or kept.requested_at >= at):
        return kept
    return CancellationView(
        id="",
        timing=CancelTiming.END_OF_PERIOD,
        reason=CancelReason.NO_PAYMENT_METHOD,
        comment=None,
        said_by=None,
        actor="",
        channel=Channel.WORKER,
        requested_at=at,
        effective_at=at,
        undone_at=None,
        terms=EndTerms(),
    )


def cancellation_view(found: Mapping[str, Any]) -> CancellationView:
    """Read who asked to end a subscription and why."""
    return CancellationView(
        id=found["id"],
        timing=found["timing"],
        reason=found["reason"],
        comment=found["comment"],
        said_by=found["said_by"],
        actor=found["actor"],
        channel=found["channel"],
        requested_at=found["requested_at"],
        effective_at=found["effective_at"],
        undone_at=found["undone_at"],
        terms=terms_read(found["terms"]),
        replaced_by_id=found["replaced_by_id"],
    )
