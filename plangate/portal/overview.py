"""What the portal's first page says, asked of the same resolvers as everybody else's answers. (S1-S5)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.actions import Closed
from billing.calendar import IntervalUnit
from billing.catalog.values import PriceUsage
from billing.instalments import in_last_period
from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import LIVE, Action, ChangeKind, State, Status
from billing.money import exponent
from billing.pricing import total_of
from models.choices import SubscriptionOrder
from plangate.paper.sheet import state_of
from plangate.portal.answers import HOME, INVOICES
from plangate.portal.promises import promises
from plangate.portal.views import (
    Action as Button,
)
from plangate.portal.views import (
    Bill,
    Form,
    Moment,
    Overview,
    Owed,
    PendingChange,
    Price,
    SubscriptionCard,
    manage_action,
)
from resolvers.inputs import PageOf
from resolvers.instalments import instalments_of
from resolvers.invoices import InvoiceFilter, invoices
from resolvers.loaders import OfVersion
from resolvers.subscriptions import SubscriptionFilter, available_actions, policy_of, subscription, subscriptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from models.invoice_views import InvoiceView
    from models.views import ScheduledChangeView, SubscriptionView
    from plangate.portal.sessions import Guest
    from plangate.portal.views import Frame
    from resolvers.context import Context
    from resolvers.subscriptions import ActionView
    from widgets_config.formats import IntervalName

MOST_LIVE: Final = 100
MOST_ENDED: Final = 20
MOST_BILLS: Final = 24
PRICE_SCALE: Final = 9
"""Prices are kept in billionths."""

_STATES_LIVE: Final = (*(State(status.value) for status in Status if status in LIVE), State.PENDING_CANCELLATION)
_STATES_ENDED: Final = tuple(State(status.value) for status in Status if status not in LIVE)
_FINAL: Final = tuple(status for status in InvoiceStatus if status is not InvoiceStatus.DRAFT)
_CANCELS: Final = (Action.CANCEL_NOW, Action.CANCEL_AT_PERIOD_END)
_UNITS: Final[Mapping[IntervalUnit, IntervalName]] = {
    IntervalUnit.DAY: "day",
    IntervalUnit.WEEK: "week",
    IntervalUnit.MONTH: "month",
    IntervalUnit.YEAR: "year",
}
_RENEWING: Final = (Status.ACTIVE, Status.PAST_DUE, Status.UNPAID)


def cancel_path(subscription_id: str) -> str:
    """Where a subscription's cancellation is confirmed."""
    return f"{HOME}/subscriptions/{subscription_id}/cancel"


def keep_form(subscription_id: str) -> Form:
    """The form that takes a cancellation back. (K14)"""
    return Form(f"{HOME}/subscriptions/{subscription_id}/keep")


async def overview(guest: Guest) -> Overview:
    """Say what the customer has: live subscriptions, the latest ended ones, and what they entitle to."""
    ctx = guest.ctx
    views = await _held(ctx)
    cards = [await _card(ctx, guest.frame, view) for view in views]
    called = guest.customer.name or guest.customer.email or ""
    listed = await invoices(ctx, InvoiceFilter(statuses=_FINAL), PageOf(MOST_BILLS))
    bills = tuple(_bill(ctx, guest.frame, view) for view in listed.views)
    return Overview(guest.frame, called, tuple(cards), await promises(guest, views), bills, listed.has_next)


async def plan_name(ctx: Context, version_id: str) -> str:
    """What a plan version is called."""
    plan = await ctx.loaders.plan_version.load(OfVersion(version_id))
    return plan.name if plan is not None else ""


async def _held(ctx: Context) -> list[SubscriptionView]:
    """A visit that is bound to one subscription shows that one."""
    bound = ctx.principal.subscription_id
    if bound is not None:
        only = await subscription(ctx, bound)
        return [only] if only is not None else []
    order = SubscriptionOrder.CREATED_DESC
    live = await subscriptions(ctx, SubscriptionFilter(states=_STATES_LIVE), order, PageOf(MOST_LIVE))
    ended = await subscriptions(ctx, SubscriptionFilter(states=_STATES_ENDED), order, PageOf(MOST_ENDED))
    return [*live.views, *ended.views]


def _bill(ctx: Context, frame: Frame, invoice: InvoiceView) -> Bill:
    """One line of the invoice history. (S8)"""
    state, tone = state_of(invoice.status, frame)
    return Bill(
        number=invoice.number or "",
        at=invoice.finalized_at or invoice.created_at,
        minor=invoice.total,
        decimals=exponent(invoice.currency),
        currency=invoice.currency,
        state=state,
        tone=tone,
        href=f"{INVOICES}/{ctx.links.make(invoice.id, ctx.recorded_at)}",
    )


