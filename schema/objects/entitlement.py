"""What a customer may use."""

import json
from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Final, TypeAlias

import strawberry
from strawberry import ID

from billing.entitlements.decisions import Reason
from billing.entitlements.sources import FeatureKind, Json
from models.choices import Consistency
from resolvers.deciding import EntitlementView
from schema.objects.explanation import EntitlementExplanation, amount_of, written
from schema.objects.feature import Feature
from schema.promise import field, object_type, shown
from schema.scalars import JSON, Amount

HowFresh: TypeAlias = Annotated[
    Consistency, strawberry.argument(description="How fresh it has to be; what is not eventual costs a read.")
]


_METERED: Final = FeatureKind.METERED
"""Looked up once, as where decisions are made."""


def scale_of(view: EntitlementView) -> int | None:
    """Tell the decimals of a decision's amounts; None where nothing is counted."""
    feature = view.feature
    return feature.scale if feature is not None and view.decision.kind is _METERED else None


def _amount(description: str, path: str) -> Any:  # noqa: ANN401  (as `shown`)
    read: Callable[[EntitlementView], int | None] = attrgetter(path)

    def amount(view: EntitlementView) -> Amount | None:
        value, feature = read(view), view.feature
        if value is None or feature is None or view.decision.kind is not _METERED:
            return None
        return written(value, feature.scale)

    return shown(description, amount)


@object_type
class Entitlement:
    """The decision about one customer, feature and resource at one instant."""

    view: strawberry.Private[EntitlementView]
    customer_id: ID | None = shown("The customer; null where there is no such one.", "customer_id")
    feature_key: str = shown(
        "The key of the feature, or what was asked for where there is no such feature.", "decision.feature_key"
    )
    resource: str | None = shown(
        "The resource that it is about; null is the customer as a whole.", lambda view: view.decision.resource or None
    )
    has_access: bool = shown("Whether the feature may be used as asked.", "decision.has_access")
    reason: Reason = shown("Why the answer is what it is.", "decision.reason")
    requested: str | None = shown(
        "What was asked for, as an amount or a value.", lambda view: _requested(view.decision.requested, scale_of(view))
    )
    used: Amount | None = _amount(
        "What was used of the limit in the present window; null where nothing is counted.", "decision.used"
    )
    limit: Amount | None = _amount(
        "How much may be used per window; null where it is unlimited or nothing is counted.", "decision.limit"
    )
    unlimited: bool = shown("Whether there is no limit.", "decision.unlimited")
    hard: bool | None = shown(
        "Whether the limit denies what is above it; null where nothing is counted.",
        lambda view: None if scale_of(view) is None else view.decision.hard,
    )
    remaining: Amount | None = _amount(
        "What may still be used, allowances included; null where there is no limit.", "decision.remaining"
    )
    over_by: Amount | None = _amount(
        "How far usage is above the limit; null where nothing is counted.", "decision.over_by"
    )
    reserved: Amount | None = _amount(
        "What reservations hold of the limit; null where nothing is counted.", "decision.reserved"
    )
    allowance_left: Amount | None = _amount(
        "What allowances on top still hold; null where nothing is counted.", "decision.allowance_left"
    )
    window_start: datetime | None = shown("Since when `used` counts; null is always.", "decision.window_start")
    resets_at: datetime | None = shown("When `used` begins again at 0; null is never.", "decision.resets_at")
    value: JSON | None = shown("The value of a configuration feature.", "decision.value")
    valid_until: datetime | None = shown(
        "When time alone may change the answer next; null where nothing is known to come.", "decision.valid_until"
    )
    at: datetime = shown("The instant that it is about.", "at")
    feature: Feature | None = shown("The feature; null where there is no such one.", "feature", Feature)

    @classmethod
    def of(cls, view: EntitlementView) -> "Entitlement":
        """Show a decision; what is not asked for of it is not written."""
        return cls(view=view)

    @field
    def explain(self) -> EntitlementExplanation:
        """How the decision came about: every source, what it says, and why the others lost."""
        return EntitlementExplanation.of(self.view.explain(), scale_of(self.view))


def _requested(asked: Json, scale: int | None) -> str | None:
    if asked is None or isinstance(asked, str):
        return asked
    if scale is not None and isinstance(asked, int):
        return amount_of(asked, scale)
    return json.dumps(asked)
