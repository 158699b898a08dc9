"""Single rules of the evaluator, each with the smallest sources that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.entitlements.burning import Burn
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.sources import NoAccess, ResetEvery, Usage
from billing.refusals import AmountOutOfRange, InvalidInput
from tests.billing.entitlements.cases import (
    AT,
    CALLS,
    REPLACE,
    SEATS,
    SSO,
    UNUSED,
    add_on,
    allowance,
    burn,
    metered,
    override,
    sources,
    subscription,
    utc,
)

if TYPE_CHECKING:
    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import AddOnSource, Json, Sources


def asked(src: Sources, usage: Usage = UNUSED, resource: str = "", requested: Json = None) -> Decision:
    """The decision at noon of 20 January 2024."""
    return evaluate(src, usage, AT, resource=resource, requested=requested)


# -- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "add_ons", "limit"),
    [
        (100, (add_on(metered(10), 3),), 130),
        (100, (add_on(metered(10), 3, "a"), add_on(metered(5), 1, "b")), 135),
        (100, (add_on(metered(40, behaviour=REPLACE), 2),), 80),
        (100, (add_on(metered(40, behaviour=REPLACE), 2, "a"), add_on(metered(70, behaviour=REPLACE), 1, "b")), 80),
        (100, (add_on(metered(200, behaviour=REPLACE), 1, "a"), add_on(metered(10), 2, "b")), 220),
        (100, (add_on(metered(None), 1),), None),
        (100, (add_on(metered(None, behaviour=REPLACE), 1),), None),
        (None, (add_on(metered(40, behaviour=REPLACE), 1),), None),
        (100, (add_on(metered(40), 0), add_on(None, 5, "b")), 100),
    ],
)
def test_add_ons_add_to_the_plan_or_stand_in_its_place(
    plan: int | None, add_ons: tuple[AddOnSource, ...], limit: int | None
) -> None:
    decision = asked(sources(CALLS, subscription(metered(plan), add_ons=add_ons)))

    assert (decision.limit, decision.unlimited) == (limit, limit is None)


def test_an_add_on_alone_gives_what_the_plan_does_not_list() -> None:
    daily = add_on(metered(10, reset=ResetEvery.DAY, hard=False), 2)

    decision = asked(sources(CALLS, subscription(None, add_ons=(daily,))))

    assert (decision.limit, decision.hard, decision.resets_at) == (20, False, utc("2024-01-21"))


def test_a_replacement_brings_its_own_reset_and_hardness() -> None:
    daily = add_on(metered(10, reset=ResetEvery.DAY, hard=False, behaviour=REPLACE))

    decision = asked(sources(CALLS, subscription(metered(500), add_ons=(daily,))))

    assert (decision.limit, decision.hard, decision.resets_at) == (10, False, utc("2024-01-21"))


def test_equal_limits_are_won_by_the_oldest_subscription() -> None:
    old = subscription(metered(10, reset=ResetEvery.DAY), "b", created_at=utc("2023-01-01"))
    young = subscription(metered(10, reset=ResetEvery.YEAR), "a")

    assert asked(sources(CALLS, young, old)).resets_at == utc("2024-01-21")


def test_a_plan_may_list_a_limit_of_nothing() -> None:
    decision = asked(sources(CALLS, subscription(metered(0))))

    assert (decision.reason, decision.remaining) == (Reason.LIMIT_REACHED, 0)


@pytest.mark.parametrize(
    ("usage", "requested", "reason", "remaining", "over"),
    [
        (Usage(0), None, Reason.GRANTED, 10, 0),
        (Usage(9), 1, Reason.GRANTED, 1, 0),
        (Usage(7, 2), 2, Reason.REQUESTED_EXCEEDS_LIMIT, 1, 0),
        (Usage(7, 3), None, Reason.LIMIT_REACHED, 0, 0),
        (Usage(12, 3), 1, Reason.LIMIT_REACHED, 0, 5),
    ],
)
def test_a_hard_limit_gives_what_remains_and_no_more(
    usage: Usage, requested: int | None, reason: Reason, remaining: int, over: int
) -> None:
    decision = asked(sources(CALLS, subscription(metered(10))), usage, requested=requested)

    assert (decision.reason, decision.remaining, decision.over_by) == (reason, remaining, over)


def test_a_soft_limit_never_denies_and_says_what_is_over() -> None:
    decision = asked(sources(CALLS, subscription(metered(10, hard=False))), Usage(15), requested=100)

    assert (decision.has_access, decision.remaining, decision.over_by) == (True, 0, 5)


def test_a_grant_still_counts_where_the_limit_was_lowered_below_usage() -> None:
    decision = asked(sources(CALLS, subscription(metered(10)), allowances=(allowance(3),)), Usage(15), requested=3)

    assert (decision.has_access, decision.remaining, decision.over_by) == (True, 3, 5)


@pytest.mark.parametrize("requested", [0, -1])
def test_nothing_cannot_be_requested(requested: int) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        asked(sources(CALLS), requested=requested)

    assert refused.value.field == "requested"


@pytest.mark.parametrize("requested", ["1", True, 1.5, [1]])
def test_only_amounts_are_requested_of_a_metered_feature(requested: Json) -> None:
    with pytest.raises(InvalidInput):
        asked(sources(CALLS), requested=requested)


# -- overrides ---------------------------------------------------------------------------------------------------


def test_an_override_lowers_too_and_keeps_allowances_from_burning() -> None:
    src = sources(CALLS, subscription(metered(100)), allowances=(allowance(50),), overrides=(override(limit=20),))

    decision = asked(src, Usage(25))

    assert (decision.reason, decision.limit, decision.over_by) == (Reason.LIMIT_REACHED, 20, 5)
    assert decision.allowance_left == 0
    assert burn(src, Usage(0), 30, AT) == Burn(30)


def test_the_resources_override_beats_the_customers() -> None:
    both = (
        override("all", revoked=True, starts_at=utc("2024-01-19")),
        override("blog", resource="blog", limit=7),
    )
    src = sources(CALLS, subscription(metered(100)), overrides=both)

    assert asked(src, resource="blog").limit == 7
    assert asked(src).reason is Reason.REVOKED


def test_an_override_stands_from_its_start_until_its_end() -> None:
    src = sources(CALLS, overrides=(override(limit=3, starts_at=AT, ends_at=utc("2024-01-20T13:00")),))

    assert asked(src).limit == 3
    assert evaluate(src, UNUSED, utc("2024-01-20T11:59")).limit is None
    assert evaluate(src, UNUSED, utc("2024-01-20T13:00")).limit is None


def test_an_override_needs_no_subscription() -> None:
    unlimited = asked(sources(CALLS, overrides=(override(limit=None),)))

    assert (unlimited.has_access, unlimited.unlimited, unlimited.remaining) == (True, True, None)
    assert asked(sources(SSO, overrides=(override(),))).has_access
    assert asked(sources(SEATS, overrides=(override(value=4),)), requested=4).value == 4


# -- reasons -----------------------------------------------------------------------------------------------------


def test_the_newest_silent_subscription_says_why() -> None:
    old = subscription(metered(1), "old", created_at=utc("2023-01-01"), no_access=NoAccess.UNPAID)
    new = subscription(None, "new", no_access=NoAccess.SUBSCRIPTION_ENDED)
    twin = subscription(None, "twin", no_access=NoAccess.TRIAL_ENDED)

    assert asked(sources(CALLS, new, old)).reason is Reason.SUBSCRIPTION_ENDED
    assert asked(sources(CALLS, new, twin, old)).reason is Reason.TRIAL_ENDED


def test_a_giving_plan_without_the_feature_says_more_than_a_silent_one() -> None:
    src = sources(CALLS, subscription(metered(1), no_access=NoAccess.PAST_DUE), subscription(None, "free"))

    assert asked(src).reason is Reason.NOT_IN_PLAN


def test_asked_without_a_resource_the_silent_subscriptions_of_resources_speak() -> None:
    src = sources(CALLS, subscription(metered(1), resource="blog", no_access=NoAccess.PAUSED))

    assert asked(src).reason is Reason.PAUSED
    assert asked(src, resource="shop").reason is Reason.NO_ACTIVE_SUBSCRIPTION
