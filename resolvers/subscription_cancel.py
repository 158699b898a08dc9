"""End a subscription: now, when the period ends, or on a date. (S4, K8, K10-K18, C4, C8)"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.actions import Audience
from billing.actions import demand as demand_action
from billing.calendar import Period
from billing.cancellation import action_of, effective_at, timing_for_customer
from billing.catalog.values import PlanKind
from billing.lifecycle import CancelTiming, ChangeKind, ChangeStatus, Status
from billing.refusals import InvalidInput
from billing.subscriptions import Scheduled, cut
from models.tables.customer import PersonalTextRow
from models.tables.subscription import CancellationRow
from resolvers import checks
from resolvers.access import merchant_argument
from resolvers.acts import act, found_subscription, instant_kept, instant_read, needed, owner_of_subscription
from resolvers.changing import read_subscription, schedule
from resolvers.due import drop_rest, keep
from resolvers.invoicing.asked import AT_ONCE, ENDED_BY_MERCHANT

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from billing.entitlements.sources import Json
    from billing.lifecycle import CancelReason
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class SubscriptionCancel:
    """When and why. A merchant must say when; for a customer the policy says it."""

    subscription_id: str
    timing: CancelTiming | None = None
    date: datetime | None = None
    reason: CancelReason | None = None
    comment: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionCanceled:
    """The subscription now, and the instant at which it ends or ended."""

    subscription: SubscriptionView
    effective_at: datetime
    replayed: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """What a cancellation would do."""

    timing: CancelTiming
    effective_at: datetime
    facts_then: Facts
    already: bool
    by_merchant: bool


async def cancel(ctx: Context, command: SubscriptionCancel) -> SubscriptionCanceled:
    """Cancel, or move a pending cancellation; asking for what is pending already changes nothing."""
    _checked(command)

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        ending = await arrange_end(ctx, work, view, command, work.at)
        if not ending.already:
            await _carry_out(work, view, ending, command)
        return {"subscription_id": view.id, "effective_at": instant_kept(ending.effective_at)}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionCancel", command, owner, body)
    when = needed(instant_read(outcome["effective_at"]))
    return SubscriptionCanceled(await read_subscription(ctx, outcome), when, replayed)


async def arrange_end(
    ctx: Context,
    read: Reader,
    view: SubscriptionView,
    command: SubscriptionCancel,
    at: datetime,
) -> Ending:
    """Decide what a cancellation does, or refuse it by name; nothing is written."""
    merchant_argument(ctx, "timing", given=command.timing is not None)
    merchant_argument(ctx, "date", given=command.date is not None)
    policy = await read.environments.policy(ctx.env.id)
    timing = timing_for_customer(policy, view.facts.status) if ctx.audience is Audience.CUSTOMER else command.timing
    if timing is None:
        raise InvalidInput("Say when: timing IMMEDIATE, END_OF_PERIOD or ON_DATE.", field="timing")
    facts = view.facts
    when = effective_at(facts, timing, command.date, at) if facts.live else at
    already = facts.live and facts.cancel_at is not None and facts.cancel_at == when
    if not already:
        plan = (await read.catalog.versions_by_id([facts.plan_version_id]))[facts.plan_version_id]
        custom = plan.kind is PlanKind.CUSTOM
        demand_action(action_of(timing), facts, policy, ctx.audience, custom_priced=custom)
    ended = replace(facts, status=Status.CANCELED, ended_at=when, scheduled=())
    return Ending(timing, when, ended, already, ctx.audience is Audience.MERCHANT)


async def _carry_out(work: Work, view: SubscriptionView, ending: Ending, command: SubscriptionCancel) -> None:
    facts = view.facts
    pending = facts.pending(ChangeKind.CANCEL)
    if pending is not None:
        await work.subscriptions.settle_change(pending.id, ChangeStatus.REPLACED, work.at)
        await work.subscriptions.undo_cancellation(pending.id, work.at)
    rest = replace(facts, scheduled=tuple(change for change in facts.scheduled if change is not pending))
    if ending.timing is CancelTiming.IMMEDIATE:
        why = await _keep_reason(work, view, ending, command, "")
        await drop_rest(work, rest, "", work.at)
        money = ENDED_BY_MERCHANT if ending.by_merchant else AT_ONCE
        await keep(
            work, view.customer_id, "subscription.canceled", facts, _ended(rest, work.at), beside=why, proration=money
        )
        return
    change = await schedule(work, view, Scheduled("", ChangeKind.CANCEL, ending.effective_at))
    why = await _keep_reason(work, view, ending, command, change.id)
    after = cut(replace(rest, scheduled=(*rest.scheduled, change)))
    await keep(work, view.customer_id, "subscription.cancellation_scheduled", facts, after, beside=why)


def _ended(facts: Facts, at: datetime) -> Facts:
    end = max(min(facts.period.end, at), facts.period.start)
    return replace(
        facts,
        status=Status.CANCELED,
        ended_at=at,
        period=Period(facts.period.start, end),
        scheduled=(),
    )


async def _keep_reason(
    work: Work,
    view: SubscriptionView,
    ending: Ending,
    command: SubscriptionCancel,
    change_id: str,
) -> dict[str, Json]:
    """Keep who asked and why; the comment's words live once, and the event holds their salted digest. (T10-T12)"""
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
        ),
    )
    reason = command.reason.value if command.reason else None
    return {"reason": reason, "commentId": comment_id or None, "commentDigest": digest}


async def keep_comment(work: Work, customer_id: str, comment: str | None) -> tuple[str, str | None]:
    """Keep a customer's words, once and erasable; answers their id ('' for none) and the digest that events hold."""
    if not comment:
        return "", None
    comment_id, salt = work.ids.new("txt"), work.ids.new("txt")
    await work.customers.add_text(
        PersonalTextRow(
            id=comment_id,
            environment_id=work.environment_id,
            customer_id=customer_id,
            text=comment,
            salt=salt,
        ),
    )
    return comment_id, hashlib.sha256(f"{salt}{comment}".encode()).hexdigest()


def _checked(command: SubscriptionCancel) -> None:
    checks.optional_text(command.comment, "comment", checks.COMMENT)
    checks.reason(command.reason)
