"""Reading subscriptions, and what can be done to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.actions import Audience, Closed, offers
from billing.catalog.values import PlanKind
from billing.dataclass import dataclass
from billing.lifecycle import Action
from billing.policies import SelfServicePolicy
from models.columns import EVERYTHING
from models.paging import Page
from models.stores.subscription_pages import SubscriptionWanted
from resolvers import checks
from resolvers.access import demand, own_subscription
from resolvers.customers import meant
from resolvers.grounds import Rests, all_of, of_subscriptions
from resolvers.loaders import OfVersion, SubscriptionsOf
from resolvers.paying.at_the_end import paid_back
from widgets_config.actions import ManageAction
from widgets_config.config import effective_manage_action, support_address
from widgets_config.texts import action_label

if TYPE_CHECKING:
    from datetime import datetime

    from billing.lifecycle import State
    from models.choices import SubscriptionOrder
    from models.reader import Reader
    from models.views import SubscriptionView
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef, PageOf
    from widgets_config.config import WidgetsConfig


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """Which subscriptions; None asks for any. `plan` and `product` are ids or keys."""

    states: tuple[State, ...] | None = None
    customer: CustomerRef | None = None
    plan: str | None = None
    product: str | None = None
    resource: str | None = None
    external_id: str | None = None
    cancel_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action with its words, for the audience that asked."""

    kind: Action
    enabled: bool
    reason_code: Closed | None
    label: str
    url: str | None


async def subscription(ctx: Context, subscription_id: str) -> SubscriptionView | None:
    """Find a subscription among those that the credential may see."""
    demand(ctx, "subscription")
    view = await ctx.asked(
        lambda read: read.subscriptions.by_id(subscription_id),
        brief=True,
        about=lambda found: of_subscriptions((found,)) if found else None,
    )
    return view if view is not None and own_subscription(ctx, view.customer_id, view.id) else None


async def subscriptions(
    ctx: Context,
    wanted: SubscriptionFilter,
    order: SubscriptionOrder,
    page: PageOf,
    columns: frozenset[str] = EVERYTHING,
) -> Page[SubscriptionView]:
    """List subscriptions with these columns; a customer token lists its own, a bound one its only one. (K10, K16)"""
    demand(ctx, "subscriptions")
    first, customer_id = checks.page(page.first), ctx.principal.customer_id
    if wanted.customer is not None:
        customer = await meant(ctx, wanted.customer)
        if customer is None:
            return Page((), has_next=False, has_previous=False)
        customer_id = customer.id

    async def found(read: Reader) -> Page[SubscriptionView]:
        asked = await _wanted(ctx, read, wanted, customer_id)
        if asked is None:
            return Page((), has_next=False, has_previous=False)
        return await read.subscriptions.page(asked, order, first, page.after, columns)

    def rests(page: Page[SubscriptionView]) -> Rests | None:
        """Time may bring others onto a page that is chosen by what is so at present."""
        if customer_id is None or wanted.states or wanted.plan is not None or wanted.cancel_before is not None:
            return None
        return all_of((Rests(frozenset((customer_id,))), of_subscriptions(page.views)))

    return await ctx.asked(found, brief=True, about=rests)


async def subscriptions_of(
    ctx: Context, customer_id: str, order: SubscriptionOrder, page: PageOf
) -> Page[SubscriptionView]:
    """List the subscriptions of a customer who was found, together with those of others; a bound token its only one."""
    demand(ctx, "subscriptions")
    checks.page(page.first)
    found = await ctx.loaders.subscriptions_of.load(SubscriptionsOf(customer_id, order, page))
    return Page((), has_next=False, has_previous=False) if found is None else found


async def available_actions(ctx: Context, view: SubscriptionView, as_: Audience | None = None) -> list[ActionView]:
    """List every action with whether it is open to who asks; a merchant may ask as the customer. (S1)"""
    audience = as_ if as_ is not None and ctx.principal.merchant else ctx.audience
    plan = await ctx.loaders.plan_version.load(OfVersion(view.facts.plan_version_id))
    customer = await ctx.loaders.customer.load(view.customer_id)
    policy = await ctx.loaders.policy.load(ctx.env.id) or SelfServicePolicy()
    config = ctx.widgets
    locale = customer.locale if customer is not None and customer.locale else ctx.env.locale
    custom = plan is not None and plan.kind is PlanKind.CUSTOM
    listed = offers(view.facts, policy, audience, custom_priced=custom, paid_back=paid_back(view))
    hidden = effective_manage_action(config) is ManageAction.HIDDEN
    return [
        ActionView(
            kind=offer.action,
            enabled=offer.enabled and not (offer.action is Action.MANAGE and hidden),
            reason_code=Closed.HIDDEN if offer.enabled and offer.action is Action.MANAGE and hidden else offer.closed,
            label=action_label(config, offer.action.value, locale),
            url=_url(offer.action, config),
        )
        for offer in listed
    ]


async def policy_of(ctx: Context, read: Reader) -> SelfServicePolicy:
    """Find the policy that holds for a subscription; today the environment's."""
    return await read.environments.policy(ctx.env.id)


def _url(action: Action, config: WidgetsConfig) -> str | None:
    if action is Action.MANAGE and effective_manage_action(config) is ManageAction.URL:
        return config.portal.manage_url
    if action is Action.CONTACT_SUPPORT:
        return support_address(config)
    return None


async def _wanted(
    ctx: Context, read: Reader, wanted: SubscriptionFilter, customer_id: str | None
) -> SubscriptionWanted | None:
    """Turn references into ids; None where one of them leads nowhere."""
    plan = await read.catalog.cards.named(wanted.plan) if wanted.plan is not None else None
    product = await read.catalog.product(wanted.product) if wanted.product is not None else None
    if (wanted.plan is not None and plan is None) or (wanted.product is not None and product is None):
        return None
    return SubscriptionWanted(
        subscription_id=ctx.principal.subscription_id,
        states=wanted.states,
        customer_id=customer_id,
        plan_id=plan.id if plan else None,
        product_id=product.id if product else None,
        resource_id=wanted.resource,
        external_id=wanted.external_id,
        cancel_before=wanted.cancel_before,
    )
