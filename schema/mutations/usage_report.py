"""Reporting usage."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers.usage_report import UsageReport, UsageReportKind, report
from resolvers.usage_report import UsageReported as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.usage_record import UsageRecord
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import (
    AmountOutOfRange,
    AnyAct,
    CustomerArchived,
    DateOutOfRange,
    FeatureArchived,
    FeatureNotMetered,
    ResourceRequired,
)
from schema.scalars import Amount, optional_amount
from schema.texts import actor, comment, given, idempotency_key, optional_text, text


@input_type
class UsageReportInput:
    """Usage that happened."""

    customer: CustomerRef = about("The customer.")
    feature: str = about("The feature, by key or id.")
    resource: str | None = about(
        "The resource, where the product is had several times; none is the customer as a whole.", default=UNSET
    )
    value: Amount = about("How much.")
    kind: UsageReportKind = about("Whether it is added or becomes the total.", default=UsageReportKind.DELTA)
    occurred_at: datetime | None = about("When it was used; now unless said.", default=UNSET)
    reason: str | None = about("Why, of a correction; at most 1000 characters.", default=UNSET)
    idempotency_key: str = about(IDEMPOTENCY_KEY)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> UsageReport:
        """Check every value."""
        return UsageReport(
            customer=self.customer.to_ref(),
            feature=text(self.feature, "feature"),
            resource=optional_text(self.resource, "resource"),
            value=self.value,
            kind=self.kind,
            occurred_at=given(self.occurred_at),
            reason=comment(self.reason, "reason"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class UsageReported:
    """The usage is written down."""

    record: UsageRecord = about("The row of the ledger.")
    used: Amount = about("What is used of the limit in the present window.")
    limit: Amount | None = about("The limit; null is none.")
    remaining: Amount | None = about("What may still be used; null where there is no limit.")
    over_by: Amount | None = about("How far usage is above the limit.")
    resets_at: datetime | None = about("When counting begins again; null is never.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "UsageReported":
        """Show what was done."""
        return cls(
            record=UsageRecord.of(outcome.record),
            used=Amount(outcome.used),
            limit=optional_amount(outcome.limit),
            remaining=optional_amount(outcome.remaining),
            over_by=optional_amount(outcome.over_by),
            resets_at=outcome.resets_at,
            replayed=outcome.replayed,
        )


UsageReportAnswer: TypeAlias = Annotated[
    UsageReported
    | AnyAct
    | CustomerArchived
    | FeatureNotMetered
    | FeatureArchived
    | ResourceRequired
    | AmountOutOfRange
    | DateOutOfRange,
    strawberry.union(
        "UsageReportAnswer", description="What `usageReport` answers: what was done, or how it was refused."
    ),
]


@part_type
class UsageReportMutation:
    """The act as a root field."""

    @mutation
    async def usage_report(self, info: Info, input: Annotated[UsageReportInput, INPUT]) -> UsageReportAnswer:
        """Write usage down after the fact; it may go above the limit. A negative amount corrects, with a reason."""
        return await answer(UsageReportAnswer, UsageReported.of, perform(report, info.context, input))
