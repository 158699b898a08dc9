"""Configured values, and the order in which amounts burn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.entitlements.burning import Burn, give_back
from billing.entitlements.decisions import Reason
from billing.entitlements.evaluate import evaluate
from billing.entitlements.sources import Usage
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
    burn,
    metered,
    sources,
    subscription,
    utc,
    valued,
)

if TYPE_CHECKING:
    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import AddOnSource, Feature, Json, Sources


def asked(src: Sources, usage: Usage = UNUSED, resource: str = "", requested: Json = None) -> Decision:
    """The decision at noon of 20 January 2024."""
    return evaluate(src, usage, AT, resource=resource, requested=requested)


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


def test_a_lowered_report_gives_back_to_the_limit_and_then_to_what_burned_last() -> None:
    burned = (("grant_new", 2), ("grant_old", 5))

    assert give_back(Usage(10), 3, burned) == Burn(-3)
    assert give_back(Usage(10), 11, burned) == Burn(-10, (("grant_new", -1),))
    assert give_back(Usage(10), 15, burned) == Burn(-10, (("grant_new", -2), ("grant_old", -3)))
    assert give_back(UNUSED, 1, burned) == Burn(0, (("grant_new", -1),))


def test_reservations_hold_their_part_of_the_limit() -> None:
    src = sources(CALLS, subscription(metered(10)), allowances=(allowance(5),))

    assert burn(src, Usage(2, 6), 4, AT) == Burn(2, (("grant_1", 2),))
