"""Asking for the usage ledger in sums."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from billing.calendar import IntervalUnit
from resolvers.context import Context
from resolvers.usage_history import UsageHistoryAsked, UsageHistoryView, usage_history
from schema.answers import answer
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.usage_history import UsageHistory
from schema.promise import field, part_type
from schema.refusals import AnyQuestion, DateOutOfRange, FeatureNotMetered, TooManyBuckets
from schema.texts import optional_text, text

UsageHistoryAnswer: TypeAlias = Annotated[
    UsageHistory | TooManyBuckets | FeatureNotMetered | DateOutOfRange | AnyQuestion,
    strawberry.union("UsageHistoryAnswer", description="What `usageHistory` answers: the sums, or why there are none."),
]


@part_type
class UsageHistoryQuery:
    """The usage ledger in sums."""

    @field
    async def usage_history(
        self,
        info: Info,
        customer: Annotated[CustomerRef, strawberry.argument(description="Whose.")],
        feature: Annotated[str, strawberry.argument(description="Of which metered feature, by key or id.")],
        since: Annotated[datetime, strawberry.argument(description="From this instant on.")],
        until: Annotated[datetime, strawberry.argument(description="Up to this instant, which is not in it.")],
        resource: Annotated[
            str | None, strawberry.argument(description="Of one resource; all of them together unless said.")
        ] = UNSET,
        bucket: Annotated[
            IntervalUnit, strawberry.argument(description="How large the buckets are; 1000 at most.")
        ] = IntervalUnit.DAY,
    ) -> UsageHistoryAnswer:
        """What was used, bucket by bucket of the billing zone's calendar, by when the usage happened."""
        asked = _asked(info.context, customer, feature, resource, since, until, bucket)
        return await answer(UsageHistoryAnswer, UsageHistory.of, asked)


async def _asked(
    ctx: Context,
    customer: CustomerRef,
    feature: str,
    resource: str | None,
    since: datetime,
    until: datetime,
    bucket: IntervalUnit,
) -> UsageHistoryView:
    return await usage_history(
        ctx,
        UsageHistoryAsked(
            customer=customer.to_ref(),
            feature=text(feature, "feature"),
            resource=optional_text(resource, "resource"),
            since=since,
            until=until,
            bucket=bucket,
        ),
    )
