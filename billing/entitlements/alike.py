"""Deciding for many: what the same plans say is heard once, however many customers have them. (ADR 32)

Customers are alike whose subscriptions, oldest first, are of the same plan versions and add-ons, as many of each, for
the same resources, and give access or withhold it for the same reason: with all of them every feature stands as with
the first. A customer's own are the instants, of which there are few, and what few have: grants and overrides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from billing.entitlements.counters import counter_by
from billing.entitlements.evaluate import Timing, timing_of, valid_until
from billing.entitlements.resolution import resolve
from billing.entitlements.resources import asked_about
from billing.entitlements.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Speaking, SubscriptionSource


class Term(NamedTuple):
    """What stands about a feature, asked for a resource; `timing` is the place of its instants among a customer's."""

    feature_id: str
    asked: str
    found: Resolution
    timing: int


class Heard(NamedTuple):
    """What stands about each feature of a customer, in their order."""

    terms: Sequence[Term]
    timings: Sequence[Timing]


class _Clock(NamedTuple):
    """What instants follow from: how the limit resets that stands here, and the place of its subscription, or -1."""

    found: Resolution
    place: int


class _Shape(NamedTuple):
    """What the first customer of a kind heard."""

    terms: Sequence[Term]
    clocks: Sequence[_Clock]


class Alike:
    """What is heard at one instant about a resource, or each; of one reading: a plan says the same in all of it."""

    def __init__(self, at: datetime, resource: str) -> None:
        """Know nobody yet."""
        self._at = at
        self._resource = resource
        self._shapes: dict[Hashable, _Shape] = {}

    def heard(self, of: Speaking) -> Heard:
        """Hear a customer; without a resource a feature is told once for each that has it, where several do."""
        subscriptions = sorted(of.subscriptions, key=_age)
        kind = of.customer_archived, *_kind(subscriptions)
        shape = self._shapes.get(kind)
        if shape is None:
            shape = self._shapes[kind] = self._first(of, subscriptions)
        plain = Sources(None, of.subscriptions)
        timings = [self._timing(clock, subscriptions, plain) for clock in shape.clocks]
        if not of.allowances and not of.overrides:
            return Heard(shape.terms, timings)
        return Heard([self._own(term, of, timings) for term in shape.terms], timings)

    def _first(self, of: Speaking, subscriptions: Sequence[SubscriptionSource]) -> _Shape:
        terms: list[Term] = []
        clocks: dict[Hashable, int] = {}
        several: list[_Clock] = []
        places = {each.subscription_id: place for place, each in enumerate(subscriptions)}
        for id_, feature in of.features.items():
            sources = Sources(feature, of.subscriptions, customer_archived=of.customer_archived)
            for asked in asked_about(sources, self._resource):
                found = resolve(sources, self._at, asked)
                limit = found.limit
                place = places[limit.subscription.subscription_id] if limit is not None else -1
                resets = (limit.base.reset, limit.base.reset_anchor) if limit is not None else found.counter
                timing = clocks.setdefault((asked, place, resets), len(several))
                if timing == len(several):
                    several.append(_Clock(found, place))
                terms.append(Term(id_, asked, found, timing))
        return _Shape(terms, several)

    def _timing(self, clock: _Clock, subscriptions: Sequence[SubscriptionSource], plain: Sources) -> Timing:
        limit, counter = clock.found.limit, clock.found.counter
        if limit is not None:
            counter = counter_by(subscriptions[clock.place], limit.base, self._at)
        return Timing(counter, valid_until(plain, counter, self._at, clock.found.asked))

    def _own(self, term: Term, of: Speaking, timings: list[Timing]) -> Term:
        if term.feature_id not in of.allowances and term.feature_id not in of.overrides:
            return term
        found = resolve(of.about(term.feature_id), self._at, term.asked)
        timings.append(timing_of(found))
        return term._replace(found=found, timing=len(timings) - 1)


def _kind(subscriptions: Sequence[SubscriptionSource]) -> list[Hashable]:
    """What customers are alike by; which of several is the oldest their order says, but for those of one instant."""
    kind: list[Hashable] = []
    before: datetime | None = None
    for each in subscriptions:
        riding = [(add_on.key, add_on.version, add_on.quantity) for add_on in each.add_ons]
        plan = each.plan_key, each.plan_version, each.quantity
        kind.append((plan, each.resource, each.no_access, each.created_at == before, *riding))
        before = each.created_at
    return kind


def _age(subscription: SubscriptionSource) -> tuple[datetime, str]:
    return subscription.created_at, subscription.subscription_id
