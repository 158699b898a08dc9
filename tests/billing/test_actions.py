"""Which acts are open: for merchants by the status, for customers by the policy too; buttons and mutations agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.actions import Audience, Closed, demand, offers
from billing.lifecycle import LIVE, Action, ChangeKind, CollectionBehavior, Status
from billing.policies import CancellationMode, SelfServicePolicy
from billing.refusals import ActionNotAllowed, AlreadyEnded, NoCancellationPending, Refusal, SubscriptionEnded
from billing.subscriptions import CollectionPause, Scheduled
from tests.billing.facts import cancelling, day, facts, target

if TYPE_CHECKING:
    from billing.subscriptions import Facts

SHIPPED = SelfServicePolicy()
NOW = SelfServicePolicy(mode=CancellationMode.IMMEDIATE)
NO_CANCEL = SelfServicePolicy(allow_cancel=False)
NO_CHANGE = SelfServicePolicy(allow_change=False)
NOTHING = SelfServicePolicy(allow_cancel=False, allow_change=False, instructions="Write to us.")
LOWERING = facts(scheduled=(Scheduled("plan", ChangeKind.PLAN_CHANGE, day(2), target=target()),))
ENDED = facts(status=Status.CANCELED, ended_at=day(1, 9))
CHANGES = {Action.CHANGE_PLAN, Action.DOWNGRADE}
CANCELS = {Action.CANCEL_NOW, Action.CANCEL_AT_PERIOD_END, Action.CANCEL_ON_DATE}
PAUSES = {Action.COLLECTION_PAUSE}
UNCOLLECTED = facts(collection_pause=CollectionPause(CollectionBehavior.VOID))
MINE = Audience.CUSTOMER
THEIRS = Audience.MERCHANT


def open_to(held: Facts, policy: SelfServicePolicy, audience: Audience, *, custom: bool = False) -> set[Action]:
    """The actions that are open."""
    return {offer.action for offer in offers(held, policy, audience, custom_priced=custom) if offer.enabled}


@pytest.mark.parametrize(
    ("held", "policy", "expected"),
    [
        (facts(), SHIPPED, {Action.MANAGE, Action.CANCEL_AT_PERIOD_END, *CHANGES}),
        (facts(), NOW, {Action.MANAGE, Action.CANCEL_NOW, *CHANGES}),
        (facts(), NO_CANCEL, {Action.MANAGE, *CHANGES}),
        (facts(), NO_CHANGE, {Action.MANAGE, Action.CANCEL_AT_PERIOD_END}),
        (facts(), NOTHING, {Action.MANAGE, Action.CONTACT_SUPPORT}),
        (LOWERING, SHIPPED, {Action.CANCEL_AT_PERIOD_END, Action.UNDO_CHANGE, *CHANGES}),
        (LOWERING, NOTHING, {Action.CONTACT_SUPPORT, Action.UNDO_CHANGE}),
        (cancelling(day(2)), SHIPPED, {Action.UNDO_CANCELLATION}),
        (cancelling(day(2)), NOTHING, {Action.UNDO_CANCELLATION}),
        (facts(status=Status.PAST_DUE), SHIPPED, {Action.MANAGE, Action.CANCEL_AT_PERIOD_END}),
        (facts(status=Status.NOT_STARTED), NOW, {Action.MANAGE, Action.CANCEL_NOW}),
        (facts(status=Status.PAUSED), SHIPPED, {Action.MANAGE, Action.CANCEL_NOW}),
        (ENDED, SHIPPED, {Action.CONTACT_SUPPORT}),
    ],
)
def test_customers_have_what_the_policy_leaves_open(
    held: Facts, policy: SelfServicePolicy, expected: set[Action]
) -> None:
    assert open_to(held, policy, MINE) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (facts(), CANCELS | CHANGES | PAUSES),
        (LOWERING, CANCELS | CHANGES | PAUSES | {Action.UNDO_CHANGE}),
        (cancelling(day(2)), CANCELS | PAUSES | {Action.UNDO_CANCELLATION}),
        (facts(status=Status.PAUSED), {Action.CANCEL_NOW, Action.CANCEL_ON_DATE} | PAUSES),
        (facts(status=Status.NOT_STARTED), {Action.CANCEL_NOW, Action.CANCEL_ON_DATE} | PAUSES),
        (UNCOLLECTED, CANCELS | CHANGES | PAUSES | {Action.COLLECTION_RESUME}),
        (ENDED, set[Action]()),
    ],
)
def test_merchants_have_what_the_status_allows_whatever_the_policy(held: Facts, expected: set[Action]) -> None:
    assert open_to(held, SHIPPED, THEIRS) == open_to(held, NOTHING, THEIRS) == expected


def test_a_plan_by_agreement_leads_to_support_and_can_be_cancelled() -> None:
    assert open_to(facts(), SHIPPED, MINE, custom=True) == {Action.CONTACT_SUPPORT, Action.CANCEL_AT_PERIOD_END}


def test_every_action_is_listed_in_its_order_and_those_to_come_say_so() -> None:
    listed = offers(facts(), SHIPPED, MINE, custom_priced=False)

    assert [offer.action for offer in listed] == list(Action)
    unavailable = {offer.action for offer in listed if offer.closed is Closed.NOT_AVAILABLE}
    assert unavailable == {
        Action.CONTACT_SUPPORT,
        Action.PAUSE,
        Action.RESUME,
        Action.WITHDRAW_REQUEST,
        Action.PUBLIC_CANCELLATION_FORM,
    }


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("policy", [SHIPPED, NOW, NO_CANCEL, NO_CHANGE, NOTHING])
@pytest.mark.parametrize("custom", [False, True])
def test_a_button_and_its_mutation_never_disagree(
    audience: Audience, policy: SelfServicePolicy, *, custom: bool
) -> None:
    states = [*(facts(status=status) for status in Status), LOWERING, UNCOLLECTED, cancelling(day(2))]
    for held in states:
        for offer in offers(held, policy, audience, custom_priced=custom):
            if offer.action is Action.CONTACT_SUPPORT:
                continue
            refused = False
            try:
                demand(offer.action, held, policy, audience, custom_priced=custom)
            except Refusal:
                refused = True
            assert refused is not offer.enabled


@pytest.mark.parametrize(
    ("action", "held", "policy", "refusal"),
    [
        (Action.CANCEL_AT_PERIOD_END, facts(), NOTHING, ActionNotAllowed),
        (Action.CANCEL_ON_DATE, facts(), SHIPPED, ActionNotAllowed),
        (Action.DOWNGRADE, facts(status=Status.PAUSED), SHIPPED, ActionNotAllowed),
        (Action.COLLECTION_PAUSE, facts(), SHIPPED, ActionNotAllowed),
        (Action.COLLECTION_RESUME, UNCOLLECTED, SHIPPED, ActionNotAllowed),
        (Action.COLLECTION_PAUSE, ENDED, SHIPPED, SubscriptionEnded),
        (Action.UNDO_CANCELLATION, facts(), SHIPPED, NoCancellationPending),
        (Action.UNDO_CANCELLATION, ENDED, SHIPPED, AlreadyEnded),
        (Action.CANCEL_NOW, ENDED, SHIPPED, AlreadyEnded),
        (Action.DOWNGRADE, ENDED, SHIPPED, SubscriptionEnded),
        (Action.UNDO_CHANGE, ENDED, SHIPPED, SubscriptionEnded),
    ],
)
def test_what_is_closed_is_refused_by_name(
    action: Action, held: Facts, policy: SelfServicePolicy, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        demand(action, held, policy, MINE, custom_priced=False)


def test_the_refusal_carries_the_merchants_words() -> None:
    with pytest.raises(ActionNotAllowed) as refused:
        demand(Action.CANCEL_AT_PERIOD_END, facts(), NOTHING, MINE, custom_priced=False)

    assert refused.value.facts() == {
        "action": "CANCEL_AT_PERIOD_END",
        "reason_code": "POLICY_FORBIDS",
        "instructions": "Write to us.",
    }


def test_every_live_status_can_be_cancelled_by_the_merchant() -> None:
    for status in LIVE:
        assert Action.CANCEL_NOW in open_to(facts(status=status), NOTHING, THEIRS)
