"""End a subscription: now, when a period ends, or on a date; and its money with it. (S4, K8, K10-K18, C4-C8)"""

from __future__ import annotations

from dataclasses import field, fields, replace
from typing import TYPE_CHECKING

from billing.actions import Audience
from billing.actions import demand as demand_action
from billing.cancellation import (
    action_of,
    demand_avoidable,
    demand_before_completion,
    demand_not_paid_back,
    effective_at,
    timing_for_customer,
)
from billing.catalog.values import PlanKind
from billing.dataclass import dataclass
from billing.ending import EndAccess, EndAsked, EndPreset, EndRefund, EndTerms, terms_for
from billing.ending_refusals import AccessOrPlan, NotAReplacement, Unfit
from billing.leaving import BEGUN, leave
from billing.lifecycle import CancelReason, CancelTiming, ChangeKind, ChangeStatus, Status
from billing.periods import cut
from billing.refusals import AlreadyEnded, InvalidInput
from billing.schedules import demand_before_end
from billing.subscriptions import Scheduled
from models.stores.kept import terms_kept
from models.tables.customer import PersonalTextRow
from models.tables.subscription import CancellationRow
from resolvers import checks
from resolvers.access import demand_money, merchant_argument, not_found
from resolvers.acts import act, found_subscription, instant_kept, instant_read, needed, owner_of_subscription
from resolvers.changing import read_subscription, schedule
from resolvers.going_on import after_the_end, just_before
from resolvers.invoicing.asked import Proration
from resolvers.invoicing.ending import paid_through
from resolvers.invoicing.reckoning import ever_billed
from resolvers.keeping import End, drop_rest, keep, keep_end, told
from resolvers.paying.at_the_end import demand_last, paid_back, refund_last
from resolvers.payments import read_refunds
from resolvers.preview_tokens import Decided, as_shown, shown_by, shown_first

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Json
    from billing.notice import Notice
    from billing.subscriptions import Facts, Target
    from models.invoice_views import InvoiceView
    from models.payment_views import RefundView
    from models.reader import Reader
    from models.views import PlanView, SubscriptionView
    from models.work import Work
    from resolvers.context import Caller, Context


REPLACED_BY = "replacedBySubscriptionId"

_ARGUMENT = {
    "prorate": "prorate",
    "invoice_now": "invoiceNow",
    "refund": "refund",
    "clear_usage": "clearUsage",
    "open_invoices": "openInvoices",
    "pending_items": "pendingItems",
    "access": "access",
    "preset": "preset",
}
"""How callers name the options."""


@dataclass(frozen=True, slots=True)
class SubscriptionCancel:
    """When and why. A merchant must say when; for a customer the policy says it.

    `replaced_by` is the customer's subscription that takes this one's place, with the reason REPLACED. (K6)
    `plan` is the plan that is meant: who went on on it after an end has to name it. (S7)
    """

    subscription_id: str
    timing: CancelTiming | None = None
    date: datetime | None = None
    cycles: int | None = None
    notice: Notice | None = None
    money: EndAsked = field(default_factory=EndAsked)
    reason: CancelReason | None = None
    comment: str | None = None
    replaced_by: str | None = None
    plan: str | None = None
    preview_token: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionCanceled:
    """The subscription now, the instant at which it ends or ended, the final invoice where it ended, what goes back."""

    subscription: SubscriptionView
    effective_at: datetime
    final_invoice: InvoiceView | None
    refunds: tuple[RefundView, ...]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """What a cancellation would do, decided as of `at`; `leads_to` is where the customer goes on. (S7)"""

    at: datetime
    timing: CancelTiming
    effective_at: datetime
    facts_then: Facts
    terms: EndTerms
    already: bool
    leads_to: Target | None


