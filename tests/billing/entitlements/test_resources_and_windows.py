"""Which resource is meant, and which window counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.calendar import Period
from billing.entitlements.counters import counter
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Counter, NoAccess, ResetAnchor, ResetEvery, Usage
from billing.refusals import ResourceRequired
from tests.billing.entitlements.cases import (
    AT,
    CALLS,
    SEATS,
    SSO,
    UNUSED,
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
    from billing.entitlements.sources import Feature, Give, Json, Sources


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
