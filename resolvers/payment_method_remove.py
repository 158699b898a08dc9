"""Let a payment method be charged no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from models.work import Happening
from resolvers.acts import act
from resolvers.paying.methods import tell_of_methods
from resolvers.payments import found_method, read_method

if TYPE_CHECKING:
    from typing import Any

    from models.payment_views import PaymentMethodView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class PaymentMethodRemove:
    """The payment method to remove."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethodRemoved:
    """The payment method as it is now."""

    method: PaymentMethodView
    replayed: bool


async def remove_method(ctx: Context, command: PaymentMethodRemove) -> PaymentMethodRemoved:
    """Remove it; a second time changes nothing. The newest of the others becomes the default in its place."""

    async def owner(work: Work) -> str:
        return (await found_method(ctx, work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        method = await found_method(ctx, work, command.id)
        if method.removed_at is None:
            await work.payments.remove_method(method.id, work.at)
            left = (await work.payments.methods_of([method.customer_id]))[method.customer_id]
            if method.is_default and left:
                await work.payments.set_default(method.customer_id, left[-1].id)
            number = await work.record(method.customer_id, Happening("payment_method.removed", method.id, {}, {}))
            await tell_of_methods(work, method.customer_id, number)
        return {"method_id": method.id}

    outcome, replayed = await act(ctx, "paymentMethodRemove", command, owner, body)
    return PaymentMethodRemoved(await read_method(ctx, outcome["method_id"]), replayed)
