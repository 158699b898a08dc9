"""Asking for the usage ledger."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from resolvers import usage as resolved
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.usage_record import UsageRecord
from schema.promise import about, field, input_type, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import given, optional_text


@input_type
class UsageFilter:
    """Which rows are wanted; what is left out does not matter."""

    customer: CustomerRef = about("Of this customer.")
    feature: str | None = about("Of this feature, by key or id.", default=UNSET)
    resource: str | None = about("Of this resource.", default=UNSET)
    since: datetime | None = about("Used at this instant or later.", default=UNSET)
    until: datetime | None = about("Used before this instant.", default=UNSET)

    def to_filter(self) -> resolved.UsageFilter:
        """Check what is wanted."""
        return resolved.UsageFilter(
            customer=self.customer.to_ref("filter.customer"),
            feature=optional_text(self.feature, "filter.feature"),
            resource=optional_text(self.resource, "filter.resource"),
            since=given(self.since),
            until=given(self.until),
        )


@part_type
class UsageRecordsQuery:
    """The usage ledger."""

    @field
    async def usage_records(
        self,
        info: Info,
        filter: Annotated[UsageFilter, strawberry.argument(description="Which rows.")],
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[UsageRecord]:
        """Rows of the usage ledger, newest first."""
        page = await resolved.usage_records(info.context, filter.to_filter(), page_of(first, after))
        return connection(page, UsageRecord.of)