async def _card(ctx: Context, frame: Frame, view: SubscriptionView) -> SubscriptionCard:
    facts = view.facts
    product = await ctx.loaders.product.load(view.product_id)
    price = await _price(ctx, view) if facts.live else None
    change = next((each for each in view.changes if each.kind in (ChangeKind.PLAN_CHANGE, ChangeKind.QUANTITY)), None)
    offered = await available_actions(ctx, view)
    return SubscriptionCard(
        plan_name=await plan_name(ctx, facts.plan_version_id),
        state=facts.state.value,
        product_name=product.name if product is not None else None,
        resource=view.resource_id or None,
        price=price,
        moment=_moment(view, priced=price is not None),
        cancels_at=facts.cancel_at if facts.live else None,
        pending_change=await _pending(ctx, view, change) if change is not None else None,
        actions=tuple(_buttons(frame, view, change, offered)),
        instructions=await _instructions(ctx, view, offered),
        owed=await owed(ctx, view) if facts.live else None,
    )


async def owed(ctx: Context, view: SubscriptionView) -> Owed | None:
    """How far the instalments are; None where it is not paid in any. (K4)"""
    found = await instalments_of(ctx, view)
    if found is None:
        return None
    return Owed(found.paid, found.count, found.balance, exponent(found.currency), found.currency)


async def _price(ctx: Context, view: SubscriptionView) -> Price | None:
    """What is agreed for each period; what is measured comes on top and is not known before."""
    unit = _UNITS.get(view.facts.interval.unit)
    total = 0
    for item in view.facts.items:
        price = await ctx.loaders.price.load(item.price_id) if item.price_id else None
        if price is not None and price.usage is PriceUsage.LICENSED:
            total += total_of(
                price.model,
                item.quantity,
                unit_amount=price.unit_amount,
                package_size=price.package_size,
                tiers=price.tiers,
            )
    if not total or unit is None:
        return None
    return Price(total, PRICE_SCALE, view.facts.currency, unit, view.facts.interval.count)


def _moment(view: SubscriptionView, *, priced: bool) -> tuple[Moment, datetime] | None:
    facts = view.facts
    if facts.ended_at is not None:
        return Moment.ENDED, facts.ended_at
    if facts.status is Status.NOT_STARTED:
        return Moment.STARTS, facts.starts_at
    if facts.status is Status.TRIALING and facts.trial_end is not None:
        return Moment.TRIAL_ENDS, facts.trial_end
    goes_on = facts.status in _RENEWING and not in_last_period(facts)
    renews = priced and goes_on and facts.pending(ChangeKind.PLAN_CHANGE) is None
    return (Moment.RENEWS, facts.natural_end) if renews else None


async def _pending(ctx: Context, view: SubscriptionView, change: ScheduledChangeView) -> PendingChange:
    if change.target is not None:
        return PendingChange(await plan_name(ctx, change.target.plan_version_id), change.applies_at)
    version = next((item.plan_version_id for item in view.facts.items if item.plan_id == change.item), None)
    name = await plan_name(ctx, version or view.facts.plan_version_id)
    return PendingChange(f"{name} × {change.quantity}", change.applies_at)  # noqa: RUF001  (a multiplication sign is meant)


def _buttons(
    frame: Frame, view: SubscriptionView, change: ScheduledChangeView | None, offered: Iterable[ActionView]
) -> Iterable[Button]:
    """The actions that are open and have a place on this page, in the order of the list; others are not shown."""
    open_ = {action.kind: action for action in offered if action.enabled}
    cancel = next((kind for kind in _CANCELS if kind in open_), None)
    manage = manage_action(frame, checkout_href=None, cancel_href=cancel_path(view.id) if cancel else None)
    cancel_label = frame.action_label(cancel) if cancel is not None else ""
    for kind, action in open_.items():
        if (
            kind is Action.MANAGE
            and manage is not None
            and (manage.label, manage.href)
            != (
                cancel_label,
                cancel_path(view.id),
            )
        ):
            yield manage
        elif kind is Action.CONTACT_SUPPORT and action.url is not None:
            yield Button(kind, frame.action_label(kind), href=action.url)
        elif kind is cancel:
            yield Button(kind, cancel_label, href=cancel_path(view.id))
        elif kind is Action.UNDO_CANCELLATION:
            yield Button(kind, frame.action_label(kind), form=keep_form(view.id))
        elif kind is Action.UNDO_CHANGE and change is not None:
            yield Button(kind, frame.action_label(kind), form=Form(f"{HOME}/changes/{change.id}/undo"))


async def _instructions(ctx: Context, view: SubscriptionView, offered: Iterable[ActionView]) -> str | None:
    """The merchant's way out where customers may not cancel themselves. (K3)"""
    cancels = [action for action in offered if action.kind in _CANCELS]
    if not view.facts.live or any(action.enabled for action in cancels):
        return None
    if all(action.reason_code is not Closed.POLICY_FORBIDS for action in cancels):
        return None
    async with ctx.read() as read:
        return (await policy_of(ctx, read)).instructions
