"""Asking what happened."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from resolvers import events as resolved
from schema.info import Info
from schema.inputs import CustomerRef, customer_of
from schema.objects.event import Event
from schema.promise import about, field, input_type, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import each, given, optional_identifier, text

MOST_TYPES = 50


@input_type
class EventFilter:
    """Which events are wanted; what is left out does not matter."""

    customer: CustomerRef | None = about("Of this customer, in the order of its own sequence.", default=UNSET)
    types: list[str] | None = about("Of these types, like `subscription.canceled`.", default=UNSET)
    subject_id: ID | None = about("That happened to this object.", default=UNSET)

    def to_filter(self) -> resolved.EventFilter:
        """Check what is wanted."""
        return resolved.EventFilter(
            customer=customer_of(self.customer, "filter.customer"),
            types=each(self.types, "filter.types", text, MOST_TYPES),
            subject_id=optional_identifier(self.subject_id, "filter.subjectId"),
        )


@part_type
class EventsQuery:
    """Events."""

    @field
    async def events(
        self,
        info: Info,
        filter: Annotated[EventFilter | None, strawberry.argument(description="Which ones.")] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[Event]:
        """What happened, oldest first; without a customer by the position in the environment."""
        wanted = given(filter) or EventFilter()
        page = await resolved.events(info.context, wanted.to_filter(), page_of(first, after))
        return connection(page, Event.of)
