"""Asking how the business stands."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from resolvers import payments_overview as resolved
from schema.info import Info
from schema.objects.payments_overview import PaymentsOverview
from schema.promise import about, field, input_type, part_type
from schema.texts import given, optional_text


@input_type
class PaymentsOverviewFilter:
    """Which subscriptions are counted; what is left out does not matter."""

    plan_key: str | None = about("On this plan, in any version, by key or id.", default=UNSET)
    product: str | None = about("Of this product, by key or id.", default=UNSET)

    def to_filter(self) -> resolved.OverviewFilter:
        """Check what is wanted."""
        return resolved.OverviewFilter(
            plan=optional_text(self.plan_key, "filter.planKey"),
            product=optional_text(self.product, "filter.product"),
        )


@part_type
class PaymentsOverviewQuery:
    """The payments overview."""

    @field
    async def payments_overview(
        self,
        info: Info,
        filter: Annotated[
            PaymentsOverviewFilter | None, strawberry.argument(description="Which subscriptions, and whose invoices.")
        ] = UNSET,
    ) -> PaymentsOverview:
        """Subscriptions by state, monthly recurring revenue, and what is still to be paid. Merchants only. (K13)"""
        wanted = given(filter) or PaymentsOverviewFilter()
        return PaymentsOverview.of(await resolved.payments_overview(info.context, wanted.to_filter()))