async def cancel(ctx: Context, command: SubscriptionCancel) -> SubscriptionCanceled:
    """Cancel, or move a pending cancellation; asking for what is pending already changes nothing."""
    _checked(command)
    demand_money(ctx, command.money)

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        await _demand_replacement(ctx, work, view, command)
        shown = shown_by(ctx, command.preview_token)

        async def carried(work: Work, at: datetime) -> tuple[Decided, dict[str, Any]]:
            ending = await arrange_end(ctx, work, view, command, at)
            sent = len(work.payments.sent_back)
            final = None if ending.already else await carry_out_end(work, view, ending, command)
            return decided(ending), {
                "subscription_id": view.id,
                "effective_at": instant_kept(ending.effective_at),
                "final_invoice_id": final,
                "refund_ids": work.payments.sent_back[sent:],
            }

        pending = view.facts.cancel_at is not None
        if shown is not None and not (pending and (await arrange_end(ctx, work, view, command, work.at)).already):
            return await as_shown(work, view, shown, asked_of(command), carried)
        if shown is None and ctx.principal.merchant:
            return await shown_first(work, view, carried)
        return (await carried(work, work.at))[1]

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCancel", command, owner, body)
    when = needed(instant_read(outcome["effective_at"]))
    for refund_id in outcome["refund_ids"]:
        await ctx.cashier.at_once(ctx.env.id, refund_id)
    async with ctx.read() as read:
        final = await read.invoices.by_id(outcome["final_invoice_id"]) if outcome["final_invoice_id"] else None
    refunds = await read_refunds(ctx, outcome["refund_ids"])
    return SubscriptionCanceled(await read_subscription(ctx, outcome), when, final, refunds, replayed)


async def _demand_replacement(ctx: Caller, read: Reader, view: SubscriptionView, command: SubscriptionCancel) -> None:
    """Refuse a replacement that is none; only the merchant says that there is one. (K6)"""
    merchant_argument(ctx, "reason", given=command.reason is CancelReason.REPLACED)
    merchant_argument(ctx, "replacedBySubscriptionId", given=command.replaced_by is not None)
    if command.replaced_by is None:
        return
    if command.reason is not CancelReason.REPLACED:
        raise InvalidInput("`replacedBySubscriptionId` goes with the reason REPLACED.", field=REPLACED_BY)
    other = await read.subscriptions.by_id(command.replaced_by)
    if other is None:
        raise not_found("Subscription", REPLACED_BY)
    if other.id == view.id:
        raise NotAReplacement("A subscription does not take its own place.", field=REPLACED_BY, why=Unfit.SAME)
    if other.customer_id != view.customer_id:
        raise NotAReplacement("It is another customer's subscription.", field=REPLACED_BY, why=Unfit.OTHER_CUSTOMER)
    if not other.facts.live:
        raise NotAReplacement("That subscription has ended itself.", field=REPLACED_BY, why=Unfit.ENDED)


def asked_of(command: SubscriptionCancel) -> object:
    """What a cancellation asks, apart from who asks, why, and under which key."""
    when = [command.timing, command.date, command.cycles, command.notice]
    return [command.subscription_id, *when, command.money, command.plan]


def decided(ending: Ending) -> Decided:
    """What was decided, in plain values."""
    what = [ending.timing, ending.effective_at, ending.terms, ending.already, told(ending.facts_then)]
    return Decided(ending.effective_at, what)


async def arrange_end(
    ctx: Caller,
    read: Reader,
    view: SubscriptionView,
    command: SubscriptionCancel,
    at: datetime,
) -> Ending:
    """Decide what a cancellation does, or refuse it by name; nothing is written."""
    _only_by_merchant(ctx, command)
    facts, merchant = view.facts, ctx.audience is Audience.MERCHANT
    policy = await read.environments.policy(ctx.env.id)
    timing = timing_said(command.timing, command.money) if merchant else timing_for_customer(policy, facts.status)
    terms = terms_for(timing, command.money, merchant=merchant)
    when = await _when(read, facts, timing, command, at) if facts.live else at
    already = _already(view, when, command.money, terms)
    if not already:
        plan = (await read.catalog.versions_by_id([facts.plan_version_id]))[facts.plan_version_id]
        custom = plan.kind is PlanKind.CUSTOM
        demand_action(action_of(timing), facts, policy, ctx.audience, custom_priced=custom)
        await _demand_meant(read, view, plan, command.plan, at)
        demand_before_end(facts, when, "timing" if command.date is None else "date")
        demand_before_completion(facts, when, at, "timing" if command.date is None else "date")
        if timing in (CancelTiming.ON_DATE, CancelTiming.AFTER_NOTICE) and not terms.prorate:
            demand_avoidable(facts, when)
        terms = await _refund_arranged(read, view, timing, when, terms)
    leads_to = facts.goes_on if already else await _leads_to(read, facts, timing, when, terms)
    until = await paid_through(read, view.id, when) if terms.access is EndAccess.UNTIL_PAID_THROUGH else None
    then = replace(facts, status=Status.CANCELED, ended_at=when, scheduled=(), access_until=until)
    if leads_to is not None:
        then = leave(just_before(facts, when), leads_to, when)
    return Ending(at, timing, when, then, terms, already, leads_to)


