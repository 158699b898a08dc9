"""What a customer may use."""

import json
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID

from billing.entitlements.decisions import Decision, Reason
from billing.entitlements.sources import FeatureKind, Json
from models.choices import Consistency
from resolvers.deciding import EntitlementView
from schema.objects.explanation import EntitlementExplanation, amount_of
from schema.objects.feature import Feature
from schema.promise import field, object_type
from schema.scalars import JSON, Amount

HowFresh: TypeAlias = Annotated[
    Consistency, strawberry.argument(description="How fresh it has to be; what is not eventual costs a read.")
]


@object_type
class Entitlement:
    """The decision about one customer, feature and resource at one instant."""

    view: strawberry.Private[EntitlementView]
    told: strawberry.Private[Decision]
    scale: strawberry.Private[int | None]
    """The decimals of the amounts; None where nothing is counted."""

    @classmethod
    def of(cls, view: EntitlementView) -> "Entitlement":
        """Show a decision; what is not asked for of it is not written."""
        told, feature = view.decision, view.question.feature
        counted = told.kind is FeatureKind.METERED
        return cls(view=view, told=told, scale=feature.scale if counted and feature is not None else None)

    @field
    def customer_id(self) -> ID | None:
        """The customer; null where there is no such one."""
        return ID(self.view.customer_id) if self.view.customer_id else None

    @field
    def feature_key(self) -> str:
        """The key of the feature, or what was asked for where there is no such feature."""
        return self.told.feature_key

    @field
    def resource(self) -> str | None:
        """The resource that it is about; null is the customer as a whole."""
        return self.told.resource or None

    @field
    def has_access(self) -> bool:
        """Whether the feature may be used as asked."""
        return self.told.has_access

    @field
    def reason(self) -> Reason:
        """Why the answer is what it is."""
        return self.told.reason

    @field
    def requested(self) -> str | None:
        """What was asked for, as an amount or a value."""
        return _requested(self.told.requested, self.scale)

    @field
    def used(self) -> Amount | None:
        """What was used of the limit in the present window; null where nothing is counted."""
        return amount_of(self.told.used, self.scale)

    @field
    def limit(self) -> Amount | None:
        """How much may be used per window; null where it is unlimited or nothing is counted."""
        return amount_of(self.told.limit, self.scale)

    @field
    def unlimited(self) -> bool:
        """Whether there is no limit."""
        return self.told.unlimited

    @field
    def hard(self) -> bool | None:
        """Whether the limit denies what is above it; null where nothing is counted."""
        return None if self.scale is None else self.told.hard

    @field
    def remaining(self) -> Amount | None:
        """What may still be used, allowances included; null where there is no limit."""
        return amount_of(self.told.remaining, self.scale)

    @field
    def over_by(self) -> Amount | None:
        """How far usage is above the limit; null where nothing is counted."""
        return amount_of(self.told.over_by, self.scale)

    @field
    def reserved(self) -> Amount | None:
        """What reservations hold of the limit; null where nothing is counted."""
        return amount_of(self.told.reserved, self.scale)

    @field
    def allowance_left(self) -> Amount | None:
        """What allowances on top still hold; null where nothing is counted."""
        return amount_of(self.told.allowance_left, self.scale)

    @field
    def window_start(self) -> datetime | None:
        """Since when `used` counts; null is always."""
        return self.told.window_start

    @field
    def resets_at(self) -> datetime | None:
        """When `used` begins again at 0; null is never."""
        return self.told.resets_at

    @field
    def value(self) -> JSON | None:
        """The value of a configuration feature."""
        return None if self.told.value is None else JSON(self.told.value)

    @field
    def valid_until(self) -> datetime | None:
        """When time alone may change the answer next; null where nothing is known to come."""
        return self.told.valid_until

    @field
    def at(self) -> datetime:
        """The instant that it is about."""
        return self.view.at

    @field
    def feature(self) -> Feature | None:
        """The feature; null where there is no such one."""
        return Feature.of(self.view.feature) if self.view.feature else None

    @field
    def explain(self) -> EntitlementExplanation:
        """How the decision came about: every source, what it says, and why the others lost."""
        return EntitlementExplanation.of(self.view.explain(), self.scale)


def _requested(asked: Json, scale: int | None) -> str | None:
    if asked is None or isinstance(asked, str):
        return asked
    if scale is not None and isinstance(asked, int):
        return amount_of(asked, scale)
    return json.dumps(asked)
