"""Asking what is held for long jobs."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from billing.entitlements.reservations import ReservationState
from resolvers import reservations as resolved
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.reservation import Reservation
from schema.promise import about, field, input_type, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import given, optional_text


@input_type
class ReservationFilter:
    """Which reservations are wanted; what is left out does not matter."""

    customer: CustomerRef = about("Of this customer.")
    feature: str | None = about("Of this feature, by key or id.", default=UNSET)
    resource: str | None = about("Of this resource.", default=UNSET)
    state: ReservationState | None = about("In this state.", default=UNSET)

    def to_filter(self) -> resolved.ReservationFilter:
        """Check what is wanted."""
        return resolved.ReservationFilter(
            customer=self.customer.to_ref("filter.customer"),
            feature=optional_text(self.feature, "filter.feature"),
            resource=optional_text(self.resource, "filter.resource"),
            state=given(self.state),
        )


@part_type
class ReservationsQuery:
    """Reservations."""

    @field
    async def reservations(
        self,
        info: Info,
        filter: Annotated[ReservationFilter, strawberry.argument(description="Which reservations.")],
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[Reservation]:
        """Amounts that are or were held for long jobs, newest first."""
        page = await resolved.reservations(info.context, filter.to_filter(), page_of(first, after))
        return connection(page, Reservation.of)
