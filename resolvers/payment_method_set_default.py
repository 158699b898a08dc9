"""Let a payment method be what a customer's invoices are charged to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.payment_refusals import PaymentMethodGone
from models.work import Happening
from resolvers.acts import act
from resolvers.payments import found_method, read_method

if TYPE_CHECKING:
    from typing import Any

    from models.payment_views import PaymentMethodView
    from models.work import Work
    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class PaymentMethodSetDefault:
    """The payment method to charge from now on."""

    id: str
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethodWasSetDefault:
    """The payment method as it is now."""

    method: PaymentMethodView
    replayed: bool


async def set_default(ctx: Context, command: PaymentMethodSetDefault) -> PaymentMethodWasSetDefault:
    """Make it the default; attempts that are planned are made by it."""

    async def owner(work: Work) -> str:
        return (await found_method(ctx, work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        method = await found_method(ctx, work, command.id)
        if method.removed_at is not None:
            raise PaymentMethodGone("This payment method was removed: add it again.", field="id")
        if not method.is_default:
            await work.payments.set_default(method.customer_id, method.id)
            await work.record(method.customer_id, Happening("payment_method.default_set", method.id, {}, {}))
        return {"method_id": method.id}

    outcome, replayed = await act(ctx, "paymentMethodSetDefault", command, owner, body)
    return PaymentMethodWasSetDefault(await read_method(ctx, outcome["method_id"]), replayed)
