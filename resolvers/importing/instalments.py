"""Instalments that were begun elsewhere: what is paid of them is told, and what is left is agreed from here on. (K4)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.instalments import taken_over
from billing.invoicing.values import BillingMode
from billing.lifecycle import Status
from billing.refusals import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from billing.instalments import Instalments
    from billing.subscriptions import Facts
    from models.views import PlanView
    from resolvers.importing.records import SubscriptionRecord


def demand_instalments(plan: PlanView, record: SubscriptionRecord, at: datetime) -> None:
    """Refuse a number of paid instalments that cannot be, and one where none are agreed or nobody says it."""
    if not plan.instalments:
        if record.instalments is not None:
            raise InvalidInput("This plan is not paid in instalments: leave them out.", field="instalments")
        return
    if record.instalments is None:
        raise InvalidInput("Say how many instalments are paid.", field="instalments")
    if record.anchor is not None:
        raise InvalidInput("Instalments are counted from the first paid day: leave it out.", field="anchor")
    if record.billing_mode is BillingMode.CLASSIC:
        raise InvalidInput("Instalments are billed FLEXIBLE: leave it out.", field="billingMode")
    paid = record.instalments.paid
    if not _begun(record, at):
        if paid:
            raise InvalidInput("None is paid before the first paid period begins: say 0.", field="instalments")
    elif not 1 <= paid <= plan.instalments:
        raise InvalidInput(
            f"`paid` is a whole number from 1 to {plan.instalments}, the present period's too.", field="instalments"
        )


def instalments_left(plan: PlanView, record: SubscriptionRecord, facts: Facts) -> Instalments | None:
    """Agree on what is left: from the end of the present period on, or from where the first one will begin."""
    if not plan.instalments or record.instalments is None:
        return None
    begun = facts.status not in (Status.NOT_STARTED, Status.TRIALING)
    rest = facts.natural_end if begun else facts.trial_end or facts.starts_at
    how = (facts.anchor, facts.interval, facts.zone)
    return taken_over(plan.instalments, plan.access_after_completion, record.instalments.paid, rest, *how)


def _begun(record: SubscriptionRecord, at: datetime) -> bool:
    return max(record.starts_at, record.trial_end or record.starts_at) <= at
