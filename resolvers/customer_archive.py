"""Archive a customer that has nothing running; history stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import CustomerHasLiveSubscriptions
from models.work import Happening
from resolvers.acts import act, found_customer, owner_customer

if TYPE_CHECKING:
    from typing import Any

    from models.views import CustomerView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class CustomerArchive:
    """Whom to archive."""

    customer: CustomerRef
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CustomerArchiveDone:
    """The customer, archived."""

    customer: CustomerView
    replayed: bool


async def archive(ctx: Context, command: CustomerArchive) -> CustomerArchiveDone:
    """Archive a customer; a second time is the same answer."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        if customer.archived_at is None:
            live = [view.id for view in await work.subscriptions.of_customer(customer.id) if view.facts.live]
            if live:
                raise CustomerHasLiveSubscriptions(
                    "Cancel the customer's live subscriptions first.",
                    field="customer",
                    subscription_ids=tuple(live),
                )
            await work.customers.update(customer.id, {"archived_at": work.at})
            await work.record(customer.id, Happening("customer.archived", customer.id, {}, {}))
        return {"customer_id": customer.id}

    owner = owner_customer(ctx, command.customer)
    outcome, replayed = await act(ctx, "customerArchive", command, owner, body)
    async with ctx.read() as read:
        customer = await read.customers.by_id(outcome["customer_id"])
    if customer is None:
        raise LookupError(outcome["customer_id"])
    return CustomerArchiveDone(customer, replayed)
