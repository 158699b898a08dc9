"""Cancelling many subscriptions on the same terms: whom it is about, and what becomes of each. (K13)

Each is ended by the rules of a single cancellation (`subscription_cancel.py`).
"""

from __future__ import annotations

from dataclasses import asdict, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from billing.cancellation import demand_said
from billing.dataclass import dataclass
from billing.ending import EndAsked, terms_for
from billing.lifecycle import CancelReason, CancelTiming, ChangeKind, ChangeStatus, State
from billing.notice import Notice
from billing.periods import cut
from billing.refusals import AlreadyApplied, MovedMeanwhile, NoCancellationPending
from models.choices import JobItemState
from models.stores.kept import money_kept, money_read
from models.stores.subscription_pages import SubscriptionWanted
from resolvers.access import not_found
from resolvers.acts import found_customer
from resolvers.invoicing.asked import Proration
from resolvers.keeping import keep
from resolvers.plan_migration import scheduled
from resolvers.subscription_cancel import SubscriptionCancel, arrange_end, carry_out_end, timing_said
from resolvers.taking_back import arrange_undo, keep_after_all

if TYPE_CHECKING:
    from billing.entitlements.sources import Json
    from billing.subscriptions import Facts
    from models.job_views import JobItemView, JobView
    from models.reader import Reader
    from models.views import ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.context import Caller, Context
    from resolvers.inputs import CustomerRef

UNDOES = "undoes"
"""What a dry run of an undo adds to the input of the job that it is about: which that is."""

LISTED = 200
"""How many subscriptions are listed at once."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which subscriptions, as the caller names them: these ids, or whatever meets the rest; None asks for any."""

    ids: tuple[str, ...] | None = None
    plan: str | None = None
    states: tuple[State, ...] | None = None
    customers: tuple[CustomerRef, ...] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """When, why, and what becomes of the money: the same for each."""

    timing: CancelTiming | None = None
    date: datetime | None = None
    cycles: int | None = None
    notice: Notice | None = None
    money: EndAsked = field(default_factory=EndAsked)
    reason: CancelReason | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class BulkCancellation:
    """What is asked for, by ids; of the comment too, whose words stand once. `undoes` is the job to try the undo of."""

    ids: tuple[str, ...] | None
    plan_id: str | None
    states: tuple[State, ...] | None
    customer_ids: tuple[str, ...] | None
    terms: Terms
    comment_id: str = ""
    undoes: str = ""

    def meant(self, view: SubscriptionView) -> bool:
        """Whether a subscription still is what was chosen."""
        facts: Facts = view.facts
        return self.ids is not None or (
            self.plan_id in (None, facts.plan_id) and (self.states is None or facts.state in self.states)
        )


async def cancellation_of(ctx: Context, read: Reader, chosen: Chosen, terms: Terms, at: datetime) -> BulkCancellation:
    """Find what is named, and refuse what could be done to nobody."""
    timing = timing_said(terms.timing, terms.money)
    demand_said(timing, terms.date, at, terms.cycles, terms.notice)
    terms_for(timing, terms.money, merchant=True)
    plan = await read.catalog.plan(chosen.plan) if chosen.plan is not None else None
    if chosen.plan is not None and plan is None:
        raise not_found("Plan", "subscriptions.filter.planId")
    customers = None
    if chosen.customers is not None:
        field_ = "subscriptions.filter.customers"
        customers = tuple([(await found_customer(ctx, read, each, field_)).id for each in chosen.customers])
    ids = None if chosen.ids is None else tuple(dict.fromkeys(chosen.ids))
    return BulkCancellation(ids, plan.id if plan else None, chosen.states, customers, terms)


class CancelWork:
    """What a job of this kind does: find its subscriptions, end each, keep each after all while its end waits."""

    async def subjects(self, read: Reader, job: JobView) -> tuple[list[tuple[str, str]], str, bool]:
        """The next (customer, subscription) pairs, how far that got, and whether it was the last of them.

        An id of nothing is listed too, with no customer: its item says so.
        """
        wanted = read_cancellation(job.input)
        if wanted.undoes:
            return await _done_by(read, wanted.undoes, job.listed_to)
        if wanted.ids is not None:
            done = int(job.listed_to or 0)
            ids = wanted.ids[done : done + LISTED]
            known = await read.subscriptions.by_ids(ids)
            pairs = [(known[each].customer_id if each in known else "", each) for each in ids]
            return pairs, str(done + len(ids)), done + len(ids) == len(wanted.ids)
        meant = SubscriptionWanted(
            states=wanted.states, plan_id=wanted.plan_id, customer_ids=wanted.customer_ids, made_by=job.created_at
        )
        views = await read.subscriptions.following(meant, job.listed_to, LISTED)
        to = views[-1].id if views else job.listed_to
        return [(view.customer_id, view.id) for view in views], to, len(views) < LISTED

    async def do(self, by: Caller, work: Work, job: JobView, item: JobItemView) -> dict[str, Any]:
        """End one subscription, or schedule its end."""
        wanted = read_cancellation(job.input)
        if wanted.undoes:
            former = await work.jobs.item_of(wanted.undoes, item.subject_id)
            if former is None or former.state is not JobItemState.DONE:
                raise MovedMeanwhile("It was taken back meanwhile.")
            return await self.undo(by, work, former)
        view = await work.subscriptions.by_id(item.subject_id)
        if view is None:
            raise not_found("Subscription", None)
        if not wanted.meant(view):
            raise MovedMeanwhile("The subscription is not among those that were chosen any more.")
        command = replace(_command(view.id, wanted.terms), plan=wanted.plan_id)
        ending = await arrange_end(by, work, view, command, work.at)
        result = {"effective_at": ending.effective_at.isoformat(), "already": ending.already, "change_id": None}
        if ending.already:
            return result
        replaced = view.facts.pending(ChangeKind.CANCEL)
        await carry_out_end(work, view, ending, command, said=wanted.comment_id)
        after = await work.subscriptions.by_id(view.id)
        pending = after.facts.pending(ChangeKind.CANCEL) if after is not None else None
        return {
            **result,
            "change_id": pending.id if pending else None,
            "replaced": replaced.id if replaced else None,
        }

    async def undo(self, by: Caller, work: Work, item: JobItemView) -> dict[str, Any]:
        """Keep one subscription after all, unless its end has come or is another's by now.

        The end that the job replaced stands again.
        """
        view = await work.subscriptions.by_id(item.subject_id)
        if view is None:
            raise not_found("Subscription", None)
        if item.result["already"]:
            raise NoCancellationPending("The end was pending before this job, which changed nothing: it stays.")
        pending, change_id = view.facts.pending(ChangeKind.CANCEL), str(item.result["change_id"])
        if view.facts.live and (pending is None or pending.id != change_id):
            change = await work.subscriptions.change(change_id)
            status = change.status if change is not None else ChangeStatus.APPLIED
            raise AlreadyApplied("Somebody has moved or undone this end since.", status=status.value)
        replaced = await _replaced(work, item)
        await keep_after_all(work, view, await arrange_undo(by, work, view, None, work.at))
        if replaced is not None:
            await _let_stand(work, view.id, replaced)
        return item.result


