"""Facts, targets and terms as JSON: what a scheduled change leads to, what a subscription was, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from billing.calendar import Interval, IntervalUnit, Period
from billing.ending import EndAccess, EndAsked, EndPreset, EndRefund, EndTerms, OpenInvoices, PendingItems
from billing.instalments import AccessAfterCompletion, Instalments
from billing.invoicing.values import BillingMode
from billing.lifecycle import ChangeKind, CollectionBehavior, Status
from billing.subscriptions import CollectionPause, Facts, Item, Phase, Scheduled, Target
from billing.trials import TrialEnding
from models.types import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime


def target_kept(target: Target) -> dict[str, Any]:
    """Write a target."""
    return {
        "plan_id": target.plan_id,
        "plan_version_id": target.plan_version_id,
        "every": target.interval.unit.value,
        "count": target.interval.count,
        "currency": target.currency,
        "items": [_item_kept(item) for item in target.items],
    }


def target_read(kept: dict[str, Any]) -> Target:
    """Read what `target_kept` wrote."""
    return Target(
        plan_id=kept["plan_id"],
        plan_version_id=kept["plan_version_id"],
        items=tuple(Item(**item) for item in kept["items"]),
        interval=Interval(IntervalUnit(kept["every"]), kept["count"]),
        currency=kept["currency"],
    )


def phase_kept(phase: Phase) -> dict[str, Any]:
    """Write what a phase brings beside its plan; the trial's end has a column of its own."""
    return {
        "coupon_id": phase.coupon_id,
        "prorate": phase.prorate,
        "invoice_now": phase.invoice_now,
        "restarts": phase.restarts,
        "promotion_code_id": phase.promotion_code_id,
    }


def phase_read(kept: dict[str, Any] | None, trial_end: datetime | None) -> Phase | None:
    """Read what `phase_kept` wrote; older ones say nothing of a period of their own, nor of promotion codes."""
    if kept is None:
        return None
    pair = kept["prorate"], kept["invoice_now"]
    restarts, code = kept.get("restarts", False), kept.get("promotion_code_id", "")
    return Phase(trial_end, kept["coupon_id"], *pair, restarts=restarts, promotion_code_id=code)


def terms_kept(terms: EndTerms) -> dict[str, Any]:
    """Write the terms of a cancellation."""
    return {
        "prorate": terms.prorate,
        "invoice_now": terms.invoice_now,
        "refund": terms.refund.value,
        "clear_usage": terms.clear_usage,
        "open_invoices": terms.open_invoices.value,
        "pending_items": terms.pending_items.value,
        "access": terms.access.value,
        "automatic": terms.automatic,
    }


def terms_read(kept: dict[str, Any] | None) -> EndTerms:
    """Read what `terms_kept` wrote; where nothing was, the usual terms hold."""
    if kept is None:
        return EndTerms()
    return EndTerms(
        prorate=kept["prorate"],
        invoice_now=kept["invoice_now"],
        refund=EndRefund(kept["refund"]),
        clear_usage=kept["clear_usage"],
        open_invoices=OpenInvoices(kept["open_invoices"]),
        pending_items=PendingItems(kept["pending_items"]),
        access=EndAccess(kept["access"]),
        automatic=kept["automatic"],
    )


def money_kept(asked: EndAsked) -> dict[str, Any]:
    """Write what was said about the money of an end."""
    return {
        "prorate": asked.prorate,
        "invoice_now": asked.invoice_now,
        "refund": asked.refund and asked.refund.value,
        "clear_usage": asked.clear_usage,
        "open_invoices": asked.open_invoices and asked.open_invoices.value,
        "pending_items": asked.pending_items and asked.pending_items.value,
        "access": asked.access and asked.access.value,
        "preset": asked.preset and asked.preset.value,
    }


def money_read(kept: dict[str, Any]) -> EndAsked:
    """Read what `money_kept` wrote."""
    return EndAsked(
        prorate=kept["prorate"],
        invoice_now=kept["invoice_now"],
        refund=EndRefund(kept["refund"]) if kept["refund"] else None,
        clear_usage=kept["clear_usage"],
        open_invoices=OpenInvoices(kept["open_invoices"]) if kept["open_invoices"] else None,
        pending_items=PendingItems(kept["pending_items"]) if kept["pending_items"] else None,
        access=EndAccess(kept["access"]) if kept["access"] else None,
        preset=EndPreset(kept["preset"]) if kept["preset"] else None,
    )


