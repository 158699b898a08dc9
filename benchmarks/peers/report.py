"""What is told: a line for each goal, and tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What became of a goal."""

    MET = "met"
    NOT_MET = "**NOT MET**"
    NOT_MEASURABLE = "NOT MEASURABLE"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Line:
    """A goal of the table, and what was found. `at_least` and `at_most` are what is demanded of `found`."""

    work: str
    against: str
    found: float | None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    why: str = ""
    """Why it could not be measured, or what a reader has to know."""

    @property
    def verdict(self) -> Verdict:
        """Whether the goal is met."""
        if self.found is None:
            return Verdict.NOT_MEASURABLE
        if self.at_least is None and self.at_most is None:
            return Verdict.TOLD
        low = self.at_least is None or self.found >= self.at_least
        return Verdict.MET if low and (self.at_most is None or self.found <= self.at_most) else Verdict.NOT_MET

    def row(self) -> str:
        """Tell it as a row of a table."""
        goal = f"≥ {self.at_least:g} {self.unit}".rstrip() if self.at_least is not None else ""
        goal += f"≤ {self.at_most:g} {self.unit}" if self.at_most is not None else ""
        found = "" if self.found is None else f"{self.found:,.{2 if self.found < 100 else 0}f} {self.unit}"  # noqa: PLR2004  (digits that say something)
        return f"| {self.work} | {self.against} | {goal} | {found} | {self.verdict.value} | {self.why} |"


HEAD = "| work | against | goal | found | | |\n|---|---|--:|--:|---|---|"
