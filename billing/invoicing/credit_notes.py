"""Giving back amounts of a final invoice, without giving back time: never more than is left of a line."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.totals import by_weight
from billing.money import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a final invoice, and what credits have taken back of its net and its tax, all in minor units."""

    line_id: str
    net: int
    tax: int
    inclusive: bool
    given_net: int = 0
    given_tax: int = 0

    @property
    def left(self) -> int:
        """What can still be given back, tax included; nothing of what gave something back itself."""
        return max(0, self._left_net + (0 if self.inclusive else self._left_tax))

    def part(self, amount: int) -> Part:
        """Split an amount, tax included, into net and tax: the last one takes the tax that is left."""
        if amount >= self.left:
            return Part(self.line_id, self._left_net, self._left_tax)
        tax = rounded(Fraction(self._left_tax * amount, self.left))
        return Part(self.line_id, amount if self.inclusive else amount - tax, tax)

    def worth(self, part: Part) -> int:
        """What a part of the line comes to, tax included."""
        return part.net + (0 if self.inclusive else part.tax)

    @property
    def _left_net(self) -> int:
        return self.net - self.given_net

    @property
    def _left_tax(self) -> int:
        return self.tax - self.given_tax


@dataclass(frozen=True, slots=True)
class Part:
    """What is given back of a line: its net, which contains an inclusive tax, and the tax."""

    line_id: str
    net: int
    tax: int


def shared_out(lines: Sequence[Asked], amount: int) -> list[Part]:
    """Give back an amount, tax included, of all lines by what is left of each; they add up to it exactly."""
    amounts = by_weight(amount, [line.left for line in lines])
    return [line.part(each) for line, each in zip(lines, amounts, strict=True) if each]
