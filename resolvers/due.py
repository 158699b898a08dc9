"""Making due things permanent, each at its scheduled instant and in order: for the worker, and before every write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.amounts import format_amount
from billing.ending import EndTerms, OpenInvoices
from billing.instalments import completed, over
from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import CancelReason, CancelTiming, ChangeKind, ChangeStatus, Status
from billing.schedules import ScheduleStatus
from billing.subscriptions import Step, StepKind, ended, leave, steps
from billing.trials import TrialEnding
from models.work import Happening
from resolvers.discounting import end_due, end_with
from resolvers.invoicing.asked import LATER, Proration
from resolvers.invoicing.billing import bill, bill_usage
from resolvers.invoicing.finalizing import settle_draft
from resolvers.paying.attempting import collect, look_again
from resolvers.paying.own_ends import cancellation
from resolvers.phasing import begin_phase, end_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts, Scheduled, Target
    from models.invoice_views import InvoiceView
    from models.views import GrantView, ReservationView
    from models.work import Work

BEHIND = frozenset({Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE})
"""Who has not paid."""

WENT_ON: Mapping[str, Json] = MappingProxyType({"cause": "CANCELLATION"})
"""What the event of a change of plan tells as its cause where an end led there. (S7)"""
COMPLETION = Proration(end=EndTerms(open_invoices=OpenInvoices.KEEP_RETRYING))
"""All instalments are agreed to be paid: what is not paid yet is collected on, and what waits is invoiced. (K4)"""

_ORDER = {kind: index for index, kind in enumerate(StepKind)}


async def settle(work: Work, customer_id: str) -> None:
    """Make permanent everything that is due for a customer at or before the work's instant."""
    present = work.at
    while (due := await work.due.earliest(present, customer_id)) is not None:
        work.happen_at(due.due_at)
        await settle_instant(work, customer_id)
        work.happen_at(present)


async def settle_instant(work: Work, customer_id: str) -> None:
    """Make permanent what is due for a customer at the work's instant, in the order that holds at one instant."""
    with work.by_time():
        await _settle_instant(work, customer_id)


async def _settle_instant(work: Work, customer_id: str) -> None:
    at = work.at
    due = await work.subscriptions.due(customer_id, at)
    happens = [(view.facts, list(steps(view.facts, at))) for view in due]
    lives = [life for _, each in happens for life in _lives(each)]
    parts = [(step, life if step is life[-1] else []) for life in lives for step in life]
    for step, life in sorted(parts, key=lambda each: (_ORDER[each[0].kind], each[0].after.id)):
        await _keep(work, customer_id, step, life)
    for facts in (facts for facts, each in happens if not each):
        await bill_usage(work, customer_id, facts)
    await _settle_invoices(work, customer_id)
    grants, overrides = await work.entitlements.due(customer_id, at)
    scales = await _scales(work, [*grants, *(reservations := await work.reservations.due(customer_id, at))])
    for reservation in reservations:
        await work.reservations.expire(reservation.id)
        held: Json = format_amount(reservation.amount, scales[reservation.feature_id])
        told: dict[str, Json] = {"featureId": reservation.feature_id, "amount": held}
        await work.record(customer_id, Happening("reservation.expired", reservation.id, {}, told))
    for grant in grants:
        await work.entitlements.settle_grant(grant.id)
        left: Json = format_amount(max(0, grant.amount - grant.used), scales[grant.feature_id])
        await work.record(customer_id, Happening("grant.expired", grant.id, {}, {"left": left}))
    for override in overrides:
        await work.entitlements.settle_override(override.id, at)
        await work.record(customer_id, Happening("override.ended", override.id, {}, {}))
    await end_due(work, customer_id)


def _lives(happens: list[Step]) -> list[list[Step]]:
    """What is billed together: all that happens at one instant, but an end, after which it may go on, by itself."""
    ends = 1 if happens and happens[0].kind is StepKind.CANCEL else 0
    return [life for life in (happens[:ends], happens[ends:]) if life]


async def _settle_invoices(work: Work, customer_id: str) -> None:
    """Finalize the drafts whose grace is over, try again what failed, and ask after what is on its way."""
    invoices = await work.invoices.due(customer_id, work.at)
    policy = await work.environments.billing(work.environment_id) if invoices else None
    for each in invoices:
        if policy is not None and each.status is InvoiceStatus.DRAFT:
            await settle_draft(work, each, policy)
        else:
            await collect(work, each)
    await look_again(work, customer_id)


