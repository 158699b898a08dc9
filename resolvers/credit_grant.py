"""Give a customer credit that the next invoices spend. (C7)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.invoicing.invoices import CreditKind
from billing.money import Money
from billing.refusals import AmountOutOfRange
from resolvers.acts import act, demand_unarchived, found_customer, owner_customer
from resolvers.invoicing.balance import Why, move

if TYPE_CHECKING:
    from typing import Any

    from models.invoice_views import CreditEntryView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

MOST_CREDIT = 10**15
"""No customer has more of a currency's smallest coins in credit by grants."""


@dataclass(frozen=True, slots=True)
class CreditGrant:
    """How much is given to whom, and why."""

    customer: CustomerRef
    amount: Money
    note: str = ""
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CreditGranted:
    """The entry that gave it."""

    entry: CreditEntryView
    replayed: bool


async def grant_credit(ctx: Context, command: CreditGrant) -> CreditGranted:
    """Add to a customer's credit; it is never taken back but by being spent or paid out."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        currency, amount = command.amount.currency, command.amount.minor
        if amount + await work.credits.balance(customer.id, currency) > MOST_CREDIT:
            most = Money(MOST_CREDIT, currency).format()
            raise AmountOutOfRange(f"A customer has at most {most} {currency} in credit.", field="amount")
        entry = await move(work, customer.id, currency, amount, Why(CreditKind.GRANT, note=command.note))
        return {"entry_id": entry.id}

    outcome, replayed = await act(ctx, "creditGrant", command, owner_customer(ctx, command.customer), body)
    async with ctx.read() as read:
        entry = await read.credits.entry(outcome["entry_id"])
    if entry is None:
        raise LookupError(outcome["entry_id"])
    return CreditGranted(entry, replayed)
