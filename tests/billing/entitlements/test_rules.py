"""Single rules of the evaluator, each with the smallest sources that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.calendar import Period
from billing.entitlements.burning import Burn, burn
from billing.entitlements.counters import counter
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter, NoAccess, ResetAnchor, ResetEvery, Usage
from billing.refusals import AmountOutOfRange, InvalidInput, ResourceRequired
from tests.billing.entitlements.cases import (
    AT,
    CALLS,
    REGION,
    REPLACE,
    SEATS,
    SSO,
    THEME,
    UNUSED,
    add_on,
    allowance,
    metered,
    override,
    sources,
    subscription,
    utc,
    valued,
)
from tests.billing.test_calendar import BERLIN

if TYPE_CHECKING:
    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import AddOnSource, Feature, Give, Json, Sources


def asked(src: Sources, usage: Usage = UNUSED, resource: str = "", requested: Json = None) -> Decision:
    """The decision at noon of 20 January 2024."""
    return evaluate(src, usage, AT, resource=resource, requested=requested)


# -- resources ---------------------------------------------------------------------------------------------------


def test_without_a_resource_the_only_one_that_gives_is_meant() -> None:
    src = sources(
        CALLS,
        subscription(metered(10), "blog", resource="blog"),
        subscription(metered(90), "shop", resource="shop", no_access=NoAccess.PAUSED),
        allowances=(allowance(5, resource="shop"), allowance(3, "blog", resource="blog"), allowance(1, "all")),
    )

    decision = asked(src)

    assert effective_resource(src, "") == "blog"
    assert (decision.resource, decision.limit, decision.remaining) == ("blog", 10, 14)
    assert counter(src, "", AT) == Counter("blog", utc("2024-01-01"), utc("2024-02-01"))


@pytest.mark.parametrize(("feature", "give"), [(CALLS, metered(1)), (SEATS, valued(1))])
def test_several_resources_make_numbers_and_values_ambiguous(feature: Feature, give: Give) -> None:
    shop, blog = subscription(give, "shop", resource="shop"), subscription(give, "blog", resource="blog")
    src = sources(feature, shop, blog)

    with pytest.raises(ResourceRequired) as refused:
        asked(src)

    assert refused.value.facts() == {"resources": ("blog", "shop")}
    assert asked(src, resource="shop").has_access


def test_a_boolean_of_several_resources_answers_any() -> None:
    both = (subscription(valued(None), "blog", resource="blog"), subscription(valued(None), "shop", resource="shop"))
    without_blog = override("blog", resource="blog", revoked=True)
    without_shop = override("shop", resource="shop", revoked=True)

    assert asked(sources(SSO, *both)).resource == "blog"
    assert asked(sources(SSO, *both, overrides=(without_blog,))).resource == "shop"
    neither = asked(sources(SSO, *both, overrides=(without_blog, without_shop)))
    assert (neither.has_access, neither.reason) == (False, Reason.REVOKED)


def test_any_of_several_resources_includes_the_customer_as_a_whole() -> None:
    names = ("blog", "shop")
    without = tuple(override(name, resource=name, revoked=True) for name in names)
    own = tuple(subscription(valued(None), name, resource=name) for name in names)

    decision = asked(sources(SSO, *own, subscription(valued(None), "wide"), overrides=without))

    assert (decision.has_access, decision.resource) == (True, "")


def test_two_subscriptions_of_one_resource_are_not_ambiguous() -> None:
    src = sources(CALLS, subscription(metered(1), "a", resource="blog"), subscription(metered(2), "b", resource="blog"))

    assert (asked(src).resource, asked(src).limit) == ("blog", 2)


def test_the_winners_scope_has_the_counter() -> None:
    wide, own = subscription(metered(10), "wide"), subscription(metered(20), "own", resource="blog")

    assert counter(sources(CALLS, wide, own), "blog", AT) == Counter("blog", utc("2024-01-01"), utc("2024-02-01"))
    assert counter(sources(CALLS, wide, own), "shop", AT) == Counter("", utc("2024-01-01"), utc("2024-02-01"))


# -- counters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reset", "anchor", "start", "end"),
    [
        (ResetEvery.HOUR, ResetAnchor.SUBSCRIPTION, "2024-03-31T09:30", "2024-03-31T10:30"),
        (ResetEvery.HOUR, ResetAnchor.CALENDAR, "2024-03-31T10:00", "2024-03-31T11:00"),
        (ResetEvery.DAY, ResetAnchor.SUBSCRIPTION, "2024-03-31T01:00", "2024-04-01T00:30"),
        (ResetEvery.DAY, ResetAnchor.CALENDAR, "2024-03-30T23:00", "2024-03-31T22:00"),
        (ResetEvery.WEEK, ResetAnchor.SUBSCRIPTION, "2024-03-27T01:30", "2024-04-03T00:30"),
        (ResetEvery.WEEK, ResetAnchor.CALENDAR, "2024-03-24T23:00", "2024-03-31T22:00"),
        (ResetEvery.MONTH, ResetAnchor.SUBSCRIPTION, "2024-03-31T01:00", "2024-04-30T00:30"),
        (ResetEvery.MONTH, ResetAnchor.CALENDAR, "2024-02-29T23:00", "2024-03-31T22:00"),
        (ResetEvery.YEAR, ResetAnchor.SUBSCRIPTION, "2024-01-31T01:30", "2025-01-31T01:30"),
        (ResetEvery.YEAR, ResetAnchor.CALENDAR, "2023-12-31T23:00", "2024-12-31T23:00"),
        (ResetEvery.SUBSCRIPTION_PERIOD, ResetAnchor.CALENDAR, "2024-03-15T00:00", "2024-04-15T00:00"),
    ],
)
def test_a_window_follows_its_reset_and_anchor_on_the_local_clock(
    reset: ResetEvery, anchor: ResetAnchor, start: str, end: str
) -> None:
    """The anchor is 31 January, 02:30 in Berlin; the clock jumps over 02:30 on 31 March."""
    plan = subscription(
        metered(5, reset=reset, reset_anchor=anchor),
        anchor=utc("2024-01-31T01:30"),
        zone=BERLIN,
        period=Period(utc("2024-03-15"), utc("2024-04-15")),
    )

    found = counter(sources(CALLS, plan), "", utc("2024-03-31T10:15"))

    assert found == Counter("", utc(start), utc(end))


def test_what_never_resets_has_no_window() -> None:
    src = sources(CALLS, subscription(metered(5, reset=ResetEvery.NEVER)))

    assert counter(src, "blog", AT) == Counter("", None, None)
    assert asked(src).resets_at is None


def test_allowances_and_overrides_without_a_limit_count_from_ever_for_the_resource_asked() -> None:
    assert counter(sources(CALLS, allowances=(allowance(5),)), "blog", AT) == Counter("blog", None, None)
    assert counter(sources(CALLS, overrides=(override(limit=5),)), "", AT) == Counter("", None, None)


def test_an_override_leaves_the_counter_running() -> None:
    plan = subscription(metered(5, reset=ResetEvery.DAY))

    assert counter(sources(CALLS, plan, overrides=(override(limit=9),)), "", AT) == counter(
        sources(CALLS, plan), "", AT
    )


@pytest.mark.parametrize("feature", [SSO, SEATS, None])
def test_only_metered_features_are_counted(feature: Feature | None) -> None:
    assert counter(sources(feature), "", AT) is None


def test_the_past_and_the_future_have_their_own_windows() -> None:
    src = sources(CALLS, subscription(metered(5)))

    assert evaluate(src, UNUSED, utc("2019-06-10")).resets_at == utc("2019-07-01")
    assert evaluate(src, UNUSED, utc("2044-02-10")).resets_at == utc("2044-03-01")


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


# -- configuration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feature", "value", "requested", "allowed"),
    [
        (SEATS, 3, 3, True),
        (SEATS, 3, 3.5, False),
        (SEATS, 3.5, 3, True),
        (SEATS, 3, True, False),
        (SEATS, 3, "2", False),
        (SEATS, None, 1, False),
        (REGION, "eu", "eu", True),
        (REGION, "eu", "us", False),
        (REGION, ["eu", "us"], "us", True),
        (REGION, ["eu", "us"], ["us", "eu"], True),
        (REGION, ["eu", "us"], ["us", "ap"], False),
        (REGION, "eu", 1, False),
        (THEME, {"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (THEME, {"a": 1}, {"a": True}, False),
    ],
)
def test_a_requested_value_has_to_be_allowed(feature: Feature, value: Json, requested: Json, allowed: bool) -> None:
    decision = asked(sources(feature, subscription(valued(value))), requested=requested)

    assert decision.has_access is allowed
    assert decision.reason is (Reason.GRANTED if allowed else Reason.VALUE_NOT_ALLOWED)
    assert decision.value == value


@pytest.mark.parametrize(
    ("plan", "extras", "value"),
    [
        (3, (add_on(valued(2), 2),), 7),
        (0.1, (add_on(valued(0.2)),), 0.3),
        (3, (add_on(valued(9, behaviour=REPLACE), 2, "a"), add_on(valued(1), 1, "b")), 10),
        (3, (add_on(valued("x")),), 3),
        (None, (add_on(valued(2), 2),), 4),
    ],
)
def test_numbers_of_add_ons_are_added_exactly(plan: Json, extras: tuple[AddOnSource, ...], value: Json) -> None:
    assert asked(sources(SEATS, subscription(valued(plan), add_ons=extras))).value == value


def test_a_boolean_that_a_plan_lists_as_not_given_is_not_given() -> None:
    none_of_it = (add_on(valued(None), 0), add_on(valued(None, granted=False), 1, "b"))

    decision = asked(sources(SSO, subscription(valued(None, granted=False), add_ons=none_of_it)))

    assert (decision.has_access, decision.reason) == (False, Reason.NOT_IN_PLAN)
    assert asked(sources(SSO, subscription(None), allowances=(allowance(0),))).has_access


# -- burning -----------------------------------------------------------------------------------------------------


def test_burning_goes_by_priority_then_expiry_then_age() -> None:
    src = sources(
        CALLS,
        subscription(metered(10)),
        allowances=(
            allowance(4, "late"),
            allowance(4, "soon", expires_at=utc("2024-01-25")),
            allowance(4, "old", created_at=utc("2023-01-01")),
            allowance(4, "rolled", priority=10),
            allowance(4, "beside", priority=50, expires_at=utc("2024-01-30")),
            allowance(4, "after", priority=50),
        ),
    )

    burned = burn(src, Usage(2), 25, AT)

    assert burned == Burn(
        8, (("grant_rolled", 4), ("grant_beside", 4), ("grant_after", 4), ("grant_soon", 4), ("grant_old", 1))
    )


def test_a_limit_expires_with_its_window() -> None:
    src = sources(
        CALLS,
        subscription(metered(10)),
        allowances=(
            allowance(4, "after", priority=50, expires_at=utc("2024-02-02"), created_at=utc("2020-01-01")),
            allowance(4, "before", priority=50, expires_at=utc("2024-01-31")),
        ),
    )

    assert burn(src, UNUSED, 15, AT) == Burn(10, (("grant_before", 4), ("grant_after", 1)))


def test_what_fits_nowhere_goes_to_the_limit() -> None:
    soft = sources(CALLS, subscription(metered(10, hard=False)), allowances=(allowance(5),))

    assert burn(soft, Usage(8), 20, AT) == Burn(15, (("grant_1", 5),))
    assert burn(sources(CALLS, allowances=(allowance(5),)), UNUSED, 8, AT) == Burn(3, (("grant_1", 5),))
    assert burn(sources(CALLS), UNUSED, 8, AT) == Burn(8)


def test_an_unlimited_limit_still_lets_earlier_allowances_burn() -> None:
    src = sources(
        CALLS, subscription(metered(None)), allowances=(allowance(5, "rolled", priority=10), allowance(5, "grant"))
    )

    assert burn(src, UNUSED, 8, AT) == Burn(3, (("grant_rolled", 5),))


def test_a_lowered_report_gives_back_to_the_limit() -> None:
    src = sources(CALLS, subscription(metered(10)), allowances=(allowance(5, used=5),))

    assert burn(src, Usage(10), -3, AT) == Burn(-3)


def test_reservations_hold_their_part_of_the_limit() -> None:
    src = sources(CALLS, subscription(metered(10)), allowances=(allowance(5),))

    assert burn(src, Usage(2, 6), 4, AT) == Burn(2, (("grant_1", 2),))