async def _scales(work: Work, named: Sequence[GrantView | ReservationView]) -> dict[str, int]:
    """How many decimals the amounts have, by feature."""
    if not named:
        return {}
    features = await work.catalog.features_by_id([each.feature_id for each in named])
    return {key: feature.scale for key, feature in features.items()}


async def keep(
    work: Work,
    customer_id: str,
    kind: str,
    before: Facts,
    after: Facts,
    *,
    beside: dict[str, Json] | None = None,
    subject: str = "",
    proration: Proration | None = LATER,
) -> None:
    """Keep changed facts, what they were until now, and the event that says so, and bill what changed.

    `beside` is told too. `subject` is what the event is about, where it is not the subscription. `proration` None
    leaves it to what follows at the same instant to bill.
    """
    await work.subscriptions.save(before, after, work.ids, cause=work.cause)
    told_before, told_after = told(before), told(after)
    changed = {key for key in told_after if told_before.get(key) != told_after[key]}
    number = await work.record(
        customer_id,
        Happening(
            kind,
            subject or after.id,
            {key: told_before.get(key) for key in sorted(changed)},
            {key: told_after[key] for key in sorted(changed)} | (beside or {}),
        ),
    )
    await work.subscriptions.remember(customer_id, after, number, work.at)
    if proration is not None:
        await bill(work, customer_id, proration.billed or before, after, proration)
    if before.status in BEHIND and after.status in BEHIND:
        await recover(work, customer_id, after)


@dataclass(frozen=True, slots=True)
class End:
    """When a subscription ends, and where that leads; `access_until` is until when it gives what it gave."""

    at: datetime
    leads_to: Target | None = None
    access_until: datetime | None = None


async def keep_end(
    work: Work, customer_id: str, facts: Facts, end: End, *, beside: dict[str, Json], proration: Proration
) -> None:
    """Keep an end, or the plan on which the customer goes on; what was had until then is settled either way. (S7)"""
    after = leave(facts, end.leads_to, end.at, end.access_until)
    money = replace(proration, ended=ended(facts, end.at, end.access_until))
    kind = StepKind.PLAN_CHANGE if after.live else StepKind.CANCEL
    beside = {**beside, **(WENT_ON if after.live else {})}
    await keep(work, customer_id, kind.value, facts, after, beside=beside, proration=money)


async def recover(work: Work, customer_id: str, facts: Facts) -> None:
    """Let a subscription go on once nothing that failed is left to pay; else the oldest of that says the grace."""
    if facts.status not in BEHIND:
        return
    unpaid = [
        each
        for each in await work.invoices.open_of(facts.id)
        if each.status is InvoiceStatus.OPEN and not facts.outlived(each.created_at)
    ]
    failed = await work.payments.failed_of([each.id for each in unpaid])
    left = [each for each in unpaid if each.id in failed]
    if not left:
        status = Status.TRIALING if facts.trying else Status.ACTIVE
        after = replace(facts, status=status, grace_until=None)
        await keep(work, customer_id, "subscription.recovered", facts, after)
        await _complete_late(work, customer_id, after)
    elif facts.status is Status.PAST_DUE and (grace := await grace_of(work, left)) != facts.grace_until:
        await keep(work, customer_id, "subscription.past_due", facts, replace(facts, grace_until=grace))


async def _complete_late(work: Work, customer_id: str, facts: Facts) -> None:
    """Complete what was behind when its last instalment's period ended, now that it is paid. (K4)"""
    if over(facts, work.at):
        after = completed(facts, work.at)
        await keep(work, customer_id, StepKind.COMPLETE.value, facts, after, proration=COMPLETION)
        await drop_rest(work, facts, "", work.at)


async def grace_of(work: Work, unpaid: Sequence[InvoiceView]) -> datetime:
    """Until when somebody past due has access: so many days from when the oldest unpaid invoice was due."""
    due = min(each.payable_by or each.created_at for each in unpaid)
    return due + timedelta(days=await work.environments.grace_days(work.environment_id))


