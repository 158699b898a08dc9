"""Keeping changed facts of a subscription: row and history, the event that says so, and the bill of what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.ending import EndTerms, OpenInvoices
from billing.instalments import completed, over
from billing.invoicing.invoices import CollectionMethod, InvoiceStatus
from billing.invoicing.policy import SentInvoices
from billing.leaving import ended, leave
from billing.lifecycle import ChangeKind, ChangeStatus, Status
from billing.subscriptions import StepKind
from billing.trials import TrialEnding
from models.work import Happening
from resolvers.discounting import end_with
from resolvers.invoicing.asked import LATER, Proration
from resolvers.invoicing.billing import bill
from resolvers.phasing import end_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts, Scheduled, Target
    from models.invoice_views import InvoiceView
    from models.work import Work

BEHIND = frozenset({Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE})
"""Who has not paid."""

WENT_ON: Mapping[str, Json] = MappingProxyType({"cause": "CANCELLATION"})
"""What the event of a change of plan tells as its cause where an end led there. (S7)"""
COMPLETION = Proration(end=EndTerms(open_invoices=OpenInvoices.KEEP_RETRYING))
"""All instalments are agreed to be paid: what is not paid yet is collected on, and what waits is invoiced. (K4)"""


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
    """Let a subscription go on once nothing is left that failed or is late; else the oldest of that says the grace."""
    if facts.status not in BEHIND:
        return
    unpaid = [
        each
        for each in await work.invoices.open_of(facts.id)
        if each.status is InvoiceStatus.OPEN and not facts.outlived(each.created_at)
    ]
    failed = await work.payments.failed_of([each.id for each in unpaid])
    dunned = (await work.environments.billing(work.environment_id)).dunning.sent is SentInvoices.DUN
    left = [each for each in unpaid if each.id in failed or (dunned and _late(each, work.at))]
    if not left:
        status = Status.TRIALING if facts.trying else Status.ACTIVE
        after = replace(facts, status=status, grace_until=None)
        await keep(work, customer_id, "subscription.recovered", facts, after)
        await _complete_late(work, customer_id, after)
    elif facts.status is Status.PAST_DUE and (grace := await grace_of(work, left)) != facts.grace_until:
        await keep(work, customer_id, "subscription.past_due", facts, replace(facts, grace_until=grace))


def _late(invoice: InvoiceView, at: datetime) -> bool:
    """Whether an invoice was sent, and its due day has come."""
    sent = invoice.collection_method is CollectionMethod.SEND_INVOICE
    return sent and invoice.payable_by is not None and invoice.payable_by <= at


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
        **({"untilFits": True} if change.until_fits else {}),
    }


async def drop_rest(work: Work, facts: Facts, applied: str, at: datetime) -> None:
    """What else was pending falls away with the end, and so does the subscription's discount."""
    await end_with(work, facts.id)
    for other in facts.scheduled:
        if other.id != applied:
            await work.subscriptions.settle_change(other.id, ChangeStatus.DROPPED, at)
    await end_schedule(work, facts, applied)
