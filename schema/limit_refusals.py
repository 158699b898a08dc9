# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/limit_refusals.py`; these are answers)
"""What is used beyond the limits to which a change leads, and the refusal that it can be. (S6)"""

import strawberry

from billing import limit_refusals
from billing.limit_refusals import Above
from schema.promise import about, field, object_type
from schema.refusals import UserError, tells
from schema.scalars import Amount


@object_type
class FeatureOverLimit:
    """A feature of which more is used than a change leads to; used is what counts still when it takes effect."""

    feature_key: str = about("The feature.")
    used: Amount = about("How much is used or held, by now.")
    limit: Amount = about("How much there will be.")
    over_by: Amount = about("How far it is above.")

    @classmethod
    def of(cls, above: Above) -> "FeatureOverLimit":
        """Show a feature."""
        return cls(
            feature_key=above.feature_key,
            used=Amount(above.used),
            limit=Amount(above.limit),
            over_by=Amount(above.over_by),
        )


@tells(limit_refusals.UsageOverLimit)
class UsageOverLimit(UserError):
    above: strawberry.Private[tuple[Above, ...]]

    @field
    def features(self) -> list[FeatureOverLimit]:
        """What has to be used less of first."""
        return [FeatureOverLimit.of(each) for each in self.above]