def told(facts: Facts) -> dict[str, Json]:
    """What an event tells of a subscription."""
    return {
        "status": facts.status.value,
        "planId": facts.plan_id,
        "planVersionId": facts.plan_version_id,
        "interval": f"{facts.interval.count} {facts.interval.unit.value}",
        "currency": facts.currency or None,
        "quantity": facts.quantity,
        "addOns": {item.plan_id: item.quantity for item in facts.items if item.add_on},
        "billingMode": facts.billing_mode.value,
        "anchor": facts.billing_anchor.isoformat(),
        "periodStart": facts.period.start.isoformat(),
        "periodEnd": facts.period.end.isoformat(),
        "cancelAt": facts.cancel_at.isoformat() if facts.cancel_at else None,
        "endedAt": facts.ended_at.isoformat() if facts.ended_at else None,
        "accessUntil": facts.access_until.isoformat() if facts.access_until else None,
        "graceUntil": facts.grace_until.isoformat() if facts.grace_until else None,
        "collectionPaused": facts.collection_pause.behavior.value if facts.collection_pause else None,
        "collectionResumesAt": _resumes_at(facts),
        "scheduled": [_told_change(change) for change in facts.scheduled if change.kind is not ChangeKind.CANCEL],
        **({"goesOnTo": facts.goes_on.plan_version_id} if facts.goes_on else {}),
        **({"trialEnding": facts.trial_ending.value} if facts.trial_ending is not TrialEnding.CREATE_INVOICE else {}),
        **({"completesAt": facts.instalments.completes_at.isoformat()} if facts.instalments else {}),
    }


def _resumes_at(facts: Facts) -> str | None:
    resumes_at = facts.collection_pause.resumes_at if facts.collection_pause else None
    return resumes_at.isoformat() if resumes_at else None


def _told_change(change: Scheduled) -> Json:
    """What an event tells of a pending change; a pending end is told as `cancelAt`."""
    return {
        "id": change.id,
        "kind": change.kind.value,
        "appliesAt": change.applies_at.isoformat(),
        "item": None if change.schedule_id else change.item or None,
        "planVersionId": change.target.plan_version_id if change.target else None,
        "quantity": change.quantity,
        **({"scheduleId": change.schedule_id} if change.schedule_id else {}),
    }


async def _keep(work: Work, customer_id: str, step: Step, life: Sequence[Step]) -> None:
    """Keep a step; `life` is all that happens to the subscription at this instant where it is the last, which bills."""
    change = step.change
    asked: dict[str, Json] = {}
    if change is not None and change.job_id:
        asked["jobId"] = change.job_id
    if change is not None and change.schedule_id:
        asked["scheduleId"] = change.schedule_id
    if step.kind is StepKind.CANCEL and change is None:
        asked |= await _note_unpaid_trial(work, customer_id, step)
    if step.kind is StepKind.PHASE:
        await begin_phase(work, customer_id, step)
    released = change.schedule_id if change is not None and step.kind is StepKind.RELEASE else ""
    money = replace(await _how(work, life), billed=life[0].before) if life else None
    if step.kind is StepKind.CANCEL and money is not None:
        end = End(step.at, change.target if change else None)
        await keep_end(work, customer_id, step.before, end, beside=asked, proration=money)
    else:
        beside = asked | ({"subscriptionId": step.after.id} if released else {})
        kind, before, after = step.kind.value, step.before, step.after
        await keep(work, customer_id, kind, before, after, beside=beside, subject=released, proration=money)
    if change is not None:
        await work.subscriptions.settle_change(change.id, ChangeStatus.APPLIED, step.at)
    if released:
        await work.schedules.settle(released, ScheduleStatus.COMPLETED, step.at)
    if step.kind in (StepKind.CANCEL, StepKind.COMPLETE):
        await drop_rest(work, step.before, change.id if change else "", step.at)


async def _note_unpaid_trial(work: Work, customer_id: str, step: Step) -> dict[str, Json]:
    """Write down that a trial's end found no payment method, and tell it."""
    reason, timing = CancelReason.NO_PAYMENT_METHOD, CancelTiming.END_OF_PERIOD
    await work.subscriptions.add_cancellation(cancellation(work, customer_id, step.after.id, reason, timing, step.at))
    return {"reason": reason.value}


async def _how(work: Work, life: Sequence[Step]) -> Proration:
    """At a scheduled end a final invoice takes all that waits, on the terms that were kept with it.

    A phase says what it does with time that is billed already.
    """
    last = life[-1]
    if last.kind is StepKind.CANCEL and last.change is not None:
        terms = await work.subscriptions.end_terms(last.change.id)
        return Proration(end=terms.when_it_comes())
    if last.kind is StepKind.COMPLETE:
        return COMPLETION
    phase = next((each.change.phase for each in life if each.change and each.change.phase), None)
    return Proration(prorate=phase.prorate, invoice_now=phase.invoice_now) if phase else LATER


async def drop_rest(work: Work, facts: Facts, applied: str, at: datetime) -> None:
    """What else was pending falls away with the end, and so does the subscription's discount."""
    await end_with(work, facts.id)
    for other in facts.scheduled:
        if other.id != applied:
            await work.subscriptions.settle_change(other.id, ChangeStatus.DROPPED, at)
    await end_schedule(work, facts, applied)
