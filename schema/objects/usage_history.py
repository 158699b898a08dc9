"""The usage ledger in sums."""

from datetime import datetime

from billing.amounts import format_amount
from billing.calendar import IntervalUnit, Period
from models.views import UsageSum
from resolvers.usage_history import UsageHistoryView
from schema.objects.feature import Feature
from schema.promise import about, object_type
from schema.scalars import Amount


@object_type
class UsageBucket:
    """One piece of time, half-open."""

    start: datetime = about("Its first instant.")
    end: datetime = about("The first instant after it.")
    used: Amount = about("What was used in it; of a feature that is MAX or LAST the value of it that counts.")
    corrected: Amount = about("What corrections dated in it took back; zero or below, and zero where that never stood.")
    amount: Amount = about("Both together; below zero where more was taken back than used in it.")

    @classmethod
    def of(cls, piece: Period, summed: UsageSum, scale: int) -> "UsageBucket":
        """Show a piece."""
        return cls(
            start=piece.start,
            end=piece.end,
            used=Amount(format_amount(summed.used, scale)),
            corrected=Amount(format_amount(summed.corrected, scale)),
            amount=Amount(format_amount(summed.used + summed.corrected, scale)),
        )


@object_type
class UsageHistory:
    """What was used of a feature over a span of time."""

    feature: Feature = about("What was used.")
    resource: str | None = about("The resource that was asked about; null is all of them together.")
    zone: str = about("The time zone whose calendar cuts the buckets: the customer's, else the environment's.")
    bucket: IntervalUnit = about("How large the buckets are.")
    buckets: list[UsageBucket] = about("Every bucket in order, empty ones too; the first and the last may be shorter.")
    amount: Amount = about("The sum of all buckets; of a feature that is MAX or LAST the value of all this time.")

    @classmethod
    def of(cls, view: UsageHistoryView) -> "UsageHistory":
        """Show the history."""
        scale = view.feature.scale
        return cls(
            feature=Feature.of(view.feature),
            resource=view.resource,
            zone=view.zone,
            bucket=view.bucket,
            buckets=[UsageBucket.of(piece, summed, scale) for piece, summed in view.pieces],
            amount=Amount(format_amount(view.amount, scale)),
        )
