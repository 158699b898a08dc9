"""How a decision came about."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, cast

from billing.amounts import format_amount
from billing.entitlements import explanations
from billing.entitlements.explanations import Loss, Rule, SourceKind
from billing.entitlements.sources import NoAccess
from schema.promise import about, object_type
from schema.scalars import JSON, Amount

written: Final = cast("Callable[[int, int], Amount]", format_amount)
"""Writes an amount with that many decimals."""


def amount_of(value: int | None, scale: int | None) -> Amount | None:
    """Show an amount of a feature with that many decimals; nothing where nothing is counted."""
    return None if value is None or scale is None else written(value, scale)


@object_type
class EntitlementLevel:
    """What stands at one point of the reckoning."""

    granted: bool = about("Whether the feature is given.")
    limit: Amount | None = about("How much in all; null where it is unlimited or nothing is counted.")
    unlimited: bool = about("Whether there is no limit.")
    value: JSON | None = about("The value of a configuration feature.")

    @classmethod
    def of(cls, level: explanations.Level, scale: int | None) -> "EntitlementLevel":
        """Show what stands."""
        return cls(
            granted=level.granted,
            limit=None if level.unlimited else amount_of(level.limit, scale),
            unlimited=level.unlimited,
            value=None if level.value is None else JSON(level.value),
        )


@object_type
class EntitlementSource:
    """One source that was looked at, and what became of it."""

    kind: SourceKind = about("What spoke.")
    source_id: str = about("The id of the subscription, grant or override.")
    key: str | None = about("The key of the plan or add-on, or the kind of allowance.")
    version: int | None = about("The version of the plan or add-on.")
    resource: str | None = about("The resource that it is about; null is the customer as a whole.")
    quantity: int = about("How many of it.")
    rule: Rule = about("How it is reckoned.")
    won: bool = about("Whether it takes part in the decision.")
    lost: Loss | None = about("Why it does not.")
    no_access: NoAccess | None = about("Why its subscription gives nothing, where that is the reason.")
    amount: Amount | None = about("What it says alone, times its quantity.")
    unlimited: bool = about("Whether it says that there is no limit.")
    value: JSON | None = about("Its value, of a configuration feature.")
    used: Amount | None = about("What was used of it.")
    left: Amount | None = about("What it still holds, where that is known.")
    starts_at: datetime | None = about("Since when it counts.")
    ends_at: datetime | None = about("Until when it counts.")
    before: EntitlementLevel = about("What stood before it.")
    after: EntitlementLevel = about("What stands with it; the same where it changes nothing.")

    @classmethod
    def of(cls, source: explanations.ExplainedSource, scale: int | None) -> "EntitlementSource":
        """Show a source."""
        return cls(
            kind=source.kind,
            source_id=source.id,
            key=source.key or None,
            version=source.version,
            resource=source.resource or None,
            quantity=source.quantity,
            rule=source.rule,
            won=source.won,
            lost=source.lost,
            no_access=source.no_access,
            amount=amount_of(source.amount, scale),
            unlimited=source.unlimited,
            value=None if source.value is None else JSON(source.value),
            used=amount_of(source.used, scale),
            left=amount_of(source.left, scale),
            starts_at=source.starts_at,
            ends_at=source.ends_at,
            before=EntitlementLevel.of(source.before, scale),
            after=EntitlementLevel.of(source.after, scale),
        )


@object_type
class EntitlementExplanation:
    """Every source that was there, heard or not, in the order of the reckoning, and the rule that decided."""

    rule: Rule = about("What decided in the end.")
    sources: list[EntitlementSource] = about("Plans with their add-ons, then allowances, then overrides.")

    @classmethod
    def of(cls, explanation: explanations.Explanation, scale: int | None) -> "EntitlementExplanation":
        """Show an explanation; `scale` is the feature's where it is metered, else None."""
        return cls(
            rule=explanation.rule,
            sources=[EntitlementSource.of(source, scale) for source in explanation.sources],
        )
