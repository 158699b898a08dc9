"""What a customer may use."""

import json
from datetime import datetime

import strawberry
from strawberry import ID

from billing.entitlements.decisions import Decision, Reason
from billing.entitlements.sources import FeatureKind, Json
from resolvers.deciding import EntitlementView
from schema.objects.explanation import EntitlementExplanation, amount_of
from schema.objects.feature import Feature
from schema.promise import about, field, object_type
from schema.scalars import JSON, Amount


@object_type
class Entitlement:
    """The decision about one customer, feature and resource at one instant."""

    view: strawberry.Private[EntitlementView]
    customer_id: ID | None = about("The customer; null where there is no such one.")
    feature_key: str = about("The key of the feature, or what was asked for where there is no such feature.")
    resource: str | None = about("The resource that it is about; null is the customer as a whole.")
    has_access: bool = about("Whether the feature may be used as asked.")
    reason: Reason = about("Why the answer is what it is.")
    requested: str | None = about("What was asked for, as an amount or a value.")
    used: Amount | None = about("What was used of the limit in the present window; null where nothing is counted.")
    limit: Amount | None = about("How much may be used per window; null where it is unlimited or nothing is counted.")
    unlimited: bool = about("Whether there is no limit.")
    hard: bool | None = about("Whether the limit denies what is above it; null where nothing is counted.")
    remaining: Amount | None = about("What may still be used, allowances included; null where there is no limit.")
    over_by: Amount | None = about("How far usage is above the limit; null where nothing is counted.")
    reserved: Amount | None = about("What reservations hold of the limit; null where nothing is counted.")
    allowance_left: Amount | None = about("What allowances on top still hold; null where nothing is counted.")
    window_start: datetime | None = about("Since when `used` counts; null is always.")
    resets_at: datetime | None = about("When `used` begins again at 0; null is never.")
    value: JSON | None = about("The value of a configuration feature.")
    valid_until: datetime | None = about(
        "When time alone may change the answer next; null where nothing is known to come."
    )
    at: datetime = about("The instant that it is about.")

    @classmethod
    def of(cls, view: EntitlementView) -> "Entitlement":
        """Show a decision."""
        decision, scale = view.decision, scale_of(view)
        return cls(
            view=view,
            customer_id=ID(view.customer_id) if view.customer_id else None,
            feature_key=decision.feature_key,
            resource=decision.resource or None,
            has_access=decision.has_access,
            reason=decision.reason,
            requested=_requested(decision, scale),
            used=amount_of(decision.used, scale),
            limit=amount_of(decision.limit, scale),
            unlimited=decision.unlimited,
            hard=None if scale is None else decision.hard,
            remaining=amount_of(decision.remaining, scale),
            over_by=amount_of(decision.over_by, scale),
            reserved=amount_of(decision.reserved, scale),
            allowance_left=amount_of(decision.allowance_left, scale),
            window_start=decision.window_start,
            resets_at=decision.resets_at,
            value=None if decision.value is None else JSON(decision.value),
            valid_until=decision.valid_until,
            at=view.at,
        )

    @field
    def feature(self) -> Feature | None:
        """The feature; null where there is no such one."""
        return Feature.of(self.view.feature) if self.view.feature else None

    @field
    def explain(self) -> EntitlementExplanation:
        """How the decision came about: every source, what it says, and why the others lost."""
        return EntitlementExplanation.of(self.view.explain(), scale_of(self.view))


def scale_of(view: EntitlementView) -> int | None:
    """Find the decimals of the amounts; None where nothing is counted."""
    feature = view.feature
    return feature.scale if feature is not None and view.decision.kind is FeatureKind.METERED else None


def _requested(decision: Decision, scale: int | None) -> str | None:
    asked: Json = decision.requested
    if asked is None or isinstance(asked, str):
        return asked
    if scale is not None and isinstance(asked, int):
        return amount_of(asked, scale)
    return json.dumps(asked)
