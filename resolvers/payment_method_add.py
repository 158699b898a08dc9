"""Keep a way to pay that a provider knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.payment_refusals import PaymentMethodUnknown
from billing.ports import Rehearsing
from models.choices import EnvironmentKind
from models.payment_views import PaymentMethodView
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, demand_unarchived, found_customer, open_to, owner_customer
from resolvers.paying.methods import tell_of_methods
from resolvers.payments import read_method

if TYPE_CHECKING:
    from typing import Any

    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef

SANDBOX = "sandbox"
"""The provider where none is named."""


@dataclass(frozen=True, slots=True)
class PaymentMethodAdd:
    """Whose, and what the provider knows it by. The first one becomes the default, whatever is said."""

    customer: CustomerRef
    reference: str
    provider: str = SANDBOX
    set_default: bool = True
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMethodAdded:
    """The payment method as it is now."""

    method: PaymentMethodView
    replayed: bool


async def add_method(ctx: Context, command: PaymentMethodAdd) -> PaymentMethodAdded:
    """Ask the provider whether it knows the method, outside of the transaction, and keep it."""
    open_to(ctx, "paymentMethodAdd", command)
    label = await _label(ctx, command)

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        demand_unarchived(customer)
        first = await work.payments.default_of(customer.id) is None
        method = PaymentMethodView(
            id=work.ids.new("pym"),
            customer_id=customer.id,
            provider=command.provider,
            reference=command.reference,
            label=label,
            is_default=False,
            created_at=work.at,
            removed_at=None,
        )
        await work.payments.add_method(method)
        default = first or command.set_default
        if default:
            await work.payments.set_default(customer.id, method.id)
        told = {"provider": method.provider, "label": label, "default": default}
        number = await work.record(customer.id, Happening("payment_method.added", method.id, {}, told))
        await tell_of_methods(work, customer.id, number)
        return {"method_id": method.id}

    outcome, replayed = await act(ctx, "paymentMethodAdd", command, owner_customer(ctx, command.customer), body)
    return PaymentMethodAdded(await read_method(ctx, outcome["method_id"]), replayed)


async def _label(ctx: Context, command: PaymentMethodAdd) -> str:
    checks.text(command.reference, "reference")
    gateway = ctx.cashier.gateways.get(checks.text(command.provider, "provider"))
    if gateway is None or (isinstance(gateway, Rehearsing) and ctx.env.kind is not EnvironmentKind.TEST):
        raise PaymentMethodUnknown("There is no such provider in this environment.", field="provider")
    label = await gateway.label(command.reference)
    if label is None:
        raise PaymentMethodUnknown("The provider does not know this payment method.", field="reference")
    return label
