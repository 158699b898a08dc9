"""Begin a subscription: now or later, with or without a trial, with add-ons, for a resource or the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.calendar import Interval, IntervalUnit, Period, boundary, period_at
from billing.cancellation import FURTHEST
from billing.dataclass import dataclass
from billing.instalments import agreed
from billing.invoicing.values import BillingMode
from billing.lifecycle import Status
from billing.refusals import AlreadyExists, AlreadySubscribed, DateOutOfRange, InvalidInput, TrialAlreadyUsed
from billing.subscriptions import Facts
from billing.trials import TrialEnding, usual_ending
from models.stores.subscription_rows import new_row
from models.tables.customer import TrialRow
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, demand_currency, demand_unarchived, found_customer, owner_customer
from resolvers.changing import read_subscription
from resolvers.discounting import Given, Target, give
from resolvers.going_on import with_trial_end
from resolvers.invoicing.billing import bill
from resolvers.keeping import told
from resolvers.offering import add_on_items, items_of, plan_wanted, terms_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.views import CustomerView, PlanView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import AddOnChoice, CustomerRef
    from resolvers.offering import Terms

LONGEST_TRIAL = 730
DAILY = Interval(IntervalUnit.DAY)
"""A trial's days are days of the billing zone's calendar: it ends at the time of day at which it began."""


@dataclass(frozen=True, slots=True)
class SubscriptionCreate:
    """What to subscribe to. `trial_days` None takes the plan's trial, 0 none; `starts_at` None is now.

    `trial_ending` and `billing_mode` None are the environment's; `anchor` None counts periods from the beginning, or
    from a trial's end.

    A coupon (by id or key) or a promotion code is on it from its first invoice on.
    """

    customer: CustomerRef
    plan: str
    version: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int = 1
    add_ons: tuple[AddOnChoice, ...] = ()
    resource: str | None = None
    external_id: str | None = None
    starts_at: datetime | None = None
    billing_mode: BillingMode | None = None
    anchor: datetime | None = None
    trial_days: int | None = None
    trial_ending: TrialEnding | None = None
    metadata: dict[str, str] | None = None
    coupon: str | None = None
    promotion_code: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionCreated:
    """The new subscription as it is now."""

    subscription: SubscriptionView
    replayed: bool


async def create(ctx: Context, command: SubscriptionCreate) -> SubscriptionCreated:
    """Subscribe a customer to a plan."""

    async def body(work: Work) -> dict[str, Any]:
        customer = await found_customer(ctx, work, command.customer)
        return {"subscription_id": await begin_subscription(ctx, work, customer, command)}

    outcome, replayed = await act(ctx, "subscriptionCreate", command, owner_customer(ctx, command.customer), body)
    return SubscriptionCreated(await read_subscription(ctx, outcome), replayed)


async def begin_subscription(ctx: Context, work: Work, customer: CustomerView, command: SubscriptionCreate) -> str:
    """Write a new subscription inside a unit of work whose customer's sequence is taken; answers its id."""
    demand_unarchived(customer)
    if command.coupon is not None and command.promotion_code is not None:
        raise InvalidInput("Give couponId or promotionCode, not both.", field="couponId")
    plan = await plan_wanted(work, command.plan, command.version, merchant=ctx.principal.merchant)
    currency = checks.currency(command.currency)
    demand_currency(customer, currency)
    terms = terms_of(plan, currency or customer.currency, command.interval)
    resource = checks.resource(command.resource)
    await _demand_room(work, customer, plan, resource, command)
    trial_days = await _trial_days(work, customer, plan, command)
    facts = await with_trial_end(work, await _facts(ctx, work, customer, plan, terms, command, trial_days))
    await work.subscriptions.add(
        new_row(
            facts,
            environment_id=work.environment_id,
            customer_id=customer.id,
            product_id=plan.product_id,
            resource_id=resource,
            external_id=checks.optional_text(command.external_id, "externalId"),
            labels=checks.metadata(command.metadata) or {},
            created_at=work.at,
        ),
        facts,
        work.ids,
    )
    if facts.trial_end is not None:
        await work.customers.add_trial(
            TrialRow(
                customer_id=customer.id,
                product_id=plan.product_id,
                environment_id=work.environment_id,
                subscription_id=facts.id,
                started_at=facts.starts_at,
            ),
        )
    number = await work.record(customer.id, Happening("subscription.created", facts.id, {}, told(facts)))
    await work.subscriptions.remember(customer.id, facts, number, work.at)
    if command.coupon is not None or command.promotion_code is not None:
        given = Given(command.coupon, command.promotion_code)
        await give(work, given, Target(customer.id, facts.currency, facts.zone, facts))
    await bill(work, customer.id, None, facts)
    return facts.id


async def _demand_room(
    work: Work,
    customer: CustomerView,
    plan: PlanView,
    resource: str,
    command: SubscriptionCreate,
) -> None:
    for held in await work.subscriptions.of_customer(customer.id):
        if held.facts.live and held.product_id == plan.product_id and held.resource_id == resource:
            raise AlreadySubscribed(
                "The customer has a subscription of this product: change that one, or name another resource.",
                field="planId",
                subscription_id=held.id,
            )
    if command.external_id is not None:
        known = await work.subscriptions.by_external_id(command.external_id)
        if known is not None:
            raise AlreadyExists("A subscription with this externalId exists.", field="externalId", id=known.id)


