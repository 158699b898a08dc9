"""One question per reason, and a few more for the rules that a reason alone does not show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.entitlements.sources import AllowanceKind, NoAccess, Sources, Usage
from tests.billing.entitlements.cases import (
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

if TYPE_CHECKING:
    from billing.entitlements.sources import Json


@dataclass(frozen=True)
class Case:
    """A question to the evaluator."""

    sources: Sources
    usage: Usage = UNUSED
    resource: str = ""
    requested: Json = None


def silent(reason: NoAccess) -> Case:
    """One subscription that gives nothing for this reason, made after another that has ended."""
    old = subscription(
        metered(50), "old", created_at=utc("2023-03-01"), no_access=NoAccess.SUBSCRIPTION_ENDED, plan_version=3
    )
    present = subscription(metered(1000), "new", no_access=reason, changes_at=utc("2024-01-25"))
    return Case(sources(CALLS, old, present))


CASES = {
    "granted": Case(
        sources(
            CALLS,
            subscription(
                metered(500, per_quantity=True),
                "team",
                quantity=2,
                add_ons=(add_on(metered(200), 2), add_on(None, 1, "support")),
                changes_at=utc("2024-06-01"),
            ),
            subscription(metered(100), "solo", created_at=utc("2023-06-01")),
            subscription(metered(1400), "twin", created_at=utc("2024-01-03")),
            subscription(None, "site"),
            subscription(metered(9000), "shop", resource="shop"),
            allowances=(
                allowance(500, used=120, expires_at=utc("2024-02-01")),
                allowance(80, "kept", kind=AllowanceKind.ROLLED_OVER, priority=10, used=80),
                allowance(70, "gone", expires_at=utc("2024-01-10")),
                allowance(60, "soon", starts_at=utc("2024-01-28")),
                allowance(50, "shop", resource="shop"),
            ),
            overrides=(
                override("over", limit=5, ends_at=utc("2024-01-18")),
                override("next", starts_at=utc("2025-01-01")),
            ),
        ),
        Usage(1400, 0),
        "blog",
        requested=380,
    ),
    "granted_unlimited": Case(
        sources(
            CALLS,
            subscription(metered(None), "all", add_ons=(add_on(metered(5, behaviour=REPLACE)),)),
            subscription(metered(10**6), "big"),
            allowances=(allowance(20),),
        ),
        Usage(5000, 10),
    ),
    "granted_soft": Case(sources(CALLS, subscription(metered(100, hard=False), "soft")), Usage(130), requested=50),
    "granted_boolean": Case(
        sources(
            SSO,
            subscription(valued(None), "one", resource="blog"),
            subscription(valued(None), "two", resource="shop"),
            subscription(valued(None, granted=False), "three", add_ons=(add_on(valued(None)),)),
            overrides=(override("blog", resource="blog", revoked=True),),
            allowances=(allowance(0, expires_at=utc("2024-03-01")),),
        ),
    ),
    "granted_value": Case(
        sources(
            SEATS,
            subscription(valued(3), "plan"),
            allowances=(
                allowance(0, "first", value=8, priority=10),
                allowance(0, "other", value=9),
                allowance(0, "blank", expires_at=utc("2024-02-01")),
            ),
        ),
        requested=8,
    ),
    "granted_number": Case(
        sources(
            SEATS,
            subscription(
                valued(3),
                "high",
                plan_rank=20,
                add_ons=(
                    add_on(valued(2), 3, "seats"),
                    add_on(valued(5, behaviour=REPLACE), 1, "five"),
                    add_on(valued(4, behaviour=REPLACE), 1, "four"),
                ),
            ),
            subscription(valued(99), "same", plan_rank=20, created_at=utc("2024-01-02")),
            subscription(valued(50), "low"),
        ),
        requested=11,
    ),
    "granted_override": Case(
        sources(
            CALLS,
            subscription(metered(1000)),
            allowances=(allowance(500),),
            overrides=(override(limit=40, hard=False, ends_at=utc("2024-01-31")),),
        ),
        Usage(60, 5),
    ),
    "no_active_subscription": Case(
        sources(CALLS, allowances=(allowance(10, expires_at=utc("2024-01-20T12:00")),)), requested=1
    ),
    **{reason.value.lower(): silent(reason) for reason in NoAccess},
    "not_in_plan": Case(
        sources(
            CALLS,
            subscription(None, "free", add_ons=(add_on(metered(10), 0),)),
            silent(NoAccess.PAUSED).sources.subscriptions[1],
        )
    ),
    "limit_reached": Case(
        sources(
            CALLS,
            subscription(
                metered(1000, per_quantity=True),
                add_ons=(
                    add_on(metered(100, behaviour=REPLACE), 1, "small"),
                    add_on(metered(50, behaviour=REPLACE), 1, "tiny"),
                ),
            ),
            allowances=(allowance(10, used=10, kind=AllowanceKind.PURCHASED),),
        ),
        Usage(120, 10),
        requested=1,
    ),
    "requested_exceeds_limit": Case(
        sources(CALLS, allowances=(allowance(10, used=4), allowance(5, "late", expires_at=utc("2024-01-21")))),
        Usage(3),
        requested=12,
    ),
    "value_not_allowed": Case(
        sources(
            REGION,
            subscription(valued(["eu", "us"]), "high", plan_rank=20, add_ons=(add_on(valued("ap")),)),
            subscription(valued("ap"), "low"),
        ),
        requested="ap",
    ),
    "revoked": Case(
        sources(
            CALLS,
            subscription(metered(1000)),
            allowances=(allowance(500),),
            overrides=(override("all", limit=None), override("blog", resource="blog", revoked=True)),
        ),
        Usage(10),
        "blog",
    ),
    "feature_not_found": Case(Sources(None, asked_key="no-such-feature")),
    "feature_archived": Case(sources(replace(THEME, archived=True), subscription(valued({"dark": True})))),
    "customer_not_found": Case(Sources(CALLS, customer_known=False)),
    "customer_archived": Case(sources(CALLS, subscription(metered(1000)), customer_archived=True)),
}
"""Asked at noon of 20 January 2024; the name begins with the reason expected."""
