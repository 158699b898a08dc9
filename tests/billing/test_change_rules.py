"""Rules of changes: the most precise one that speaks for a move holds, and the default one for all else. (S6)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from billing.change_rules import ChangeTerms, MoveRule, RuleTiming, Ruling, Side, by_direction, ruling
from billing.changes import Direction, Position
from billing.lifecycle import ChangeTiming
from billing.refusals import ChangeRefused, CurrencyMismatch
from billing.schedules import ProrationBehavior
from tests.billing.facts import MONTH, YEAR

if TYPE_CHECKING:
    from billing.calendar import Interval

NOW, LATER, NEVER = RuleTiming
ALWAYS, NONE = ProrationBehavior.ALWAYS_INVOICE, ProrationBehavior.NONE
RULES = (
    MoveRule("anything-yearly", Side(), Side(interval=YEAR), NOW, NONE),
    MoveRule("in-paper", Side(product="paper"), Side(), LATER),
    MoveRule("to-basic", Side(), Side("basic"), NEVER),
    MoveRule("from-team", Side("team"), Side(), LATER),
    MoveRule("team-to-basic", Side("team"), Side("basic"), NOW),
    MoveRule("team-to-basic-monthly", Side("team"), Side("basic", interval=MONTH), LATER, NONE),
)


def at(plan: str, rank: int, interval: Interval = MONTH, product: str = "paper", currency: str = "USD") -> Position:
    """A place in the catalog."""
    return Position(plan, f"{plan}-1", rank, interval, currency, 100, plan_key=plan, product_key=product)


@pytest.mark.parametrize(
    ("old", "new", "rule", "timing", "proration"),
    [
        (at("team", 2), at("basic", 1), "team-to-basic-monthly", ChangeTiming.END_OF_PERIOD, NONE),
        (at("team", 2, YEAR), at("basic", 1, YEAR), "team-to-basic", ChangeTiming.IMMEDIATE, ALWAYS),
        (at("big", 3), at("basic", 1), "to-basic", None, ALWAYS),
        (at("team", 2), at("big", 3, YEAR), "from-team", ChangeTiming.END_OF_PERIOD, ALWAYS),
        (at("basic", 1), at("big", 3, YEAR), "in-paper", ChangeTiming.END_OF_PERIOD, ALWAYS),
        (at("basic", 1, product="ink"), at("big", 3, YEAR, "ink"), "anything-yearly", ChangeTiming.IMMEDIATE, NONE),
        (at("basic", 1, product="ink"), at("big", 3, product="ink"), "default", ChangeTiming.IMMEDIATE, ALWAYS),
        (at("big", 3, product="ink"), at("other", 1, product="ink"), "default", ChangeTiming.END_OF_PERIOD, ALWAYS),
    ],
)
def test_the_most_precise_rule_holds(
    old: Position, new: Position, rule: str, timing: ChangeTiming | None, proration: ProrationBehavior
) -> None:
    assert ruling(ChangeTerms(rules=RULES), old, new) == Ruling(rule, timing, proration)


def test_of_two_that_say_as_much_the_first_holds() -> None:
    first, second = MoveRule("first", Side("team"), Side(), NOW), MoveRule("second", Side(), Side("basic"), NEVER)

    assert ruling(ChangeTerms(rules=(first, second)), at("team", 2), at("basic", 1)).rule == "first"
    assert ruling(ChangeTerms(rules=(second, first)), at("team", 2), at("basic", 1)).rule == "second"


def test_what_refuses_is_named() -> None:
    with pytest.raises(ChangeRefused) as refused:
        ruling(ChangeTerms(rules=RULES), at("big", 3), at("basic", 1)).demanded("planId")
    assert (refused.value.rule, refused.value.field) == ("to-basic", "planId")

    with pytest.raises(ChangeRefused) as refused:
        by_direction(ChangeTerms(up=NEVER), Direction.UP).demanded("quantity")
    assert (refused.value.rule, refused.value.field) == ("default", "quantity")


def test_as_it_is_shipped_only_down_waits_and_nothing_is_converted() -> None:
    shipped = ChangeTerms()

    found = [by_direction(shipped, way).timing for way in (Direction.UP, Direction.SIDEWAYS, Direction.DOWN)]
    assert found == [ChangeTiming.IMMEDIATE, ChangeTiming.IMMEDIATE, ChangeTiming.END_OF_PERIOD]
    with pytest.raises(CurrencyMismatch):
        ruling(shipped, at("a", 1), at("b", 2, currency="EUR"))