async def _demand_meant(read: Reader, view: SubscriptionView, held: PlanView, named: str | None, at: datetime) -> None:
    """Refuse where what was cancelled has ended and led to what is held now: the same request came twice. (S7)"""
    if named in (held.id, held.key):
        return
    if view.went_on and (named is not None or await after_the_end(read, view.facts, at) is None):
        raise AlreadyEnded(
            f"What was cancelled has ended, and goes on as {held.key}: to end that too, name it as `planId`.",
            field="planId",
            ended_at=view.facts.went_on_at,
        )
    if named is not None:
        raise InvalidInput(f"The subscription is not on this plan, but on {held.key}.", field="planId")


async def _leads_to(read: Reader, facts: Facts, timing: CancelTiming, when: datetime, terms: EndTerms) -> Target | None:
    """Where the end leads; refuses to leave access to what was paid where that is another plan."""
    if timing is CancelTiming.IMMEDIATE and facts.status not in BEGUN:
        return None
    leads_to = await after_the_end(read, facts, when)
    if leads_to is not None and terms.access is EndAccess.UNTIL_PAID_THROUGH:
        raise AccessOrPlan(
            "The end leads to another plan: to use up what was paid, end it when the period ends.", field="access"
        )
    return leads_to


async def _when(
    read: Reader, facts: Facts, timing: CancelTiming, command: SubscriptionCancel, at: datetime
) -> datetime:
    billed = command.notice is None or await ever_billed(read, facts)
    return effective_at(facts, timing, command.date, at, command.cycles, command.notice, billed=billed)


async def _refund_arranged(
    read: Reader, view: SubscriptionView, timing: CancelTiming, when: datetime, terms: EndTerms
) -> EndTerms:
    """What went back when an end was set went back for good, and once; it stands for an end that is set anew."""
    if paid_back(view) and view.facts.cancel_at is not None and when > view.facts.cancel_at:
        demand_not_paid_back(paid_back=True)
    if paid_back(view) and timing is not CancelTiming.IMMEDIATE:
        return replace(terms, refund=EndRefund.LAST_PAYMENT)
    if terms.refund is EndRefund.LAST_PAYMENT:
        await demand_last(read, view.id)
    return terms


def _only_by_merchant(ctx: Caller, command: SubscriptionCancel) -> None:
    """Refuse a customer who says when, or what becomes of money: the policy says it."""
    said = {"timing": command.timing, "date": command.date, "cycles": command.cycles, "notice": command.notice}
    for name, value in said.items():
        merchant_argument(ctx, name, given=value is not None)
    for option in fields(command.money):
        merchant_argument(ctx, _ARGUMENT[option.name], given=getattr(command.money, option.name) is not None)


def timing_said(timing: CancelTiming | None, money: EndAsked) -> CancelTiming:
    """Take the timing that a merchant said or the preset means."""
    if timing is not None:
        return timing
    if money.preset is not EndPreset.STRIPE:
        listed = ", ".join(CancelTiming)
        raise InvalidInput(f"Say when: the timing is one of {listed}.", field="timing")
    return CancelTiming.IMMEDIATE


def _already(view: SubscriptionView, when: datetime, asked: EndAsked, terms: EndTerms) -> bool:
    """Whether just this is pending: the same instant, and nothing else said about what happens then."""
    if not view.facts.live or view.facts.cancel_at != when:
        return False
    pending = view.cancellation.terms if view.cancellation is not None else EndTerms()
    return asked == EndAsked() or terms == pending


