"""What one unit of work knows of a customer's usage: read once, and kept true as rows are written."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from billing.amounts import format_amount
from billing.dataclass import dataclass
from billing.entitlements.burning import Burn, burn, give_back
from billing.entitlements.evaluate import standing_limit
from billing.entitlements.levels import spread_out
from billing.entitlements.resolution import resolve_meant
from billing.entitlements.resources import effective_resource
from billing.entitlements.sources import Aggregation, Usage
from billing.refusals import AmountOutOfRange
from models.choices import UsageKind
from models.recollections import Recollection
from models.stores.corrections import Place
from models.stores.counters import Counted
from models.stores.levels import Told
from models.stores.standing import Asked
from models.stores.usage import LedgerRow
from models.work import Happening
from resolvers.counting import rolled_into
from resolvers.due import settle
from resolvers.invoicing.telling_late import wait_for_rest
from resolvers.numbers import above
from resolvers.thresholds import tell_thresholds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from billing.entitlements.resolution import Resolution
    from billing.entitlements.sources import Counter, Sources
    from models.recollections import Memory
    from models.stores.giving import Holding
    from models.views import FeatureView
    from models.work import Work


class UsageToWrite(NamedTuple):
    """One ledger row before it has a number; `spread` is what it takes of what, where that was decided before."""

    customer_id: str
    feature_id: str
    resource: str
    counter: Counter
    kind: UsageKind
    amount: int
    occurred_at: datetime
    reason: str = ""
    spread: Burn | None = None


@dataclass(frozen=True, slots=True)
class UsageWritten:
    """The ledger row that was written, and how its amount was spread."""

    record: LedgerRow
    burn: Burn


class Meter:
    """The usage of one customer whose sequence was taken; `ready` comes before everything else."""

    def __init__(self, customer: Holding, memory: Memory) -> None:
        """Know whose it is, and what was kept of it."""
        self.customer = customer
        self.memory = memory
        self.standing: dict[str, Recollection] = {}
        """What stands about each feature, by its id."""
        self.only_usage = True
        """Whether nothing was written but what was used now, out of what stands."""
        self._ready = False
        self._turns: Sequence[datetime] | None = None
        self._then: dict[tuple[str, int], Sources] = {}
        self._reserved: dict[tuple[str, str], int] = {}
        self._rest: dict[Place, list[tuple[datetime, frozenset[str]]]] = {}

    def due(self, at: datetime) -> bool:
        """Whether something is to be made permanent before anything is decided."""
        for each in self.standing.values():  # noqa: SIM110  (a generator takes as long again: it is asked of each act)
            if each.due_at is not None and each.due_at <= at:
                return True
        return False

    async def ready(self, *, work: Work) -> None:
        """Make permanent what is due, once, and take over what stands after that."""
        if self._ready:
            return
        if self.due(work.at):
            self.only_usage = False
            self.memory.mark = None
            await settle(work, self.customer.id)
            await work.usage.flush()
            asked = [Asked(self.customer.id, feature_id) for feature_id in self.standing]
            again = await work.standings.of_each(asked, work.at)
            read = [Recollection.of(standing, work.at) for standing in again.values()]
            self.standing = {each.feature.id: each for each in read if each is not None}
        for feature_id, each in self.standing.items():
            work.usage.recall(self.customer.id, feature_id, each.heads, used=each.used)
        self._ready = True

    def heard(self, feature: FeatureView, asked: str, *, work: Work) -> Resolution:
        """Hear every source about a feature and the resource that is meant now. Raises `ResourceRequired`."""
        standing = self.standing[feature.id]
        return standing.heard(effective_resource(standing.sources, asked), work.at)

    def heard_of(self, feature: FeatureView, resource: str, *, work: Work) -> Resolution:
        """Hear every source about a feature and exactly this resource now."""
        return self.standing[feature.id].heard(resource, work.at)

    async def heard_at(self, feature: FeatureView, asked: str, when: datetime, *, work: Work) -> Resolution:
        """Hear every source about a feature and the resource that is meant, as of when something was used."""
        if when >= work.at:
            return self.heard(feature, asked, work=work)
        sources = await self._sources_at(feature, when, work=work)
        return resolve_meant(sources, when, effective_resource(sources, asked))

    async def _sources_at(self, feature: FeatureView, when: datetime, *, work: Work) -> Sources:
        """Tell what spoke about a feature when something was used: plans and overrides as of then, grants as of now.

        A grant bears what was used while it ran, of what is left of it now.
        """
        now = self.standing[feature.id].sources
        if self._turns is None:
            self._turns = await work.entitlements.turns(self.customer.id, list(self.standing))
        place = bisect_right(self._turns, when)
        if place == bisect_right(self._turns, work.at):
            return now
        if (feature.id, place) not in self._then:
            gathered = await work.entitlements.sources(self.customer, [feature], when)
            self._then[feature.id, place] = gathered[feature.id]
        then = self._then[feature.id, place]
        return replace(then, allowances=now.allowances, customer_archived=now.customer_archived)

    async def usage(self, feature: FeatureView, counter: Counter, *, work: Work) -> Usage:
        """Read a counter as it stands now."""
        of = Counted(self.customer.id, feature.id, counter, feature.aggregation)
        used = await work.usage.used(of, work.at)
        about = (feature.id, counter.resource)
        if about not in self._reserved:
            ever = self.standing[feature.id].reserved
            self._reserved[about] = await work.usage.held(of, work.at) if ever else 0
        rolled = None
        if feature.rolls_over:
            rolled = await rolled_into(work, self.customer, feature, counter, work.at)
        return Usage(used, self._reserved[about], rolled)

    async def write(self, use: UsageToWrite, found: Resolution, usage: Usage, *, work: Work) -> UsageWritten:
        """Write a ledger row; what it takes from grants is missing there for the next."""
        standing, self.memory.mark = self.standing[use.feature_id], None
        sources = standing.sources
        now = found if found.sources is sources else standing.heard(use.resource, work.at)
        written = await record_usage(work, use, found, usage, now)
        standing.used = True
        ended = _ended(found, use.occurred_at)
        if use.amount < 0:
            self.only_usage = False
        if use.occurred_at < work.at or ended:
            self.only_usage = False
            place = Place(use.customer_id, use.feature_id, use.counter.resource)
            self._rest.setdefault(place, []).append((use.occurred_at, ended))
        if taken := dict(written.burn.allowances):
            left = tuple(replace(each, used=each.used + taken.get(each.id, 0)) for each in sources.allowances)
            standing.sources = replace(sources, allowances=left)
        return written

    def left(self, *, work: Work) -> Collection[Recollection]:
        """Tell what stands about each feature once the work is closed."""
        if self._ready:
            for each in self.standing.values():
                work.usage.left(each.heads)
        return self.standing.values()

    async def bill_rest(self, *, work: Work) -> None:
        """Let what was written wait for an invoice, where no period to come will bill it."""
        for place, uses in self._rest.items():
            whens = [when for when, _ in uses]
            ended = frozenset[str]().union(*(each for _, each in uses))
            await wait_for_rest(work, place, whens, ended)


def _ended(found: Resolution, at: datetime) -> frozenset[str]:
    """The subscriptions that have ended and still give what was paid for."""
    over = [each for each in found.sources.subscriptions if each.ended_at is not None and each.ended_at <= at]
    return frozenset([each.subscription_id for each in over if each.no_access is None])


async def sources_now(work: Work, customer_id: str, feature: FeatureView) -> Sources:
    """Gather what speaks about the feature, after the customer's sequence was taken."""
    customer = await work.customers.by_id(customer_id)
    if customer is None:
        raise LookupError(customer_id)
    return (await work.entitlements.sources(customer, [feature], work.at))[feature.id]


