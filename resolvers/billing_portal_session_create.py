"""A link to the hosted portal: single use, for a time, spent by its button and not by being looked at. (S8, T6)"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from billing.refusals import InvalidInput, ReturnUrlNotAllowed
from models.tables.customer import PortalSessionRow
from models.work import Happening
from resolvers import checks
from resolvers.access import not_found
from resolvers.acts import act, demand_unarchived, found_customer, found_subscription, open_to
from resolvers.inputs import CustomerRef

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from models.portal_views import PortalSessionView
    from models.reader import Reader
    from models.views import CustomerView
    from models.work import Work
    from resolvers.context import Context


LINK: Final = "plk"
"""How the secret of a link begins."""


class PortalFlow(StrEnum):
    """Where in the portal a link leads."""

    HOME = "HOME"
    SUBSCRIPTION_CANCEL = "SUBSCRIPTION_CANCEL"


PORTAL_FLOW_MEANINGS: Mapping[PortalFlow, str] = MappingProxyType(
    {
        PortalFlow.HOME: "To the overview of the customer's subscriptions.",
        PortalFlow.SUBSCRIPTION_CANCEL: "Straight to cancelling the subscription that is named. (T6)",
    },
)


@dataclass(frozen=True, slots=True)
class BillingPortalSessionCreate:
    """For whom: a subscription or a customer; a customer token's own customer needs neither."""

    subscription_id: str | None = None
    customer: CustomerRef | None = None
    flow: PortalFlow = PortalFlow.HOME
    return_url: str | None = None
    locale: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class BillingPortalSessionCreated:
    """The session, and its link or None in a replay: it is shown once."""

    session: PortalSessionView
    url: str | None
    replayed: bool


async def create_session(ctx: Context, command: BillingPortalSessionCreate) -> BillingPortalSessionCreated:
    """Make a portal link; it expires by the real clock, and with the customer token that made it."""
    open_to(ctx, "billingPortalSessionCreate", command)
    locale = checks.locale(command.locale)
    demand_return_url(ctx, command.return_url)
    if command.flow is PortalFlow.SUBSCRIPTION_CANCEL and command.subscription_id is None:
        raise InvalidInput("Name the subscription to cancel.", field="subscriptionId")
    made: list[str] = []

    async def owner(work: Work) -> str:
        return (await _holder(ctx, work, command)).id

    async def body(work: Work) -> dict[str, Any]:
        customer = await _holder(ctx, work, command)
        demand_unarchived(customer)
        secret = ctx.secrets.new(LINK)
        session = PortalSessionRow(
            id=work.ids.new("ses"),
            environment_id=work.environment_id,
            customer_id=customer.id,
            subscription_id=command.subscription_id or ctx.principal.subscription_id or "",
            flow=command.flow.value,
            return_url=command.return_url,
            locale=locale,
            link_digest=ctx.secrets.digest(secret),
            expires_at=_until(ctx),
            token_id=ctx.principal.token_id,
            token_expires_at=ctx.principal.token_expires_at,
            created_at=ctx.recorded_at,
        )
        await work.portal.add(session)
        told = {"flow": session.flow, "subscriptionId": session.subscription_id or None}
        await work.record(customer.id, Happening("portal.session_created", session.id, {}, told))
        made.append(address(ctx.settings.public_url, secret))
        return {"session_id": session.id}

    outcome, replayed = await act(ctx, "billingPortalSessionCreate", command, owner, body)
    async with ctx.read() as read:
        session = await read.portal.by_id(ctx.env.id, outcome["session_id"])
    if session is None:
        raise LookupError(outcome["session_id"])
    return BillingPortalSessionCreated(session, made[0] if made and not replayed else None, replayed)


def address(public_url: str, secret: str) -> str:
    """Where a link is opened."""
    return f"{public_url}/portal/open/{secret}"


def demand_return_url(ctx: Context, url: str | None) -> None:
    """Refuse a return address that is not on the environment's list."""
    if url is None:
        return
    checks.text(url, "returnUrl", checks.ADDRESS)
    wanders = ".." in url or "\\" in url or any(character.isspace() for character in url)
    if wanders or not any(
        url == allowed or url.startswith(allowed.rstrip("/") + "/") for allowed in ctx.env.return_urls
    ):
        raise ReturnUrlNotAllowed(
            "This address is not on the environment's list of return addresses.",
            field="returnUrl",
        )


def _until(ctx: Context) -> datetime:
    """When a link may no longer be opened."""
    until = ctx.recorded_at + timedelta(minutes=ctx.settings.portal_link_minutes)
    ends = ctx.principal.token_expires_at
    return until if ends is None else min(until, ends)


async def _holder(ctx: Context, read: Reader, command: BillingPortalSessionCreate) -> CustomerView:
    if command.subscription_id is not None:
        view = await found_subscription(ctx, read, command.subscription_id)
        customer = await read.customers.by_id(view.customer_id)
        if command.customer is not None:
            named = await found_customer(ctx, read, command.customer)
            if named.id != view.customer_id:
                raise not_found("Subscription", "subscriptionId")
    elif command.customer is not None:
        customer = await found_customer(ctx, read, command.customer)
    else:
        if ctx.principal.customer_id is None:
            raise InvalidInput("Name a subscription or a customer.", field="customer")
        customer = await found_customer(ctx, read, CustomerRef(id=ctx.principal.customer_id))
    if customer is None:
        raise not_found("Customer", "customer")
    return customer
