"""Sources of every shape, small enough that everything that can coincide does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from billing.calendar import Period
from billing.entitlements.sources import (
    AddOnBehaviour,
    AddOnSource,
    Allowance,
    AllowanceKind,
    FeatureKind,
    Give,
    NoAccess,
    Override,
    ResetAnchor,
    ResetEvery,
    Sources,
    SubscriptionSource,
    Usage,
)
from tests.billing.entitlements.cases import CALLS, REGION, SEATS, SSO, THEME, utc

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Feature, Json

START = utc("2024-02-27T00:00")
ZONES = tuple(ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"))

instants = st.integers(0, 100).map(lambda step: START + timedelta(hours=step * 12))
anchors = st.sampled_from((*map(utc, ("2023-12-31T02:30", "2024-01-31T00:00", "2020-02-29T23:15")), START))
resources = st.sampled_from(("", "", "", "a", "a", "b"))
features = st.sampled_from((CALLS, CALLS, SSO, SEATS, REGION, THEME))
usages = st.builds(Usage, st.integers(0, 15), st.integers(0, 3), st.none())
priorities = st.sampled_from((10, 50, 50, 100))


def values(feature: Feature) -> st.SearchStrategy[Json]:
    """Values that fit the feature."""
    if feature is SEATS:
        return st.integers(0, 6)
    if feature is REGION:
        options: list[Json] = ["eu", "us", "ap", [], ["eu"], ["eu", "us"]]
        return st.sampled_from(options)
    themes: list[Json] = [{"dark": True}, {"dark": False}, ["x"]]
    return st.sampled_from(themes)


def requests(feature: Feature) -> st.SearchStrategy[Json]:
    """What may be asked for of the feature, or nothing."""
    if feature.kind is FeatureKind.METERED:
        return st.none() | st.integers(1, 15)
    if feature.kind is FeatureKind.BOOLEAN:
        return st.none()
    asked = values(feature)
    return st.none() | asked.filter(lambda value: not isinstance(value, list) or feature is not REGION)


def gives(feature: Feature) -> st.SearchStrategy[Give]:
    """Gives of every kind of the feature."""
    return st.builds(
        Give,
        feature_id=st.just(feature.id),
        granted=st.booleans() if feature.kind is FeatureKind.BOOLEAN else st.just(value=True),
        value=values(feature) if feature.kind is FeatureKind.CONFIG else st.none(),
        limit=st.sampled_from((None, 0, 3, 5, 5, 10)),
        hard=st.booleans(),
        reset=st.sampled_from(ResetEvery),
        reset_anchor=st.sampled_from(ResetAnchor),
        per_quantity=st.booleans(),
        behaviour=st.sampled_from(AddOnBehaviour),
        priority=priorities,
    )


def by_feature(give: Give | None) -> dict[str, Give]:
    """What a plan gives, if anything."""
    return {} if give is None else {give.feature_id: give}


@st.composite
def subscriptions(draw: st.DrawFn, feature: Feature, number: int) -> SubscriptionSource:
    """One subscription, giving or not."""
    given = gives(feature)
    maybe = st.none() | given | given | given
    extras = draw(st.lists(st.tuples(maybe, st.integers(0, 3)), max_size=3))
    return SubscriptionSource(
        subscription_id=f"sub_{number}",
        resource=draw(resources),
        plan_key=f"plan-{number}",
        plan_version=1,
        plan_rank=draw(st.integers(1, 2)),
        quantity=draw(st.integers(1, 3)),
        anchor=draw(anchors),
        zone=draw(st.sampled_from(ZONES)),
        period=Period(START, START + timedelta(days=60)),
        created_at=draw(anchors),
        gives=by_feature(draw(maybe)),
        add_ons=tuple(AddOnSource(f"extra-{n}", 1, times, by_feature(give)) for n, (give, times) in enumerate(extras)),
        no_access=draw(st.none() | st.none() | st.none() | st.sampled_from(NoAccess)),
        changes_at=draw(st.none() | instants),
    )


@st.composite
def allowances(draw: st.DrawFn, feature: Feature, number: int) -> Allowance:
    """One allowance, running or not."""
    amount = draw(st.integers(0, 6))
    return Allowance(
        id=f"grant_{number}",
        resource=draw(resources),
        kind=draw(st.sampled_from(AllowanceKind)),
        amount=amount,
        used=draw(st.integers(0, amount)),
        priority=draw(priorities),
        starts_at=draw(anchors | instants),
        created_at=draw(anchors),
        expires_at=draw(st.none() | instants),
        value=draw(st.none() | values(feature)) if feature.kind is FeatureKind.CONFIG else None,
    )


@st.composite
def overrides(draw: st.DrawFn, feature: Feature, number: int) -> Override:
    """One override, standing or not."""
    return Override(
        id=f"over_{number}",
        resource=draw(resources),
        starts_at=draw(anchors | instants),
        ends_at=draw(st.none() | instants),
        revoked=draw(st.booleans()),
        limit=draw(st.sampled_from((None, 0, 4, 12))),
        hard=draw(st.booleans()),
        value=draw(values(feature)) if feature.kind is FeatureKind.CONFIG else None,
    )


@st.composite
def questions(
    draw: st.DrawFn, feature: st.SearchStrategy[Feature] = features, most_overrides: int = 2
) -> tuple[Sources, Usage, datetime, str, Json]:
    """Sources, usage, instant, resource and request."""
    about = draw(feature)
    facts: dict[str, Any] = {
        "subscriptions": tuple(draw(subscriptions(about, n)) for n in range(draw(st.sampled_from((0, 1, 1, 2, 2, 3))))),
        "allowances": tuple(draw(allowances(about, n)) for n in range(draw(st.integers(0, 3)))),
        "overrides": tuple(
            draw(overrides(about, n)) for n in range(min(most_overrides, draw(st.sampled_from((0, 0, 0, 1, 2)))))
        ),
    }
    return Sources(about, **facts), draw(usages), draw(instants), draw(resources), draw(requests(about))