async def write_usage(work: Work, use: UsageToWrite, found: Resolution, usage: Usage) -> UsageWritten:
    """Write a ledger row at once, so that the next statement of the work sees it."""
    written = await record_usage(work, use, found, usage, found)
    await work.usage.flush()
    if ended := _ended(found, work.at):
        await wait_for_rest(work, Place(use.customer_id, use.feature_id, use.counter.resource), [work.at], ended)
    return written


async def record_usage(work: Work, use: UsageToWrite, found: Resolution, usage: Usage, now: Resolution) -> UsageWritten:
    """Write a ledger row with what it burns or gives back, its counter's head and its event, all under one number.

    `found` is what stood when it was used: it says what bears it and what is over. `now` is what stands at present:
    thresholds are told of its limit.
    """
    feature = found.sources.feature
    scale = feature.scale if feature else 0
    of = Counted(use.customer_id, use.feature_id, use.counter, feature.aggregation if feature else Aggregation.SUM)
    spread, before, used = await _spread(work, use, of, found, usage)
    _, limit, _ = standing_limit(found)
    over = above(limit, used) - above(limit, before)
    number = work.next_number(use.customer_id)
    record = LedgerRow(
        id=work.ids.new("use"),
        environment_id=work.environment_id,
        customer_id=use.customer_id,
        feature_id=use.feature_id,
        resource=use.resource,
        scope=use.counter.resource,
        seq=number,
        kind=use.kind,
        amount=use.amount,
        limit_amount=spread.limit_amount,
        occurred_at=use.occurred_at,
        recorded_at=work.moment.recorded_at,
        reason=use.reason,
        rolled_amount=spread.rolled_amount,
        over_amount=over,
    )
    await work.usage.record(record, of, spread, work.at)
    told = {"featureId": use.feature_id, "resource": use.resource, "amount": format_amount(use.amount, scale)}
    if over:
        told["overage"] = format_amount(over, scale)
    taken = use.kind in (UsageKind.CONSUME, UsageKind.SETTLE)
    happening = Happening("usage.consumed" if taken else "usage.reported", record.id, {}, told)
    await work.record(use.customer_id, happening, number=number)
    if use.amount > 0 and feature is not None and now.counter == use.counter:
        await tell_thresholds(work, use.customer_id, feature, use.counter, standing_limit(now)[1], before, used)
    return UsageWritten(record, spread)


