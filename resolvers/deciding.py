"""Deciding many entitlements at once: the counters are read together, then each is decided on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from billing.dataclass import dataclass
from billing.entitlements.alike import Alike
from billing.entitlements.evaluate import decide
from billing.entitlements.explain import explain
from billing.entitlements.lasting import lasts_until
from billing.entitlements.resolution import resolve
from billing.entitlements.sources import FeatureKind, Sources, Usage
from models.snapshots import Name, Read, Stand
from resolvers.counting import Metered, usages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from billing.entitlements.decisions import Decision
    from billing.entitlements.explanations import Explanation
    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Json, Speaking
    from models.reader import Reader
    from models.stores.counters import Beside
    from models.stores.giving import Holding
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
    said: Sources | Speaking
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
    def sources(self) -> Sources:
        """What speaks about the feature."""
        said = self.said
        if isinstance(said, Sources):
            return said
        return Sources(None) if self.feature is None else said.about(self.feature.id)

    def as_of(self, at: datetime) -> EntitlementView:
        """Tell it of another instant at which it is so."""
        return replace(self, at=at)

    def explain(self) -> Explanation:
        """Tell how the decision came about."""
        return explain(self.sources, self.usage, self.at, resource=self.resource, requested=self.requested)


DecisionsRead: TypeAlias = "Read[Sequence[EntitlementView]]"
"""Decisions about one customer, and how long they are so."""


async def decided_alone(read: Reader, question: Question, at: datetime) -> EntitlementView:
    """Decide one question, with what stands beside the ledger."""
    customer, feature, sources, resource, _ = question
    found, usage = resolve(sources, at, resource), NOTHING_USED
    if found.counter is not None and customer is not None and feature is not None:
        (usage,) = await usages_of(read, [Metered(customer, feature, found.counter)], at)
    return answered(question, found, usage, at)


async def decided_of(
    read: Reader, customers: Sequence[Holding], features: Sequence[FeatureView], resource: str, at: datetime
) -> dict[str, list[EntitlementView]]:
    """Decide about these features of several customers, by customer; one that needs a resource is told for each.

    Each is heard and decided before the next: of many, nothing but the decisions is kept.
    """
    if not customers:
        return {}
    few = await read.entitlements.few([each.id for each in customers])
    speaking = await read.entitlements.speaking_of(customers, features, at, few=few)
    metered = [each.id for each in features if each.kind is FeatureKind.METERED]
    deciding = _Deciding(features, await read.usage.beside(speaking, metered, at, few.reserving), resource, at)
    found = {each.id: deciding.views(each, speaking[each.id]) for each in customers}
    await deciding.late(read)
    return found


class _Deciding:
    """Decides about features of one customer after the other; where the ledger has to be asked, of all at once."""

    def __init__(self, features: Iterable[FeatureView], beside: Beside, resource: str, at: datetime) -> None:
        self._features = {each.id: each for each in features}
        self._beside = beside
        self._at = at
        self._alike = Alike(at, resource)
        self._late: list[tuple[EntitlementView, Metered]] = []

    def views(self, customer: Holding, of: Speaking) -> list[EntitlementView]:
        """Decide; what the ledger is to be asked about is decided as if nothing had been used, until `late`."""
        features, held, at, id_ = self._features, self._beside.held, self._at, customer.id
        terms, timings = self._alike.heard(of)
        told = [self._beside.used(id_, each.counter) for each in timings]
        views: list[EntitlementView] = []
        for feature_id, asked, found, place in terms:
            feature, timing, usage = features[feature_id], timings[place], NOTHING_USED
            counter = timing.counter
            if counter is not None and (used := told[place].get(feature_id)) is not None:
                usage = Usage(used, held.get((id_, feature_id, counter.resource), 0) if held else 0)
            view = EntitlementView(customer, feature, of, asked, None, at, usage, decide(found, usage, None, timing))
            views.append(view)
            if counter is not None and (usage is NOTHING_USED or feature.rolls_over):
                self._late.append((view, Metered(customer, feature, counter)))
        return views

    async def late(self, read: Reader) -> None:
        """Ask the ledger, and decide again what it was asked about."""
        if not self._late:
            return
        usages = await usages_of(read, [metered for _, metered in self._late], self._at, self._beside)
        for (view, _), usage in zip(self._late, usages, strict=True):
            view.usage = usage
            view.decision = decide(resolve(view.sources, self._at, view.resource), usage)


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
    """Tell how long decisions about one customer are so while nothing happens."""
    if stand is None:
        return Read(views, at, at, None)
    until = lasts_until(views[0].said, [(view.usage, view.decision) for view in views], at) if views else None
    name = Name(stand.environment_id, None, external_id) if external_id is not None else None
    return Read(views, at, until, stand, name)
