"""Paying in stories: methods of the sandbox, the attempts of an invoice in a line each, and what happened to money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from billing.invoicing.policy import OnFirstFailure
from billing.invoicing.settings import policy_written
from models.stores.environments import Environments
from models.tables.payment import SandboxEntryRow
from tests.races.arena import Arena
from tests.scenarios.documents import TOLD, UPSERT, act
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios.story import Story, Told

METHOD: Final = "paymentMethod { id provider label isDefault removedAt }"
PAYMENT: Final = """payment { status number manual provider amount { amount } refunded { amount } refundable { amount }
  code actionUrl scheduledAt madeAt settledAt refunds { status amount { amount } code reason }
  dispute { amount { amount } whole effect openedAt } }"""
INVOICE: Final = "invoice { status remaining { amount } paid { amount } autoAdvance nextAttemptAt paidOutOfBand }"
ADD: Final = act("paymentMethodAdd", "PaymentMethodAddInput", f"... on PaymentMethodAdded {{ replayed {METHOD} }}")
REMOVE: Final = act(
    "paymentMethodRemove", "PaymentMethodRemoveInput", f"... on PaymentMethodRemoved {{ replayed {METHOD} }}"
)
SET_DEFAULT: Final = act(
    "paymentMethodSetDefault", "PaymentMethodSetDefaultInput", f"... on PaymentMethodWasSetDefault {{ {METHOD} }}"
)
COLLECT: Final = act("invoiceCollect", "InvoiceCollectInput", f"... on InvoiceCollected {{ {INVOICE} {PAYMENT} }}")
MARK_PAID: Final = act("invoiceMarkPaid", "InvoiceMarkPaidInput", f"... on InvoiceMarkedPaid {{ {INVOICE} }}")
REFUND: Final = act(
    "refundCreate", "RefundCreateInput",
    f"... on RefundCreated {{ replayed refund {{ status amount {{ amount }} code reason }} {INVOICE} }}"
    " ... on RefundTooLarge { left currency }",
)  # fmt: skip
PAY_OUT: Final = act(
    "creditBalanceRefund", "CreditBalanceRefundInput",
    "... on CreditBalanceRefunded { replayed refunds { status amount { amount } code } balance { amount } }"
    " ... on RefundTooLarge { left currency }",
)  # fmt: skip
NOTES: Final = """query($customer: CustomerRef!) { invoices(filter: {customer: $customer}, first: 100) { edges { node {
  creditNotes { total { amount } refunded { amount } toBalance { amount } reduced { amount } reason } } } } }"""
SIMULATE: Final = act("paymentSimulate", "PaymentSimulateInput", f"... on PaymentSimulated {{ {PAYMENT} }}")
PAUSE: Final = act(
    "subscriptionCollectionPause", "SubscriptionCollectionPauseInput",
    "... on SubscriptionCollectionPaused { replayed"
    " subscription { ...Told collection collectionBehavior collectionResumesAt } }",
    TOLD,
)  # fmt: skip
RESUME: Final = act(
    "subscriptionCollectionResume", "SubscriptionCollectionResumeInput",
    "... on SubscriptionCollectionResumed { subscription { ...Told collection collectionBehavior } }", TOLD,
)  # fmt: skip
_INVOICE: Final = INVOICE.removeprefix("invoice {").removesuffix("}")
INVOICES: Final = f"""
query($customer: CustomerRef!) {{ invoices(filter: {{customer: $customer}}, first: 100) {{ edges {{ node {{
  id {_INVOICE} {PAYMENT.replace("payment {", "payments { id", 1)}
}} }} }} }}
"""

Attempt: TypeAlias = "tuple[str, str]"
"""When it was made, and how it ended: its status, or the code with which it failed."""


async def payer(story: Story, reference: str, name: str = "acme", plan: str = "ten", first: str = "PAST_DUE") -> str:
    """Subscribe somebody who pays by a method of the sandbox, monthly in dollars, and answer the subscription's id.

    A first payment that fails is as any later one, unless said.
    """
    await story.catalog(CATALOG)
    async with story.world.database.working() as session:
        environments, environment = Environments(session), story.world.places["main"].environment.id
        policy = replace(await environments.billing(environment), on_first_failure=OnFirstFailure(first))
        await environments.update(environment, {"billing": policy_written(policy)})
    await story.world.ask(UPSERT, input={"externalId": name})
    await method(story, reference, name)
    return await story.subscribe_also(name, plan, currency="USD", interval=MONTHLY)


async def method(story: Story, reference: str, name: str = "acme", **more: Any) -> Told:
    """Give somebody a payment method, and tell the answer."""
    return await story.act(ADD, customer={"externalId": name}, reference=reference, **more)


async def invoices(story: Story, name: str = "acme") -> list[dict[str, Any]]:
    """Read somebody's invoices, oldest first, with their ids."""
    page = await story.world.ask(INVOICES, customer={"externalId": name})
    return [edge["node"] for edge in reversed(page["invoices"]["edges"])]


async def notes(story: Story, name: str = "acme") -> list[tuple[str, str, str]]:
    """Tell somebody's credit notes: of how much, what was paid back of it, and what went to the balance."""
    page = await story.world.ask(NOTES, customer={"externalId": name})
    found = [each for edge in reversed(page["invoices"]["edges"]) for each in edge["node"]["creditNotes"]]
    return [(each["total"]["amount"], each["refunded"]["amount"], each["toBalance"]["amount"]) for each in found]


async def attempts(story: Story, number: int = 0, name: str = "acme") -> list[Attempt]:
    """Tell the attempts of an invoice."""
    found = (await invoices(story, name))[number]["payments"]
    return [(story.names.plain(each["madeAt"] or "never"), each["code"] or each["status"]) for each in found]


async def money(story: Story, name: str = "acme") -> list[tuple[str, str]]:
    """Tell what happened to somebody's money and standing since this was asked last: when, and what."""
    told = await story.events(name)
    wanted = ("invoice.", "payment.", "dispute.", "refund.", "subscription.", "balance.")
    return [(story.names.plain(each["occurredAt"]), each["type"]) for each in told if each["type"].startswith(wanted)]


async def charged(story: Story) -> list[Mapping[str, Any]]:
    """Read the sandbox's own books."""
    return await Arena([story.world]).of(SandboxEntryRow)


async def payment(story: Story, number: int = 0) -> str:
    """Find the newest attempt of an invoice."""
    found: str = (await invoices(story))[number]["payments"][-1]["id"]
    return found
