"""Deciding many entitlements at once: the counters are read together, then each is decided on its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from billing.entitlements.counters import counter
from billing.entitlements.evaluate import evaluate
from billing.entitlements.explain import explain
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Usage
from billing.refusals import ResourceRequired
from resolvers.counting import Metered, usages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import Explanation
    from billing.entitlements.sources import Counter, Json, Sources
    from models.reader import Reader
    from models.stores.giving import Holding
    from models.views import FeatureView


@dataclass(frozen=True, slots=True)
class EntitlementView:
    """A decision with what it is about; `explain` tells how it came about, if asked."""

    customer_id: str | None
    feature: FeatureView | None
    decision: Decision
    at: datetime
    explain: Callable[[], Explanation]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided, and what speaks about it; None is a customer or feature that nobody knows."""

    customer: Holding | None
    feature: FeatureView | None
    sources: Sources
    resource: str
    requested: Json = None

    def metered(self, at: datetime) -> Metered | None:
        """Name the counter that counts; None where nobody or nothing is known. Raises `ResourceRequired`."""
        if self.customer is None or self.feature is None:
            return None
        return Metered(self.customer, self.feature, self.counter(at))

    def counter(self, at: datetime) -> Counter | None:
        """Find the counter that counts at an instant; raises `ResourceRequired`."""
        return counter(self.sources, self.resource, at)


async def decided(read: Reader, questions: Sequence[Question], at: datetime) -> list[EntitlementView]:
    """Read the counters that count and decide, in the order in which it is asked."""
    metered = [each.metered(at) for each in questions]
    usages = iter(await usages_of(read, [each for each in metered if each is not None], at))
    of = [Usage() if each is None else next(usages) for each in metered]
    return [answered(question, usage, at) for question, usage in zip(questions, of, strict=True)]


async def decided_of(
    read: Reader, customers: Sequence[Holding], features: Sequence[FeatureView], resource: str, at: datetime
) -> dict[str, list[EntitlementView]]:
    """Decide about these features of several customers, by customer; one that needs a resource is told for each."""
    if not customers:
        return {}
    sources = await read.entitlements.sources_of(customers, features, at)
    questions = [
        Question(customer, feature, of, each)
        for customer in customers
        for feature in features
        for of in (sources[customer.id][feature.id],)
        for each in _resources(of, resource)
    ]
    found: dict[str, list[EntitlementView]] = {each.id: [] for each in customers}
    for view in await decided(read, questions, at):
        found[view.customer_id or ""].append(view)
    return found


def answered(question: Question, usage: Usage, at: datetime) -> EntitlementView:
    """Decide, where it is known what the counter holds."""
    resource, requested = question.resource, question.requested
    return EntitlementView(
        customer_id=question.customer.id if question.customer else None,
        feature=question.feature,
        decision=evaluate(question.sources, usage, at, resource=resource, requested=requested),
        at=at,
        explain=partial(explain, question.sources, usage, at, resource=resource, requested=requested),
    )


def _resources(sources: Sources, asked: str) -> Sequence[str]:
    if asked:
        return (asked,)
    try:
        effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources
    return ("",)
