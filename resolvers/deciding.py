"""Deciding many entitlements at once: the counters are read together, then each is decided on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from billing.dataclass import dataclass
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
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import Explanation
    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Json, Sources
    from models.reader import Reader
    from models.stores.counters import Beside
    from models.stores.giving import Holding, Speaking
    from models.stores.sequences import Stood
    from models.views import FeatureView


NOTHING_USED: Final = Usage()


Question: TypeAlias = "tuple[Holding | None, FeatureView | None, Sources, str, Json]"
"""Whose what is to be decided, what speaks about it, for which resource, and what is requested; None is unknown."""


@dataclass(slots=True)
class EntitlementView:
    """A decision with what it was made from; as it is, not frozen."""

    customer: Holding | None
    feature: FeatureView | None
    sources: Sources
    resource: str
    requested: Json
    at: datetime
    usage: Usage
    decision: Decision

    @property
    def customer_id(self) -> str | None:
        """The customer; None where nobody is known."""
        return self.customer.id if self.customer else None

    @property
    def lasts_until(self) -> datetime | None:
        """Until when it is so while nothing happens; None where no end is known, its own instant where none is told."""
        return lasts_until(self.sources, self.usage, self.decision, self.at)

    def as_of(self, at: datetime) -> EntitlementView:
        """Tell it of another instant at which it is so."""
        return replace(self, at=at)

    def explain(self) -> Explanation:
        """Tell how the decision came about."""
        return explain(self.sources, self.usage, self.at, resource=self.resource, requested=self.requested)


DecisionsRead: TypeAlias = "Read[Sequence[EntitlementView]]"
"""Decisions about one customer, and how long they are so."""


async def decided(read: Reader, questions: Iterable[Question], beside: Beside, at: datetime) -> list[EntitlementView]:
    """Decide, in the order in which it is asked; what stands `beside` the ledger of these was read.

    Each is heard and decided before the next: of many, nothing but the decisions is kept.
    """
    views: list[EntitlementView] = []
    late: dict[int, tuple[Question, Metered]] = {}
    for question in questions:
        customer, feature, sources, resource, _ = question
        found = resolve(sources, at, resource)
        usage: Usage | None = NOTHING_USED
        if found.counter is not None and customer is not None and feature is not None:
            usage = None if feature.rolls_over else beside.told(customer.id, feature.id, found.counter, at)
            if usage is None:
                late[len(views)] = question, Metered(customer, feature, found.counter)
        views.append(answered(question, found, usage or NOTHING_USED, at))
    usages = await usages_of(read, [metered for _, metered in late.values()], at, beside) if late else ()
    for (place, (question, _)), usage in zip(late.items(), usages, strict=True):
        views[place] = answered(question, resolve(question[2], at, question[3]), usage, at)
    return views


async def decided_alone(read: Reader, question: Question, at: datetime) -> EntitlementView:
    """Decide one question, with what stands beside the ledger."""
    customer, feature = question[:2]
    customers = [customer.id] if customer else []
    features = [feature.id] if feature and feature.kind is FeatureKind.METERED else []
    beside = await read.usage.beside(customers, features, at, customers)
    return (await decided(read, [question], beside, at))[0]


async def decided_of(
    read: Reader, customers: Sequence[Holding], features: Sequence[FeatureView], resource: str, at: datetime
) -> dict[str, list[EntitlementView]]:
    """Decide about these features of several customers, by customer; one that needs a resource is told for each."""
    if not customers:
        return {}
    few = await read.entitlements.few([each.id for each in customers])
    speaking = await read.entitlements.speaking_of(customers, features, at, few=few)
    metered = [each.id for each in features if each.kind is FeatureKind.METERED]
    beside = await read.usage.beside(speaking, metered, at, few.reserving)
    asked = _questions(customers, speaking, features, resource)
    found: dict[str, list[EntitlementView]] = {each.id: [] for each in customers}
    for view in await decided(read, asked, beside, at):
        found[view.customer_id or ""].append(view)
    return found


def answered(question: Question, found: Resolution, usage: Usage, at: datetime) -> EntitlementView:
    """Decide, where it is known what the counter holds."""
    customer, feature, sources, resource, requested = question
    decision = decide(found, usage, requested)
    return EntitlementView(customer, feature, sources, resource, requested, at, usage, decision)


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


def _questions(
    customers: Sequence[Holding], speaking: Mapping[str, Speaking], features: Sequence[FeatureView], resource: str
) -> Iterator[Question]:
    """Ask of each customer about each feature; without a resource once for each that has it, where several have."""
    for customer in customers:
        of = speaking[customer.id]
        alone = resource or not any(each.resource for each in of.subscriptions)
        for feature in features:
            sources = of.about(feature.id)
            if alone:
                yield customer, feature, sources, resource, None
            else:
                for each in _resources(sources):
                    yield customer, feature, sources, each, None


def _resources(sources: Sources) -> Sequence[str]:
    try:
        effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources
    return ("",)
