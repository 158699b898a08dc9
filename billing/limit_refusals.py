"""A change to less than is used already: refused, or held back, where the environment does not let it happen. (S6)"""

from __future__ import annotations

from billing.dataclass import dataclass
from billing.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Above:
    """A feature of which more is used than a change leads to; amounts are decimal strings."""

    feature_key: str
    used: str
    limit: str
    over_by: str


@dataclass(slots=True)
class UsageOverLimit(Refusal):
    """More is used than the change leads to: use less first. The environment's `changes.over_limit` says so. (S6)"""

    above: tuple[Above, ...] = ()
