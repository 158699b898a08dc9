"""The words of an explanation: which rule was used on each source, what it changed, and why it did not count."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Json, NoAccess


class Rule(StrEnum):
    """How a source is reckoned, and what decided in the end; the set is closed."""

    PLAN_GIVES = "PLAN_GIVES"
    PLAN_TIMES_QUANTITY = "PLAN_TIMES_QUANTITY"
    ADD_ON_ADDS = "ADD_ON_ADDS"
    ADD_ON_REPLACES = "ADD_ON_REPLACES"
    ALLOWANCE_ADDS = "ALLOWANCE_ADDS"
    OVERRIDE_REPLACES = "OVERRIDE_REPLACES"
    LARGEST_LIMIT = "LARGEST_LIMIT"
    UNLIMITED_BEATS_ALL = "UNLIMITED_BEATS_ALL"
    ALLOWANCES_ONLY = "ALLOWANCES_ONLY"
    ANY_TRUE = "ANY_TRUE"
    GRANTED_VALUE = "GRANTED_VALUE"
    HIGHEST_RANK = "HIGHEST_RANK"
    NO_SOURCE = "NO_SOURCE"
    NOTHING_HEARD = "NOTHING_HEARD"


RULE_MEANINGS: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.PLAN_GIVES: "The plan gives what it lists.",
        Rule.PLAN_TIMES_QUANTITY: "The plan's limit counts once per unit of the subscription's quantity.",
        Rule.ADD_ON_ADDS: "The add-on's amount, times its quantity, is added to the plan's.",
        Rule.ADD_ON_REPLACES: "The add-on stands in place of what the plan gives.",
        Rule.ALLOWANCE_ADDS: "What was granted, bought or rolled over comes on top.",
        Rule.OVERRIDE_REPLACES: "An override replaces everything else while it runs.",
        Rule.LARGEST_LIMIT: "The largest limit wins, among equal ones the oldest subscription's.",
        Rule.UNLIMITED_BEATS_ALL: "An unlimited source beats every limit.",
        Rule.ALLOWANCES_ONLY: "There is no limit source, only what was granted, bought or rolled over.",
        Rule.ANY_TRUE: "One source that gives the feature is enough.",
        Rule.GRANTED_VALUE: "A granted value stands before the plans' values.",
        Rule.HIGHEST_RANK: "The highest-ranked plan's value stands, among equal ranks the oldest subscription's.",
        Rule.NO_SOURCE: "No source gives the feature.",
        Rule.NOTHING_HEARD: "Customer or feature are unknown or archived: no source was heard.",
    }
)
"""What each rule tells a person."""


class Loss(StrEnum):
    """Why a source does not count; the set is closed."""

    OTHER_RESOURCE = "OTHER_RESOURCE"
    NOT_GIVING = "NOT_GIVING"
    NOT_LISTED = "NOT_LISTED"
    NOT_STARTED = "NOT_STARTED"
    EXPIRED = "EXPIRED"
    OVERRIDDEN = "OVERRIDDEN"
    CUSTOMER_WIDE = "CUSTOMER_WIDE"
    REPLACED = "REPLACED"
    SMALLER_REPLACEMENT = "SMALLER_REPLACEMENT"
    UNLIMITED_ANYWAY = "UNLIMITED_ANYWAY"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    NO_VALUE = "NO_VALUE"
    SMALLER_LIMIT = "SMALLER_LIMIT"
    LOWER_RANK = "LOWER_RANK"
    YOUNGER = "YOUNGER"
    GRANT_STANDS = "GRANT_STANDS"


LOSS_MEANINGS: Mapping[Loss, str] = MappingProxyType(
    {
        Loss.OTHER_RESOURCE: "It belongs to another resource than the one asked about.",
        Loss.NOT_GIVING: "The subscription gives nothing at this instant.",
        Loss.NOT_LISTED: "The plan or add-on does not give this feature.",
        Loss.NOT_STARTED: "It begins later.",
        Loss.EXPIRED: "It is over.",
        Loss.OVERRIDDEN: "An override stands in its place.",
        Loss.CUSTOMER_WIDE: "Another override stands: the resource's own, or one begun later.",
        Loss.REPLACED: "An add-on stands in place of it.",
        Loss.SMALLER_REPLACEMENT: "Another add-on that stands in place of the plan was preferred.",
        Loss.UNLIMITED_ANYWAY: "The limit is unlimited without it.",
        Loss.NOT_A_NUMBER: "Only numbers can be added.",
        Loss.NO_VALUE: "It carries no value.",
        Loss.SMALLER_LIMIT: "Another subscription's limit is larger.",
        Loss.LOWER_RANK: "Another subscription's plan ranks higher.",
        Loss.YOUNGER: "An older source that is otherwise equal was preferred.",
        Loss.GRANT_STANDS: "A granted value stands before it.",
    }
)
"""What each loss tells a person."""

CONTEST_LOSSES = frozenset({Loss.OVERRIDDEN, Loss.SMALLER_LIMIT, Loss.LOWER_RANK, Loss.YOUNGER, Loss.GRANT_STANDS})
"""Losses of a subscription that gives: its own numbers are shown as if it had won."""


class SourceKind(StrEnum):
    """What spoke."""

    PLAN = "PLAN"
    ADD_ON = "ADD_ON"
    ALLOWANCE = "ALLOWANCE"
    OVERRIDE = "OVERRIDE"


@dataclass(frozen=True, slots=True)
class Level:
    """What stands between two sources: whether the feature is given, the amount allowed in all, or the value."""

    granted: bool = False
    limit: int = 0
    unlimited: bool = False
    value: Json = None


@dataclass(frozen=True, slots=True)
class ExplainedSource:
    """One source and what became of it.

    Attributes:
        id: the subscription's, allowance's or override's id.
        key: the plan's or add-on's key, or the kind of allowance; '' for an override. `version` is the plan's.
        rule: how it is reckoned.
        won: whether it takes part in the decision; `lost` says why not.
        no_access: why its subscription gives nothing, where that is the reason.
        amount: what it says alone, times its quantity; None if it says none, or if `unlimited`.
        used: what was used of it: of an allowance, of the override, or of the winning limit as a whole (on its base).
        left: what it still holds, for the same three; None elsewhere and if unlimited.
        before: what stood before it; `after` what stands with it. Equal where it changes nothing.
    """

    kind: SourceKind
    id: str
    key: str
    version: int | None
    resource: str
    quantity: int
    rule: Rule
    won: bool
    lost: Loss | None
    before: Level
    after: Level
    no_access: NoAccess | None = None
    amount: int | None = None
    unlimited: bool = False
    value: Json = None
    used: int = 0
    left: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, the rule that decided it, and every source that was there, whether heard or not."""

    decision: Decision
    rule: Rule
    sources: tuple[ExplainedSource, ...]
