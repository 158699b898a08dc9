"""Asking what customers were asked to pay."""

from typing import Annotated

import strawberry
from strawberry import ID, UNSET

from billing.invoicing.invoices import InvoiceStatus
from models.invoice_views import InvoiceView
from models.paging import Page
from resolvers import invoices as resolved
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.invoice import COLUMNS, Invoice
from schema.promise import about, field_of, input_type, part_type
from schema.relay import FIRST, After, Connection, First, page_of
from schema.texts import given, optional_text, short_enough


@input_type
class InvoiceFilter:
    """Which invoices are wanted; what is left out does not matter."""

    customer: CustomerRef | None = about("Of this customer.", default=UNSET)
    subscription_id: ID | None = about("Of this subscription.", default=UNSET)
    status: list[InvoiceStatus] | None = about("In one of these states.", default=UNSET)

    def to_filter(self) -> resolved.InvoiceFilter:
        """Check what is wanted."""
        customer = given(self.customer)
        return resolved.InvoiceFilter(
            customer=customer.to_ref("filter.customer") if customer else None,
            subscription_id=optional_text(self.subscription_id, "filter.subscriptionId"),
            statuses=self._statuses(),
        )

    def _statuses(self) -> tuple[InvoiceStatus, ...] | None:
        wanted = given(self.status)
        if wanted is None:
            return None
        short_enough(wanted, "filter.status", len(InvoiceStatus))
        return tuple(wanted)


@part_type
class InvoicesQuery:
    """Invoices."""

    @field_of(Connection[Invoice])
    async def invoices(
        self,
        info: Info,
        filter: Annotated[InvoiceFilter | None, strawberry.argument(description="Which invoices.")] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Page[InvoiceView]:
        """Invoices, newest first. A customer token sees its own. (S8)"""
        wanted = given(filter)
        asked = wanted.to_filter() if wanted else resolved.InvoiceFilter()
        columns = COLUMNS.of(info.below("edges", "node"))
        return await resolved.invoices(info.context, asked, page_of(first, after), columns)