async def _trial_days(work: Work, customer: CustomerView, plan: PlanView, command: SubscriptionCreate) -> int:
    if command.trial_days is not None and not 0 <= command.trial_days <= LONGEST_TRIAL:
        raise InvalidInput(f"Give 0 to {LONGEST_TRIAL} days.", field="trialDays")
    days = plan.trial_days if command.trial_days is None else command.trial_days
    if days and await work.customers.had_trial(customer.id, plan.product_id):
        if command.trial_days:
            raise TrialAlreadyUsed("The customer had a trial of this product: pass trialDays: 0.", field="trialDays")
        return 0
    return days


async def _facts(
    ctx: Context,
    work: Work,
    customer: CustomerView,
    plan: PlanView,
    terms: Terms,
    command: SubscriptionCreate,
    trial_days: int,
) -> Facts:
    starts_at = _start(command.starts_at, work.at)
    zone = ZoneInfo(customer.zone) if customer.zone else ctx.env.zone
    policy = await work.environments.billing(work.environment_id)
    mode = command.billing_mode or policy.billing_mode
    if plan.instalments:
        mode = _counted(command)
    if trial_days and command.anchor is not None:
        raise InvalidInput(
            "A trial's end becomes the anchor: leave `anchor` out, or pass trialDays: 0.", field="anchor"
        )
    ending = _trial_ending(
        command, plan, usual_ending(policy.trial_ending, merchant=ctx.principal.merchant), trial_days
    )
    asks = ending is not TrialEnding.CREATE_INVOICE
    trial_end = boundary(starts_at, DAILY, trial_days, zone) if trial_days else None
    anchor = trial_end or _anchor(command.anchor, starts_at, terms, zone)
    natural = Period(starts_at, trial_end) if trial_end else period_at(anchor, terms.interval, starts_at, zone)
    status = Status.NOT_STARTED if starts_at > work.at else Status.TRIALING if trial_end else Status.ACTIVE
    items = items_of(plan, terms, checks.quantity(command.quantity))
    return Facts(
        id=work.ids.new("sub"),
        status=status,
        starts_at=starts_at,
        trial_end=trial_end,
        anchor=anchor,
        interval=terms.interval,
        zone=zone,
        period=natural,
        natural_end=natural.end,
        plan_id=plan.id,
        plan_version_id=plan.version_id,
        currency=terms.currency,
        items=items + await add_on_items(work, plan, command.add_ons, terms),
        billing_mode=mode,
        anchor_chosen=command.anchor is not None,
        instalments=agreed(plan.instalments, plan.access_after_completion, anchor, terms.interval, zone)
        if plan.instalments
        else None,
        trial_ending=ending,
        method_missing=asks and await work.payments.default_of(customer.id) is None,
    )


def _trial_ending(command: SubscriptionCreate, plan: PlanView, usual: TrialEnding, trial_days: int) -> TrialEnding:
    """What the trial's end does without a payment method; instalments are not paused: their sum has its day. (K4)"""
    asked = command.trial_ending
    if asked is not None and not trial_days:
        raise InvalidInput("There is no trial that could end: leave `trialEnding` out.", field="trialEnding")
    if not plan.instalments or TrialEnding.PAUSE not in (asked, usual):
        return (asked or usual) if trial_days else TrialEnding.CREATE_INVOICE
    if asked is TrialEnding.PAUSE:
        raise InvalidInput("Instalments are not paused: choose CREATE_INVOICE or CANCEL.", field="trialEnding")
    return asked or TrialEnding.CANCEL


def _counted(command: SubscriptionCreate) -> BillingMode:
    """Instalments are whole periods, counted from the first paid day on: nothing moves their anchor. (K4)"""
    if command.anchor is not None:
        raise InvalidInput("Instalments are counted from the first paid day: leave `anchor` out.", field="anchor")
    if command.billing_mode is BillingMode.CLASSIC:
        raise InvalidInput("Instalments keep their anchor: only FLEXIBLE does.", field="billingMode")
    return BillingMode.FLEXIBLE


def _anchor(asked: datetime | None, starts_at: datetime, terms: Terms, zone: ZoneInfo) -> datetime:
    """From when periods are counted: a later date in the first interval leaves a shorter first period."""
    if asked is None:
        return starts_at
    latest = boundary(starts_at, terms.interval, 1, zone)
    if not starts_at <= asked <= latest:
        raise DateOutOfRange(
            "The anchor is the beginning, or within one interval from it.",
            field="anchor",
            earliest=starts_at,
            latest=latest,
        )
    return asked


def _start(asked: datetime | None, at: datetime) -> datetime:
    if asked is None:
        return at
    if not at <= asked <= at + FURTHEST:
        raise DateOutOfRange(
            "A subscription starts now or within ten years.",
            field="startsAt",
            earliest=at,
            latest=at + FURTHEST,
        )
    return asked