async def _done_by(read: Reader, job_id: str, to: str) -> tuple[list[tuple[str, str]], str, bool]:
    """The next that a job has ended."""
    page = await read.jobs.items(job_id, (JobItemState.DONE,), LISTED, to or None)
    pairs = [(item.customer_id, item.subject_id) for item in page.views]
    return pairs, page.places[-1].cursor if page.places else to, not page.has_next


async def _replaced(work: Work, item: JobItemView) -> ScheduledChangeView | None:
    """Find the end that the job replaced; where that would have come by now, the job's own stays."""
    change_id = item.result["replaced"]
    change = await work.subscriptions.change(str(change_id)) if change_id else None
    if change is not None and change.applies_at <= work.at:
        raise AlreadyApplied("The end that this one replaced would have come by now.", status=change.status.value)
    return change


async def _let_stand(work: Work, subscription_id: str, change: ScheduledChangeView) -> None:
    """Let an end that was replaced wait again, on its own terms and with its own reason."""
    await work.subscriptions.reopen_change(change.id)
    await work.subscriptions.reopen_cancellation(change.id)
    view = await work.subscriptions.by_id(subscription_id)
    if view is None or view.cancellation is None:
        raise LookupError(subscription_id)
    why, terms = view.cancellation.reason, view.cancellation.terms
    money = Proration(prorate=terms.prorate, invoice_now=terms.invoice_now, change_id=change.id, end=terms)
    before = replace(view.facts, scheduled=tuple(each for each in view.facts.scheduled if each.id != change.id))
    after = cut(replace(before, scheduled=(*before.scheduled, scheduled(change))))
    told: dict[str, Json] = {"reason": why.value if why else None}
    kind = "subscription.cancellation_scheduled"
    await keep(work, view.customer_id, kind, before, after, beside=told, proration=money)


def _command(subscription_id: str, terms: Terms) -> SubscriptionCancel:
    return SubscriptionCancel(
        subscription_id=subscription_id,
        timing=terms.timing,
        date=terms.date,
        cycles=terms.cycles,
        notice=terms.notice,
        money=terms.money,
        reason=terms.reason,
    )


def keep_cancellation(wanted: BulkCancellation, comment_id: str) -> dict[str, Any]:
    """Write a bulk cancellation as a job's input; of its comment the id ('' for none)."""
    terms = wanted.terms
    return {
        "ids": None if wanted.ids is None else list(wanted.ids),
        "plan_id": wanted.plan_id,
        "states": None if wanted.states is None else [state.value for state in wanted.states],
        "customer_ids": None if wanted.customer_ids is None else list(wanted.customer_ids),
        "timing": None if terms.timing is None else terms.timing.value,
        "date": None if terms.date is None else terms.date.isoformat(),
        "cycles": terms.cycles,
        "notice": None if terms.notice is None else asdict(terms.notice),
        "reason": None if terms.reason is None else terms.reason.value,
        "comment_id": comment_id,
        "money": money_kept(terms.money),
    }


def read_cancellation(kept: dict[str, Any]) -> BulkCancellation:
    """Read what `keep_cancellation` wrote."""
    ids, states, customers = kept["ids"], kept["states"], kept["customer_ids"]
    timing, date, reason, notice = kept["timing"], kept["date"], kept["reason"], kept.get("notice")
    return BulkCancellation(
        ids=None if ids is None else tuple(ids),
        plan_id=kept["plan_id"],
        states=None if states is None else tuple(State(state) for state in states),
        customer_ids=None if customers is None else tuple(customers),
        terms=Terms(
            timing=None if timing is None else CancelTiming(timing),
            date=None if date is None else datetime.fromisoformat(date),
            cycles=kept["cycles"],
            notice=Notice(**notice) if notice else None,
            money=money_read(kept["money"]),
            reason=None if reason is None else CancelReason(reason),
        ),
        comment_id=kept["comment_id"],
        undoes=kept.get(UNDOES, ""),
    )
