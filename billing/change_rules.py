"""Which rule a change of plan or interval follows: the most precise one that speaks for it, else the default rule. (S6)

Rules are data of an environment. The default rule is always there: it says, by the direction of a move, what no other
rule speaks for, and quantities and add-ons too.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from billing.changes import Direction, direction
from billing.dataclass import dataclass
from billing.ending_refusals import NothingUnused
from billing.lifecycle import ChangeTiming
from billing.refusals import ChangeRefused
from billing.schedules import ProrationBehavior

if TYPE_CHECKING:
    from billing.calendar import Interval
    from billing.changes import Position

DEFAULT = "default"
"""What the default rule is called; no other rule has this name."""


class RuleTiming(StrEnum):
    """When a rule lets a move take effect, if at all."""

    IMMEDIATE = "IMMEDIATE"
    END_OF_PERIOD = "END_OF_PERIOD"
    REFUSE = "REFUSE"

    @property
    def timing(self) -> ChangeTiming | None:
        """The timing of a change; None refuses it."""
        return None if self is RuleTiming.REFUSE else ChangeTiming(self.value)


class OverLimit(StrEnum):
    """What becomes of a change to less than is used already."""

    ALLOW = "ALLOW"
    REFUSE = "REFUSE"
    BLOCK_UNTIL_FITS = "BLOCK_UNTIL_FITS"


@dataclass(frozen=True, slots=True)
class Side:
    """What a move comes from or leads to, by the keys of the catalog; '' and None are any."""

    plan: str = ""
    product: str = ""
    interval: Interval | None = None

    @property
    def precision(self) -> int:
        """A plan says more than a product, and that more than an interval."""
        return 4 * bool(self.plan) + 2 * bool(self.product) + (self.interval is not None)

    def fits(self, at: Position) -> bool:
        """Whether it speaks for this place."""
        named = self.plan in ("", at.plan_key) and self.product in ("", at.product_key)
        return named and self.interval in (None, at.interval)


@dataclass(frozen=True, slots=True)
class MoveRule:
    """A rule for moves from here to there; without a `proration` the default rule's holds."""

    name: str
    come_from: Side
    lead_to: Side
    timing: RuleTiming
    proration: ProrationBehavior | None = None

    @property
    def precision(self) -> int:
        """How much it says: of the rules that speak for a move, the most precise holds."""
        return self.come_from.precision + self.lead_to.precision


@dataclass(frozen=True, slots=True)
class ChangeTerms:
    """An environment's rules: the default one by the direction of a move, and those that say more, the first first.

    `proration` is how a change that is made at once bills. A merchant may say another timing for one change. Where more
    is used than a change leads to, `over_limit` lets it happen, with nothing deleted and nothing more given, or not, or
    not before it fits: then it is tried at each end of a period.
    """

    up: RuleTiming = RuleTiming.IMMEDIATE
    sideways: RuleTiming = RuleTiming.IMMEDIATE
    down: RuleTiming = RuleTiming.END_OF_PERIOD
    proration: ProrationBehavior = ProrationBehavior.ALWAYS_INVOICE
    rules: tuple[MoveRule, ...] = ()
    over_limit: OverLimit = OverLimit.ALLOW

    @property
    def of_products(self) -> bool:
        """Whether any rule asks for a product."""
        return any(side.product for rule in self.rules for side in (rule.come_from, rule.lead_to))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for a change: the name of its rule, when it takes effect (None refuses it), and how it bills."""

    rule: str
    timing: ChangeTiming | None
    proration: ProrationBehavior

    @property
    def prorates(self) -> bool:
        """Whether billed time is given back and what comes in its place charged."""
        return self.proration is not ProrationBehavior.NONE

    def demanded(self, field: str) -> ChangeTiming:
        """The timing, or the refusal that names the rule."""
        if self.timing is None:
            raise ChangeRefused(f"The change rule {self.rule!r} refuses this.", field=field, rule=self.rule)
        return self.timing


def as_said(ruled: Ruling, proration: ProrationBehavior | None) -> Ruling:
    """What holds where a merchant says how this one change bills; None leaves it to the rule. (C18)"""
    return ruled if proration is None else replace(ruled, proration=proration)


def demand_cut(proration: ProrationBehavior | None, *, now: bool) -> None:
    """Refuse to be told what becomes of billed time by a change that waits for a period's end, and cuts none. (C18)"""
    if proration is not None and not now:
        raise NothingUnused(
            "It takes effect when the period ends, so nothing is cut: leave `prorationBehavior` out.",
            field="prorationBehavior",
        )


def by_direction(terms: ChangeTerms, way: Direction) -> Ruling:
    """What the default rule says of a direction."""
    said = {Direction.UP: terms.up, Direction.SIDEWAYS: terms.sideways, Direction.DOWN: terms.down}[way]
    return Ruling(DEFAULT, said.timing, terms.proration)


def ruling(terms: ChangeTerms, old: Position, new: Position) -> Ruling:
    """What holds for a move: the most precise rule that speaks for it; of two that are alike, the first."""
    fitting = (rule for rule in terms.rules if rule.come_from.fits(old) and rule.lead_to.fits(new))
    rule = max(fitting, key=lambda each: each.precision, default=None)
    if rule is None:
        return by_direction(terms, direction(old, new))
    return Ruling(rule.name, rule.timing.timing, rule.proration or terms.proration)
