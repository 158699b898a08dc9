"""Pay a customer's credit out: to the payments that came in, the newest first. (C7)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.amounts import parse_positive_amount
from billing.dataclass import dataclass
from billing.invoicing.invoices import CreditKind
from billing.money import Money, exponent
from billing.payment_refusals import NothingToRefund
from resolvers.acts import act, found_customer, owner_customer
from resolvers.invoicing.balance import Why, move
from resolvers.paying.refunding import refund_too_large, send_back
from resolvers.payments import read_refunds

if TYPE_CHECKING:
    from typing import Any

    from models.payment_views import PaymentView, RefundView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


@dataclass(frozen=True, slots=True)
class CreditBalanceRefund:
    """How much of a customer's credit in a currency is paid out; None is all of it."""

    customer: CustomerRef
    currency: str
    amount: str | None = None
    reason: str = ""
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CreditBalanceRefunded:
    """The refunds as they are now, and the credit that is left."""

    refunds: tuple[RefundView, ...]
    balance: Money
    replayed: bool


async def refund_balance(ctx: Context, command: CreditBalanceRefund) -> CreditBalanceRefunded:
    """Decide the refunds and take them off the credit, carry them out at once; a slow provider is left to the worker.

    The customer's sequence is held: of two who ask at once the second finds what the first left.
    """

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        held = await work.credits.balance(customer.id, command.currency)
        if not held:
            raise NothingToRefund("The customer has no credit in this currency.", field="currency")
        payments = await work.payments.newest_refundable(customer.id, command.currency, held)
        most = min(held, sum(each.refundable for each in payments))
        if not most:
            raise NothingToRefund("No payment of the customer can take anything back.", field="customer")
        wanted = held if command.amount is None else _minor(command.amount, command.currency)
        if wanted > most:
            raise refund_too_large(most, command.currency)
        made = await _paid_out(work, payments, wanted, command.reason)
        return {"refund_ids": [each.id for each in made], "left": held - wanted}

    owner = owner_customer(ctx, command.customer)
    outcome, replayed = await act(ctx, "creditBalanceRefund", command, owner, body)
    for refund_id in outcome["refund_ids"]:
        await ctx.cashier.at_once(ctx.env.id, refund_id)
    refunds = await read_refunds(ctx, outcome["refund_ids"])
    return CreditBalanceRefunded(refunds, Money(outcome["left"], command.currency), replayed)


async def _paid_out(work: Work, payments: list[PaymentView], amount: int, reason: str) -> list[RefundView]:
    made: list[RefundView] = []
    for payment in payments:
        part = min(amount, payment.refundable)
        if not part:
            continue
        refund = await send_back(work, payment, part, reason)
        why = Why(CreditKind.REFUND, payment.invoice_id, refund_id=refund.id)
        await move(work, payment.customer_id, payment.currency, -part, why)
        amount -= part
        made.append(refund)
    return made


def _minor(amount: str, currency: str) -> int:
    return parse_positive_amount(amount, exponent(currency), field="amount")
