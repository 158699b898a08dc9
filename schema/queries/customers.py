"""Asking for customers."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from models.paging import Page
from models.views import CustomerView
from resolvers import customers as resolved
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.customer import Customer
from schema.promise import about, field_of, input_type, part_type
from schema.relay import FIRST, After, Connection, First, page_of
from schema.texts import given, optional_text


@input_type
class CustomerFilter:
    """Which customers are wanted; what is left out does not matter."""

    search: str | None = about("Part of the name, the e-mail address or the host's id.", default=UNSET)
    archived: bool | None = about("Whether they are archived; null is both. Only others unless said.", default=False)

    def to_filter(self) -> resolved.CustomerFilter:
        """Check what is wanted."""
        return resolved.CustomerFilter(search=optional_text(self.search, "filter.search"), archived=self.archived)


@part_type
class CustomersQuery:
    """Customers."""

    @field_of(Customer | None)
    async def customer(
        self,
        info: Info,
        ref: Annotated[CustomerRef, strawberry.argument(description="Which one.")],
    ) -> CustomerView | None:
        """One customer; null where there is no such one."""
        wanted = ref.to_known()
        return await resolved.customer(info.context, wanted) if wanted else None

    @field_of(Connection[Customer])
    async def customers(
        self,
        info: Info,
        filter: Annotated[CustomerFilter | None, strawberry.argument(description="Which ones.")] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Page[CustomerView]:
        """The customers of the environment, newest first."""
        wanted = given(filter) or CustomerFilter()
        return await resolved.customers(info.context, wanted.to_filter(), page_of(first, after))
