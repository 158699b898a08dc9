"""Deciding many entitlements at once: the counters are read together, then each is decided on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from billing.entitlements.evaluate import decide
from billing.entitlements.explain import explain
from billing.entitlements.lasting import lasts_until
from billing.entitlements.resolution import resolve
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import FeatureKind, Usage
from billing.refusals import ResourceRequired
from models.snapshots import Name, Read, Stand
from resolvers.counting import Metered, usages_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import Explanation
    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Counter, Json, Sources
    from models.reader import Reader
    from models.stores.counters import Beside
    from models.stores.entitlements import Few
    from models.stores.giving import Holding
    from models.stores.sequences import Stood
    from models.views import FeatureView


@dataclass(slots=True)
class Question:
    """What is to be decided, and what speaks about it; None is a customer or feature that nobody knows."""

    customer: Holding | None
    feature: FeatureView | None
    sources: Sources
    resource: str
    requested: Json = None

    def resolved(self, at: datetime) -> Resolution:
        """Hear every source, as of an instant; raises `ResourceRequired`."""
        return resolve(self.sources, at, self.resource)

    def told(self, beside: Beside, counter: Counter | None, at: datetime) -> Usage | None:
        """Tell what the counter that counts holds; None where the ledger is to be asked."""
        if counter is None or self.customer is None or self.feature is None:
            return Usage()
        return None if self.feature.rolls_over else beside.told(self.customer.id, self.feature.id, counter, at)


@dataclass(slots=True)
class EntitlementView:
    """A decision with what it is about; as it is, not frozen."""

    question: Question
    usage: Usage
    decision: Decision
    at: datetime

    @property
    def customer_id(self) -> str | None:
        """The customer; None where nobody is known."""
        return self.question.customer.id if self.question.customer else None

    @property
    def feature(self) -> FeatureView | None:
        """The feature; None where none is known."""
        return self.question.feature

    @property
    def lasts_until(self) -> datetime | None:
        """Until when it is so while nothing happens; None where no end is known, its own instant where none is told."""
        return lasts_until(self.question.sources, self.usage, self.decision, self.at)

    def as_of(self, at: datetime) -> EntitlementView:
        """Tell it of another instant at which it is so."""
        return EntitlementView(self.question, self.usage, self.decision, at)

    def explain(self) -> Explanation:
        """Tell how the decision came about."""
        asked = self.question
        return explain(asked.sources, self.usage, self.at, resource=asked.resource, requested=asked.requested)


DecisionsRead: TypeAlias = "Read[Sequence[EntitlementView]]"
"""Decisions about one customer, and how long they are so."""


async def decided(
    read: Reader, questions: Sequence[Question], at: datetime, few: Few | None = None
) -> list[EntitlementView]:
    """Read what counters hold and decide, in the order in which it is asked.

    Each is heard and decided before the next: of many, nothing but the decisions is kept.
    """
    customers = {each.customer.id for each in questions if each.customer}
    metered = {each.feature.id for each in questions if each.feature and each.feature.kind is FeatureKind.METERED}
    beside = await read.usage.beside(customers, metered, at, customers if few is None else few.reserving)
    views: dict[int, EntitlementView] = {}
    late: dict[int, Metered] = {}
    for place, question in enumerate(questions):
        found = question.resolved(at)
        usage = question.told(beside, found.counter, at)
        if usage is not None:
            views[place] = answered(question, found, usage, at)
        elif question.customer is not None and question.feature is not None:
            late[place] = Metered(question.customer, question.feature, found.counter)
    if late:
        for place, usage in zip(late, await usages_of(read, [*late.values()], at, beside), strict=True):
            views[place] = answered(questions[place], questions[place].resolved(at), usage, at)
    return [views[place] for place in range(len(questions))]


async def decided_of(
    read: Reader, customers: Sequence[Holding], features: Sequence[FeatureView], resource: str, at: datetime
) -> dict[str, list[EntitlementView]]:
    """Decide about these features of several customers, by customer; one that needs a resource is told for each."""
    if not customers:
        return {}
    few = await read.entitlements.few([each.id for each in customers])
    sources = await read.entitlements.sources_of(customers, features, at, few=few)
    questions = [
        Question(customer, feature, of, each)
        for customer in customers
        for feature in features
        for of in (sources[customer.id][feature.id],)
        for each in _resources(of, resource)
    ]
    found: dict[str, list[EntitlementView]] = {each.id: [] for each in customers}
    for view in await decided(read, questions, at, few):
        found[view.customer_id or ""].append(view)
    return found


def answered(question: Question, found: Resolution, usage: Usage, at: datetime) -> EntitlementView:
    """Decide, where it is known what the counter holds."""
    return EntitlementView(question, usage, decide(found, usage, question.requested), at)


def stand_of(
    environment_id: str, holder: Holding, stood: tuple[Stood | None, Stood | None], at: datetime
) -> Stand | None:
    """Where the sequences of a customer and of the environment stood when decisions were read.

    None where the holder is not of that snapshot, and where acts are known of a later instant: what such an act wrote
    is there and does not speak yet, and nothing would tell when it begins to.
    """
    own, all_ = stood
    if own is None or all_ is None or own.archived_at != holder.archived_at:
        return None
    if own.latest_at is not None and own.latest_at > at:
        return None
    return Stand(environment_id, holder.id, own.seq, all_.seq)


def read_of(
    views: Sequence[EntitlementView], at: datetime, stand: Stand | None, external_id: str | None
) -> DecisionsRead:
    """Tell how long decisions are so while nothing happens."""
    if stand is None:
        return Read(views, at, at, None)
    ends = [end for view in views if (end := view.lasts_until) is not None]
    name = Name(stand.environment_id, None, external_id) if external_id is not None else None
    return Read(views, at, min(ends, default=None), stand, name)


def _resources(sources: Sources, asked: str) -> Sequence[str]:
    if asked or not any(each.resource for each in sources.subscriptions):
        return (asked,)
    try:
        effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources
    return ("",)
