"""Taking pending changes back, and what it costs to keep a subscription that was to end. (K14, K15, C18)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.actions import demand as demand_action
from billing.actions import demand_no_job
from billing.calendar import Period
from billing.cancellation import demand_not_paid_back
from billing.catalog.values import PlanKind
from billing.dataclass import dataclass
from billing.lifecycle import Action, ChangeKind, ChangeStatus
from billing.periods import cut
from billing.schedules import ProrationBehavior
from resolvers.invoicing.asked import Proration
from resolvers.invoicing.reckoning import reckon
from resolvers.keeping import keep, told
from resolvers.paying.at_the_end import paid_back
from resolvers.preview_tokens import Decided

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts, Scheduled
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Caller


@dataclass(frozen=True, slots=True)
class Undoing:
    """What keeping a subscription would do, decided as of `at`.

    `missed` is time of a renewal that has gone by, which was billed up to the end that is taken back only. (K15)
    """

    at: datetime
    pending: Scheduled
    facts_then: Facts
    behavior: ProrationBehavior
    missed: Period | None


async def arrange_undo(
    by: Caller, read: Reader, view: SubscriptionView, said: ProrationBehavior | None, at: datetime
) -> Undoing:
    """Decide what taking the pending end back does, or refuse it by name; nothing is written."""
    facts = view.facts
    policy = await read.environments.policy(by.env.id)
    plan = (await read.catalog.versions_by_id([facts.plan_version_id]))[facts.plan_version_id]
    pending = facts.pending(ChangeKind.CANCEL)
    demand_no_job(pending.job_id if pending else None, by.audience, "subscriptionId")
    custom = plan.kind is PlanKind.CUSTOM
    demand_action(Action.UNDO_CANCELLATION, facts, policy, by.audience, custom_priced=custom)
    if pending is None:
        raise LookupError(view.id)
    demand_not_paid_back(paid_back=paid_back(view))
    then = _without(facts, pending.id)
    missed = await _missed(read, then, pending.id, at)
    return Undoing(at, pending, then, said or _usual(missed), missed)


def decided(undoing: Undoing) -> Decided:
    """What was decided, in plain values."""
    return Decided(undoing.at, [undoing.behavior, undoing.missed, told(undoing.facts_then)])


async def keep_after_all(work: Work, view: SubscriptionView, undoing: Undoing) -> None:
    """Take the pending end back, as it was decided.

    What was given back for it is taken back whatever is said: nobody has money and time both. (C18)
    """
    _, invoice_now = undoing.behavior.pair
    free = undoing.missed if undoing.behavior is ProrationBehavior.NONE else None
    free_from = free.start if free else None
    money = Proration(invoice_now=invoice_now, since=undoing.at, undoes=undoing.pending.id, free_from=free_from)
    await take_back(work, view, undoing.pending.id, money=money)


async def take_back(
    work: Work,
    view: SubscriptionView,
    change_id: str,
    restored: tuple[Scheduled, ...] = (),
    *,
    money: Proration | None = None,
) -> None:
    """Settle a pending change as undone and keep the facts without it, and with those that wait again instead.

    An end for which money went back is refused before anything is written.
    """
    pending = next(change for change in view.facts.scheduled if change.id == change_id)
    if pending.kind is ChangeKind.CANCEL:
        demand_not_paid_back(paid_back=paid_back(view))
    await work.subscriptions.settle_change(pending.id, ChangeStatus.UNDONE, work.at)
    kind = "subscription.change_undone"
    if pending.kind is ChangeKind.CANCEL:
        await work.subscriptions.undo_cancellation(pending.id, work.at)
        kind = "subscription.cancellation_undone"
    for change in restored:
        await work.subscriptions.reopen_change(change.id)
    after = _without(view.facts, pending.id, restored)
    await keep(work, view.customer_id, kind, view.facts, after, proration=money or Proration(undoes=pending.id))


def _without(facts: Facts, change_id: str, restored: tuple[Scheduled, ...] = ()) -> Facts:
    rest = (*(change for change in facts.scheduled if change.id != change_id), *restored)
    return cut(replace(facts, scheduled=rest))


def _usual(missed: Period | None) -> ProrationBehavior:
    """Unless said, what a renewal would have billed that has gone by is invoiced now; else nothing is in a hurry."""
    return ProrationBehavior.CREATE_PRORATIONS if missed is None else ProrationBehavior.ALWAYS_INVOICE


async def _missed(read: Reader, then: Facts, change_id: str, at: datetime) -> Period | None:
    """The time that would be due and that no line has billed: neither up to the end nor before it was set."""
    let_go = [each.id for each in await read.invoices.waived(then.id, at) if each.change_id == change_id]
    policy = await read.environments.billing(read.environment_id)
    found = await reckon(read, then, at, policy, prorate=True, regardless_of=let_go)
    new = [each.period for each in found.reckoned.charges if not (each.undoes or each.replaces)]
    return Period(min(each.start for each in new), max(each.end for each in new)) if new else None