async def carry_out_end(
    work: Work, view: SubscriptionView, ending: Ending, command: SubscriptionCancel, *, said: str = ""
) -> str | None:
    """Write what was decided, and answer the id of the final invoice where one was made.

    `said` is a comment that is kept already.
    """
    facts = view.facts
    pending = facts.pending(ChangeKind.CANCEL)
    if pending is not None:
        await work.subscriptions.settle_change(pending.id, ChangeStatus.REPLACED, work.at)
        await work.subscriptions.undo_cancellation(pending.id, work.at)
    rest = replace(facts, scheduled=tuple(change for change in facts.scheduled if change is not pending))
    money = Proration(since=ending.at, undoes=pending.id if pending else "", end=ending.terms)
    if ending.timing is CancelTiming.IMMEDIATE:
        for overtaken in (each for each in rest.scheduled if each.kind is ChangeKind.CANCEL):
            await work.invoices.remove_waivers(overtaken.id)
        why = await _keep_reason(work, view, ending, command, "", said)
        made, until = len(work.invoices.made), ending.facts_then.access_until
        end = End(ending.at, ending.leads_to, until)
        await keep_end(work, view.customer_id, facts, end, beside=why, proration=money)
        await drop_rest(work, rest, "", work.at)
        return next(iter(work.invoices.made[made:]), None)
    pending = Scheduled("", ChangeKind.CANCEL, ending.effective_at, target=ending.leads_to)
    change = await schedule(work, view, pending)
    why = await _keep_reason(work, view, ending, command, change.id, said)
    after = cut(replace(rest, scheduled=(*rest.scheduled, change)))
    terms = ending.terms
    money = replace(money, prorate=terms.prorate, invoice_now=terms.invoice_now, change_id=change.id)
    kind = "subscription.cancellation_scheduled"
    await keep(work, view.customer_id, kind, facts, after, beside=why, proration=money)
    if terms.paid_back and not paid_back(view):
        await refund_last(work, view.id)
    return None


async def _keep_reason(
    work: Work,
    view: SubscriptionView,
    ending: Ending,
    command: SubscriptionCancel,
    change_id: str,
    said: str,
) -> dict[str, Json]:
    """Keep who asked and why; the comment's words live once, and the event holds their salted digest. (T10-T12)"""
    comment_id, digest = said, await work.customers.digest_of_text(said)
    if not said:
        comment_id, digest = await keep_comment(work, view.customer_id, command.comment)
    await work.subscriptions.add_cancellation(
        CancellationRow(
            id=work.ids.new("can"),
            environment_id=work.environment_id,
            customer_id=view.customer_id,
            subscription_id=view.id,
            scheduled_change_id=change_id,
            timing=ending.timing,
            reason=command.reason,
            comment_id=comment_id,
            actor=work.moment.actor,
            channel=work.moment.channel,
            requested_at=work.at,
            effective_at=ending.effective_at,
            terms=terms_kept(ending.terms),
            replaced_by_id=command.replaced_by or "",
        ),
    )
    reason = command.reason.value if command.reason else None
    replaced: dict[str, Json] = {REPLACED_BY: command.replaced_by} if command.replaced_by else {}
    return {"reason": reason, "commentId": comment_id or None, "commentDigest": digest, **replaced}


async def keep_comment(work: Work, customer_id: str | None, comment: str | None) -> tuple[str, str | None]:
    """Keep words, once and erasable; answers their id ('' for none) and the digest that events hold.

    Without a `customer_id` they are said of many.
    """
    if not comment:
        return "", None
    comment_id = work.ids.new("txt")
    await work.customers.add_text(
        PersonalTextRow(
            id=comment_id,
            environment_id=work.environment_id,
            customer_id=customer_id,
            text=comment,
            salt=work.ids.new("txt"),
            channel=work.moment.channel,
        ),
    )
    return comment_id, await work.customers.digest_of_text(comment_id)


def _checked(command: SubscriptionCancel) -> None:
    checks.optional_text(command.comment, "comment", checks.COMMENT)
    checks.reason(command.reason)