async def _spread(work: Work, use: UsageToWrite, of: Counted, found: Resolution, usage: Usage) -> tuple[Burn, int, int]:
    """How an amount is spread, and what the limit bears before and after it; a level takes nothing for good."""
    if of.aggregation is not Aggregation.SUM:
        after = await work.usage.level_with(of, Told(use.resource, use.occurred_at, use.amount))
        _, stood = spread_out(found, usage)
        _, stands = spread_out(found, usage._replace(used=after))
        return Burn(use.amount), stood.used, stands.used
    if use.amount < 0:
        spread = await _given_back(work, use, usage, found.sources.feature.scale if found.sources.feature else 0)
    else:
        spread = use.spread or burn(found, usage, use.amount)
    return spread, usage.used, usage.used + spread.limit_amount


async def _given_back(work: Work, use: UsageToWrite, usage: Usage, scale: int) -> Burn:
    """Spread a correction so that no instant since then has less than nothing; refuse one that cannot be."""
    held = await work.usage.returnable(use.customer_id, use.feature_id, use.counter, use.occurred_at)
    most = held.limit + held.rolled + sum(part for _, part in held.burned)
    if most < -use.amount:
        raise AmountOutOfRange(
            f"As of then only {format_amount(most, scale)} can be taken back: date the correction later.",
            field="value",
            scale=scale,
        )
    rolled = replace(usage.rolled, used=held.rolled) if usage.rolled is not None else None
    return give_back(Usage(held.limit, 0, rolled), -use.amount, held.burned)
