"""Making due things permanent, each at its scheduled instant and in order: for the worker, and before every write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.amounts import format_amount
from billing.invoicing.invoices import CollectionMethod, InvoiceStatus
from billing.lifecycle import CancelReason, CancelTiming, ChangeStatus
from billing.schedules import ScheduleStatus
from billing.subscriptions import Step, StepKind, steps
from models.work import Happening
from resolvers.discounting import end_due
from resolvers.holding_up import looked_at
from resolvers.invoicing.asked import LATER, Proration
from resolvers.invoicing.billing import bill_usage
from resolvers.invoicing.finalizing import settle_draft
from resolvers.keeping import COMPLETION, End, drop_rest, keep, keep_end
from resolvers.paying.attempting import collect, look_again
from resolvers.paying.overdue import fall_due
from resolvers.paying.own_ends import cancellation
from resolvers.phasing import begin_phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.entitlements.sources import Json
    from models.views import GrantView, ReservationView
    from models.work import Work

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
    looked = [await looked_at(work, view) for view in due]
    happens = [(facts, list(steps(facts, at))) for facts in looked]
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
    """Finalize drafts whose grace is over, try again what failed, see what is late, ask after what is on its way."""
    invoices = await work.invoices.due(customer_id, work.at)
    policy = await work.environments.billing(work.environment_id) if invoices else None
    for each in invoices:
        if policy is not None and each.status is InvoiceStatus.DRAFT:
            await settle_draft(work, each, policy)
        elif each.collection_method is CollectionMethod.SEND_INVOICE:
            await fall_due(work, each)
        else:
            await collect(work, each)
    await look_again(work, customer_id)


async def _scales(work: Work, named: Sequence[GrantView | ReservationView]) -> dict[str, int]:
    """How many decimals the amounts have, by feature."""
    if not named:
        return {}
    features = await work.catalog.features_by_id([each.feature_id for each in named])
    return {key: feature.scale for key, feature in features.items()}


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
        end = End(step.at, change.target if change else step.before.trial_leads_to)
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
