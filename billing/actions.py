"""Which acts are open for a subscription: one rule for the buttons and for the mutations behind them. (S1, P14-P17)"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.cancellation import timing_for_customer
from billing.dataclass import dataclass
from billing.instalments import in_last_period
from billing.lifecycle import CANCEL_ACTIONS, MOVES, Action, ChangeKind, Status
from billing.refusals import ActionNotAllowed, AlreadyEnded, MerchantOnly, NoCancellationPending, SubscriptionEnded
from billing.schedules import managed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.policies import SelfServicePolicy
    from billing.subscriptions import Facts, Scheduled


class Audience(StrEnum):
    """For whom the list is made."""

    MERCHANT = "MERCHANT"
    CUSTOMER = "CUSTOMER"


AUDIENCE_MEANINGS: Mapping[Audience, str] = MappingProxyType(
    {
        Audience.MERCHANT: "The merchant's own staff and programs: everything that the status allows.",
        Audience.CUSTOMER: "The customer: what the self-service policy leaves open.",
    },
)


class Closed(StrEnum):
    """Why an action is not open."""

    NOT_AVAILABLE = "NOT_AVAILABLE"
    STATUS_FORBIDS = "STATUS_FORBIDS"
    POLICY_FORBIDS = "POLICY_FORBIDS"
    CANCELLATION_PENDING = "CANCELLATION_PENDING"
    CHANGE_PENDING = "CHANGE_PENDING"
    NOTHING_PENDING = "NOTHING_PENDING"
    CUSTOM_PRICED = "CUSTOM_PRICED"
    MERCHANT_ONLY = "MERCHANT_ONLY"
    HIDDEN = "HIDDEN"
    REFUND_MADE = "REFUND_MADE"
    SCHEDULED = "SCHEDULED"
    INSTALMENTS = "INSTALMENTS"
    LAST_INSTALMENT = "LAST_INSTALMENT"


CLOSED_MEANINGS: Mapping[Closed, str] = MappingProxyType(
    {
        Closed.NOT_AVAILABLE: "This version of Plangate does not offer it.",
        Closed.STATUS_FORBIDS: "The subscription's status does not allow it.",
        Closed.POLICY_FORBIDS: "The self-service policy does not offer it.",
        Closed.CANCELLATION_PENDING: "A cancellation is pending: undo it first.",
        Closed.CHANGE_PENDING: "A change is pending: it can be taken back instead.",
        Closed.NOTHING_PENDING: "There is nothing pending to take back.",
        Closed.CUSTOM_PRICED: "The plan is priced individually: contact the merchant.",
        Closed.MERCHANT_ONLY: "Only the merchant may do it.",
        Closed.HIDDEN: "The merchant's configuration hides it.",
        Closed.REFUND_MADE: "The last payment was paid back when the end was set.",
        Closed.SCHEDULED: "A schedule says what comes next: edit or release that. (C9)",
        Closed.INSTALMENTS: "It is paid in instalments, which stay as they were agreed: it can be ended. (K4)",
        Closed.LAST_INSTALMENT: "Its last instalment is for this period, whose end completes it anyway. (K4)",
    },
)


_FIRST: Mapping[Status, str] = MappingProxyType(
    {
        Status.NOT_STARTED: "wait for its start, or cancel it at once or on a date",
        Status.INCOMPLETE: "its first invoice has to be paid first",
        Status.UNPAID: "pay, void or give up its open invoices first",
        Status.PAUSED: "add a payment method, or cancel it at once or on a date",
    },
)
"""What has to happen before more can be done, by status."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One action and whether it is open; `closed` says why not."""

    action: Action
    closed: Closed | None = None

    @property
    def enabled(self) -> bool:
        """Whether it may be done now."""
        return self.closed is None


_LATER = frozenset(
    {
        Action.PAUSE,
        Action.RESUME,
        Action.WITHDRAW_REQUEST,
        Action.PUBLIC_CANCELLATION_FORM,
    },
)
_COLLECTION = frozenset({Action.COLLECTION_PAUSE, Action.COLLECTION_RESUME})
_CANCELS = frozenset({Action.CANCEL_NOW, Action.CANCEL_AT_PERIOD_END, Action.CANCEL_ON_DATE})
_CHANGES = frozenset({Action.CHANGE_PLAN, Action.DOWNGRADE})


def offers(
    facts: Facts, policy: SelfServicePolicy, audience: Audience, *, custom_priced: bool, paid_back: bool = False
) -> tuple[Offer, ...]:
    """List every action with whether it is open for this audience, in the order in which a page shows them.

    `paid_back` is an end that is pending and for which money went back.
    """
    closed = {each: _closed(each, facts, policy, audience, custom_priced=custom_priced) for each in Action}
    if paid_back:
        closed[Action.UNDO_CANCELLATION] = closed[Action.UNDO_CANCELLATION] or Closed.REFUND_MADE
    listed = [Offer(action, why) for action, why in closed.items()]
    if audience is Audience.MERCHANT:
        return tuple(listed)
    alone = all(offer.closed for offer in listed if offer.action in _CANCELS | _CHANGES | {Action.UNDO_CANCELLATION})
    return tuple(
        Offer(Action.CONTACT_SUPPORT, None if alone or custom_priced else Closed.NOT_AVAILABLE)
        if offer.action is Action.CONTACT_SUPPORT
        else offer
        for offer in listed
    )


