"""Let something happen outside to a payment of a provider that moves no money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.money import Money
from billing.payment_refusals import NothingToSimulate
from billing.payments import PaymentStatus
from billing.ports import Asked, Rehearsing, Simulation
from billing.refusals import AmountOutOfRange
from resolvers.acts import act
from resolvers.payments import found_payment, read_payment

if TYPE_CHECKING:
    from typing import Any

    from models.payment_views import PaymentView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class PaymentSimulate:
    """What happens to which payment; `amount` is how much of it is disputed, None all of it."""

    payment_id: str
    what: Simulation
    amount: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PaymentSimulated:
    """The payment as it is now."""

    payment: PaymentView
    replayed: bool


async def simulate(ctx: Context, command: PaymentSimulate) -> PaymentSimulated:
    """Tell the provider's own side, outside of the transaction; then look at the payment, as on a provider's news."""

    async def owner(work: Work) -> str:
        return (await found_payment(ctx, work, command.payment_id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        payment = await found_payment(ctx, work, command.payment_id)
        amount = _demand(ctx, payment, command)
        return {"payment_id": payment.id, "provider": payment.provider, "amount": amount}

    outcome, replayed = await act(ctx, "paymentSimulate", command, owner, body)
    gateway = ctx.cashier.gateways[outcome["provider"]]
    if isinstance(gateway, Rehearsing):
        asked = Asked(ctx.env.id, outcome["payment_id"], ctx.at)
        await gateway.simulate(asked, command.what, outcome["amount"])
        await ctx.cashier.look(ctx.env.id, outcome["payment_id"])
    return PaymentSimulated(await read_payment(ctx, outcome["payment_id"]), replayed)


def _demand(ctx: Context, payment: PaymentView, command: PaymentSimulate) -> int | None:
    """Refuse what cannot happen to a payment; answers how much is disputed, where that was said."""
    if not isinstance(ctx.cashier.gateways.get(payment.provider), Rehearsing):
        raise NothingToSimulate("It was not asked for yet, or its provider moves real money.", field="paymentId")
    amount = None
    if command.amount is not None:
        amount = Money.parse(command.amount, payment.currency, field="amount").minor
    taken = payment.amount if amount is None else amount
    if command.what is Simulation.DISPUTED:
        fits = payment.status is PaymentStatus.SUCCEEDED
        least = max(1, payment.disputed)
        if fits and not least <= taken <= payment.amount:
            possible = " to ".join(Money(each, payment.currency).format() for each in (least, payment.amount))
            raise AmountOutOfRange(f"Of this payment {possible} can be disputed.", field="amount")
    else:
        ends = PaymentStatus.SUCCEEDED if command.what is Simulation.CONFIRMED else PaymentStatus.FAILED
        fits = payment.made_at is not None and (payment.open or payment.status is ends)
    if not fits:
        raise NothingToSimulate("This cannot happen to this payment now.", field="paymentId")
    return amount
