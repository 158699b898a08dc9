"""What is used beyond the limits to which a change leads: told, refused or waited for, as the environment says. (S6)

Counted is what still counts when the change takes effect: of a counter that begins anew by then nothing does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from billing.amounts import format_amount
from billing.calendar import period_at
from billing.change_rules import OverLimit
from billing.entitlements.counters import counter
from billing.entitlements.evaluate import evaluate
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import FeatureKind
from billing.lifecycle import ChangeTiming, Status
from billing.limit_refusals import Above, UsageOverLimit
from billing.periods import cut
from billing.refusals import ResourceRequired
from billing.subscriptions import as_of
from billing.waiting import fitting
from resolvers.counting import Metered, usages_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.sources import Sources
    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import CustomerView, FeatureView, SubscriptionView
    from resolvers.arranging import Arranged, ChangeAsked
    from resolvers.changing import ChangeMade
    from resolvers.context import Context


SILENT: Final = frozenset({Status.PAUSED, Status.PAST_DUE, Status.UNPAID})
"""What may give nothing until it is paid: its limits are those that it will give."""


class Moments(NamedTuple):
    """Up to when usage is counted, and when the change takes effect."""

    now: datetime
    then: datetime


class Held(NamedTuple):
    """A subscription, and the facts that it is to have."""

    view: SubscriptionView
    facts: Facts


async def fitted(
    read: Reader, view: SubscriptionView, asked: ChangeAsked, arrange: Callable[[ChangeAsked], Awaitable[Arranged]]
) -> Arranged:
    """Arrange a change; one that lowers limits below what is used is refused, or waits, where the environment does.

    Where it is to wait, whatever lowers a limit waits until it fits; at once it is made only where it does now.
    """
    arranged, rule = await arrange(asked), await _rule(read)
    if rule is OverLimit.ALLOW:
        return arranged
    moments, without = Moments(arranged.at, arranged.applies_at), _without(view, arranged)
    above = await above_limits(read, view, arranged.facts_then, moments, without)
    if rule is OverLimit.REFUSE:
        _demand_none(above)
        return arranged
    if above and arranged.timing is ChangeTiming.IMMEDIATE:
        later = replace(asked, timing=ChangeTiming.END_OF_PERIOD, proration=None)
        return await fitted(read, view, later, arrange)
    if arranged.scheduled and await _lowers(read, view, arranged.facts_then, moments, without):
        return replace(arranged, scheduled=tuple(replace(each, until_fits=True) for each in arranged.scheduled))
    return arranged


async def demand_phase_fits(
    read: Reader, view: SubscriptionView, before: Facts, begun: Facts, moments: Moments
) -> None:
    """Refuse a phase of a schedule that lowers limits below what is used: it has its day, and does not wait. (C9)"""
    if await _rule(read) is not OverLimit.ALLOW:
        _demand_none(await above_limits(read, view, begun, moments, before))


async def _rule(read: Reader) -> OverLimit:
    return (await read.environments.billing(read.environment_id)).changes.over_limit


def _demand_none(above: tuple[Above, ...]) -> None:
    if above:
        told = ", ".join(f"{each.feature_key} {each.used} of {each.limit}" for each in above)
        message = f"More is used than there would be: {told}. Use less first."
        raise UsageOverLimit(message, field="planId", above=above)


async def above_changed(ctx: Context, made: ChangeMade) -> tuple[Above, ...]:
    """What is above the limits that a change has led to, or will."""
    view, change = made.subscription, made.change
    at = max(change.applies_at, ctx.at) if change is not None else ctx.at
    async with ctx.read() as read:
        return await above_limits(read, view, as_of(fitting(view.facts), at), Moments(ctx.at, at))


async def above_limits(
    read: Reader, view: SubscriptionView, then: Facts, moments: Moments, instead_of: Facts | None = None
) -> tuple[Above, ...]:
    """Compare what is used with the limits of the facts then; `instead_of` others, only the hard ones that fall."""
    customer, features = await _about(read, view)
    will = await _decided(read, customer, features, Held(view, then), moments)
    was = await _decided(read, customer, features, Held(view, instead_of), moments) if instead_of else {}
    return tuple(
        Above(feature.key, *(format_amount(amount, feature.scale) for amount in _amounts(will[feature.id])))
        for feature in features
        if will[feature.id].over_by and (instead_of is None or _falls(was[feature.id], will[feature.id]))
    )


async def _lowers(read: Reader, view: SubscriptionView, then: Facts, moments: Moments, instead_of: Facts) -> bool:
    """Whether any hard limit of the facts then is lower than of these others, used up or not."""
    customer, features = await _about(read, view)
    will, was = [await _decided(read, customer, features, Held(view, each), moments) for each in (then, instead_of)]
    return any(_falls(was[each.id], will[each.id]) for each in features)


async def _about(read: Reader, view: SubscriptionView) -> tuple[CustomerView, list[FeatureView]]:
    customer = await read.customers.by_id(view.customer_id)
    if customer is None:
        raise LookupError(view.customer_id)
    return customer, [each for each in await read.catalog.features() if each.kind is FeatureKind.METERED]


def resource_meant(sources: Sources, resource: str) -> str:
    """The subscription's own resource, where a feature needs one."""
    if resource:
        return resource
    try:
        return effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources[0]


async def _decided(
    read: Reader, customer: CustomerView, features: list[FeatureView], held: Held, moments: Moments
) -> dict[str, Decision]:
    """What is decided of each feature then, where one subscription has these facts."""
    then, own = moments.then, _giving(held.facts, moments.then)
    lives = await read.subscriptions.facts_of(customer.id, then)
    given = [(resource, created, own if facts.id == own.id else facts) for resource, created, facts in lives]
    sources = await read.entitlements.sources(customer, features, then, given)
    meant = {each.id: resource_meant(sources[each.id], held.view.resource_id) for each in features}
    asked = [Metered(customer, each, counter(sources[each.id], meant[each.id], then)) for each in features]
    usages = await usages_of(read, asked, moments.now)
    return {
        each.id: evaluate(sources[each.id], usage._replace(rolled=None), then, resource=meant[each.id])
        for each, usage in zip(features, usages, strict=True)
    }


def _giving(facts: Facts, at: datetime) -> Facts:
    """The facts as if they gave access: what is paused or unpaid gives again one day, in a period of that time."""
    if facts.status not in SILENT:
        return facts
    over = at >= facts.period.end
    period = period_at(facts.anchor, facts.interval, at, facts.zone) if over else facts.period
    return replace(facts, status=Status.ACTIVE, period=period)


def _without(view: SubscriptionView, arranged: Arranged) -> Facts:
    """What would be then without the change, and without what it takes the place of."""
    gone = {each.id for each in (*arranged.replaced, arranged.undone) if each is not None}
    kept = tuple(each for each in view.facts.scheduled if each.id not in gone)
    return as_of(fitting(cut(replace(view.facts, scheduled=kept))), arranged.applies_at)


def _amounts(decision: Decision) -> tuple[int, int, int]:
    limit = decision.limit or 0
    return limit + decision.over_by, limit, decision.over_by


def _falls(was: Decision, will: Decision) -> bool:
    lower = was.unlimited or (was.limit is not None and was.limit > (will.limit or 0))
    return will.hard and lower