def demand(
    action: Action,
    facts: Facts,
    policy: SelfServicePolicy,
    audience: Audience,
    *,
    custom_priced: bool,
) -> None:
    """Refuse by name where the action is not open, by the rule that made the list."""
    closed = _closed(action, facts, policy, audience, custom_priced=custom_priced)
    if closed is None:
        return
    if closed is Closed.NOTHING_PENDING and action is Action.UNDO_CANCELLATION:
        raise NoCancellationPending("No cancellation is pending; there is nothing to undo.")
    if closed is Closed.SCHEDULED:
        raise managed(facts)
    if not facts.live:
        if action in _CANCELS or action is Action.UNDO_CANCELLATION:
            raise AlreadyEnded(
                "The subscription has ended and is never reactivated: make a new one.", ended_at=facts.ended_at
            )
        raise SubscriptionEnded(
            "The subscription has ended: only its cancellation details and metadata may change.",
            ended_at=facts.ended_at,
        )
    raise ActionNotAllowed(
        _told(action, closed, facts),
        action=action.value,
        reason_code=closed.value,
        instructions=policy.instructions,
    )


def _told(action: Action, closed: Closed, facts: Facts) -> str:
    """Say why an action is closed, and what opens it where something does."""
    if closed is Closed.STATUS_FORBIDS:
        first = _FIRST.get(facts.status)
        return f"The subscription is {facts.status}, which does not allow it{f': {first}' if first else ''}."
    if closed is Closed.NOTHING_PENDING and action is Action.COLLECTION_RESUME:
        return "Its collection is not paused: there is nothing to resume."
    return CLOSED_MEANINGS[closed]


def demand_no_job(job_id: str | None, audience: Audience, field: str) -> None:
    """Refuse a customer who would take back what a job of the merchant's scheduled."""
    if job_id and audience is Audience.CUSTOMER:
        raise MerchantOnly("A job of the merchant's scheduled this: only the merchant takes it back.", field=field)


def _closed(
    action: Action,
    facts: Facts,
    policy: SelfServicePolicy,
    audience: Audience,
    *,
    custom_priced: bool,
) -> Closed | None:
    if action in _LATER:
        return Closed.NOT_AVAILABLE
    if action is Action.CONTACT_SUPPORT:
        return None if audience is Audience.CUSTOMER else Closed.NOT_AVAILABLE
    if action is Action.MANAGE:
        return _manage_closed(facts, audience, custom_priced=custom_priced)
    if (facts.status, action) not in MOVES:
        return Closed.STATUS_FORBIDS
    pending = _agreed_closed(action, facts) or _pending_closed(action, facts)
    if pending or audience is Audience.MERCHANT:
        return pending
    return _policy_closed(action, facts, policy, custom_priced=custom_priced)


def _agreed_closed(action: Action, facts: Facts) -> Closed | None:
    """Instalments are neither changed nor ended when they end anyway. (K4)"""
    if action in _CHANGES and facts.instalments is not None:
        return Closed.INSTALMENTS
    return Closed.LAST_INSTALMENT if action is Action.CANCEL_AT_PERIOD_END and in_last_period(facts) else None


def _manage_closed(facts: Facts, audience: Audience, *, custom_priced: bool) -> Closed | None:
    if audience is Audience.MERCHANT:
        return Closed.NOT_AVAILABLE
    if not facts.live:
        return Closed.STATUS_FORBIDS
    if custom_priced:
        return Closed.CUSTOM_PRICED
    if facts.cancel_at:
        return Closed.CANCELLATION_PENDING
    if facts.schedule_id:
        return Closed.SCHEDULED
    return Closed.CHANGE_PENDING if _changing(facts) else None


def _changing(facts: Facts) -> bool:
    return bool(_pending_changes(facts))


def _pending_changes(facts: Facts) -> list[Scheduled]:
    kinds = (ChangeKind.PLAN_CHANGE, ChangeKind.QUANTITY)
    return [change for change in facts.scheduled if change.kind in kinds and not change.schedule_id]


def _undo_closed(facts: Facts) -> Closed | None:
    if facts.cancel_at is None:
        return Closed.NOTHING_PENDING
    return None if facts.pending(ChangeKind.CANCEL) else Closed.SCHEDULED


def _pending_closed(action: Action, facts: Facts) -> Closed | None:
    if action is Action.UNDO_CANCELLATION:
        return _undo_closed(facts)
    if action is Action.UNDO_CHANGE:
        return None if _changing(facts) else Closed.NOTHING_PENDING
    if action is Action.COLLECTION_RESUME:
        return None if facts.collection_pause else Closed.NOTHING_PENDING
    if action not in _CHANGES or not (facts.schedule_id or facts.cancel_at):
        return None
    return Closed.SCHEDULED if facts.schedule_id else Closed.CANCELLATION_PENDING


def _policy_closed(action: Action, facts: Facts, policy: SelfServicePolicy, *, custom_priced: bool) -> Closed | None:
    if action in _CANCELS:
        if action is Action.CANCEL_ON_DATE:
            return Closed.MERCHANT_ONLY
        if facts.cancel_at is not None:
            return Closed.CANCELLATION_PENDING
        offered = CANCEL_ACTIONS[timing_for_customer(policy, facts.status)]
        allowed = policy.allow_cancel and (facts.instalments is None or policy.allow_instalment_cancel)
        return None if allowed and offered is action else Closed.POLICY_FORBIDS
    if action in _CHANGES:
        if custom_priced:
            return Closed.CUSTOM_PRICED
        return None if policy.allow_change else Closed.POLICY_FORBIDS
    end = facts.pending(ChangeKind.CANCEL)
    taken_back = {Action.UNDO_CHANGE: _pending_changes(facts), Action.UNDO_CANCELLATION: [end] if end else []}
    of_jobs = action in taken_back and all(change.job_id for change in taken_back[action])
    return Closed.MERCHANT_ONLY if of_jobs or action in _COLLECTION else None