def facts_kept(facts: Facts) -> dict[str, Any]:
    """Write facts; instants are microseconds."""
    return {
        "id": facts.id,
        "status": facts.status.value,
        "starts_at": to_microseconds(facts.starts_at),
        "trial_end": _kept(facts.trial_end),
        "anchor": to_microseconds(facts.anchor),
        "every": facts.interval.unit.value,
        "count": facts.interval.count,
        "zone": facts.zone.key,
        "period_start": to_microseconds(facts.period.start),
        "period_end": to_microseconds(facts.period.end),
        "natural_end": to_microseconds(facts.natural_end),
        "plan_id": facts.plan_id,
        "plan_version_id": facts.plan_version_id,
        "items": [_item_kept(item) for item in facts.items],
        "scheduled": [_scheduled_kept(change) for change in facts.scheduled],
        "currency": facts.currency,
        "ended_at": _kept(facts.ended_at),
        "access_until": _kept(facts.access_until),
        "grace_until": _kept(facts.grace_until),
        "collection_pause": _pause_kept(facts.collection_pause),
        "billing_mode": facts.billing_mode.value,
        "anchor_chosen": facts.anchor_chosen,
        "anchor_follows": _kept(facts.anchor_follows),
        "anchor_before": _kept(facts.anchor_before),
        "went_on_at": _kept(facts.went_on_at),
        "instalments": _instalments_kept(facts.instalments),
        "trial_ending": facts.trial_ending.value,
        "method_missing": facts.method_missing,
        "trial_leads_to": target_kept(facts.trial_leads_to) if facts.trial_leads_to else None,
    }


def facts_read(kept: dict[str, Any]) -> Facts:
    """Read what `facts_kept` wrote; older ones say nothing of payments, modes, instalments or a trial's end."""
    return Facts(
        id=kept["id"],
        status=Status(kept["status"]),
        starts_at=from_microseconds(kept["starts_at"]),
        trial_end=_read(kept["trial_end"]),
        anchor=from_microseconds(kept["anchor"]),
        interval=Interval(IntervalUnit(kept["every"]), kept["count"]),
        zone=ZoneInfo(kept["zone"]),
        period=Period(from_microseconds(kept["period_start"]), from_microseconds(kept["period_end"])),
        natural_end=from_microseconds(kept["natural_end"]),
        plan_id=kept["plan_id"],
        plan_version_id=kept["plan_version_id"],
        items=tuple(Item(**item) for item in kept["items"]),
        scheduled=tuple(_scheduled_read(change) for change in kept["scheduled"]),
        currency=kept["currency"],
        ended_at=_read(kept["ended_at"]),
        access_until=_read(kept["access_until"]),
        grace_until=_read(kept.get("grace_until")),
        collection_pause=_pause_read(kept.get("collection_pause")),
        billing_mode=BillingMode(kept.get("billing_mode", BillingMode.FLEXIBLE)),
        anchor_chosen=kept.get("anchor_chosen", False),
        anchor_follows=_read(kept.get("anchor_follows")),
        anchor_before=_read(kept.get("anchor_before")),
        went_on_at=_read(kept.get("went_on_at")),
        instalments=_instalments_read(kept.get("instalments")),
        trial_ending=TrialEnding(kept.get("trial_ending", TrialEnding.CREATE_INVOICE)),
        method_missing=kept.get("method_missing", False),
        trial_leads_to=target_read(leads_to) if (leads_to := kept.get("trial_leads_to")) else None,
    )


def _item_kept(item: Item) -> dict[str, Any]:
    return {
        "plan_id": item.plan_id,
        "plan_version_id": item.plan_version_id,
        "price_id": item.price_id,
        "quantity": item.quantity,
        "add_on": item.add_on,
    }


def _scheduled_kept(change: Scheduled) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind.value,
        "applies_at": to_microseconds(change.applies_at),
        "item": change.item,
        "target": target_kept(change.target) if change.target else None,
        "quantity": change.quantity,
        "schedule_id": change.schedule_id,
        "phase": phase_kept(change.phase) if change.phase else None,
        "trial_end": _kept(change.phase.trial_end) if change.phase else None,
        "until_fits": change.until_fits,
    }


def _scheduled_read(kept: dict[str, Any]) -> Scheduled:
    return Scheduled(
        id=kept["id"],
        kind=ChangeKind(kept["kind"]),
        applies_at=from_microseconds(kept["applies_at"]),
        item=kept["item"],
        target=target_read(kept["target"]) if kept["target"] else None,
        quantity=kept["quantity"],
        schedule_id=kept.get("schedule_id", ""),
        phase=phase_read(kept.get("phase"), _read(kept.get("trial_end"))),
        until_fits=kept.get("until_fits", False),
    )


def _pause_kept(pause: CollectionPause | None) -> dict[str, Any] | None:
    return None if pause is None else {"behavior": pause.behavior.value, "resumes_at": _kept(pause.resumes_at)}


def _pause_read(kept: dict[str, Any] | None) -> CollectionPause | None:
    return None if kept is None else CollectionPause(CollectionBehavior(kept["behavior"]), _read(kept["resumes_at"]))


def _instalments_kept(plan: Instalments | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    until = to_microseconds(plan.completes_at)
    return {"count": plan.count, "after": plan.after.value, "completes_at": until, "before": plan.before}


def _instalments_read(kept: dict[str, Any] | None) -> Instalments | None:
    if kept is None:
        return None
    until, before = from_microseconds(kept["completes_at"]), kept.get("before", 0)
    return Instalments(kept["count"], AccessAfterCompletion(kept["after"]), until, before)


def _kept(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)


def _read(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(microseconds)
