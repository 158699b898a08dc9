"""Billing what changed: every change of a subscription's facts passes here, once. (C6, C17, C18)

What is due is compared with what was billed; the difference becomes lines that wait. Where a period began, the
subscription ended or has no price any more, or the change says so, an invoice takes what waits; so it does where a
phase that is a trial begins and usage was measured until then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.invoicing.invoices import InvoiceReason
from billing.lifecycle import Status
from resolvers.invoicing.asked import LATER
from resolvers.invoicing.drafting import Occasion, invoice
from resolvers.invoicing.ending import end
from resolvers.invoicing.reckoning import OWING, priced
from resolvers.invoicing.settling import measure, settle_time, undo_end

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts
    from models.work import Work
    from resolvers.invoicing.asked import Proration


async def bill(work: Work, customer_id: str, before: Facts | None, after: Facts, asked: Proration = LATER) -> None:
    """Bill a change of facts that happens now; `before` None is a subscription that was just made."""
    over = asked.ended if after.live else after
    if before is not None and before.live and over is not None:
        await end(work, customer_id, before, over, asked)
        return
    if not priced(after) and (before is None or not priced(before)):
        return
    policy = await work.environments.billing(work.environment_id)
    began = _began(before, after)
    held = before
    if before is not None and asked.undoes and not asked.prorate:
        held = await undo_end(work, customer_id, before, after, asked, policy)
    await settle_time(work, customer_id, after, asked, policy, settled=_settled(held, after))
    used = await measure(work, customer_id, before, after, asked, policy, closing=began)
    tried = after.status not in OWING and any(line.quantity for line in used)
    last = before is not None and before.status in OWING and (tried or not priced(after))
    if began or asked.invoice_now or last:
        resumed = before is not None and before.status is Status.PAUSED
        occasion = replace(_occasion(before, after, began=began), last=last, resumed=resumed)
        await invoice(work, customer_id, occasion, policy)


async def bill_usage(work: Work, customer_id: str, facts: Facts) -> None:
    """Bill the usage whose own period ends now, within the subscription's."""
    policy = await work.environments.billing(work.environment_id)
    used = await measure(work, customer_id, facts, facts, LATER, policy, closing=False, by_itself=True)
    since = min((line.period.start for line in used if line.period), default=work.at)
    occasion = Occasion(facts.id, facts.currency, InvoiceReason.RENEWAL, Period(since, work.at))
    await invoice(work, customer_id, occasion, policy)


def _began(before: Facts | None, after: Facts) -> bool:
    """Whether a period that is paid for begins with this change."""
    if after.status not in OWING:
        return False
    return before is None or before.status not in OWING or before.period.start != after.period.start


def _settled(before: Facts | None, after: Facts) -> datetime | None:
    """Where time that was billed ends, where another period begins with this change."""
    if before is None or before.period.start == after.period.start:
        return None
    return before.period.end if before.status in OWING else before.period.start


def _occasion(before: Facts | None, after: Facts, *, began: bool) -> Occasion:
    if not began:
        return Occasion(after.id, after.currency, InvoiceReason.CHANGE, after.period)
    if before is None or before.status in (Status.NOT_STARTED, Status.TRIALING, Status.PAUSED, Status.INCOMPLETE):
        reason = InvoiceReason.SUBSCRIPTION_START
    else:
        early = before.status in OWING and after.period.start < before.period.end
        reason = InvoiceReason.CHANGE if early else InvoiceReason.RENEWAL
    return Occasion(after.id, after.currency, reason, after.period)
