"""Acts that use metered features: those that come together are carried out together, one by one.

One unit of work for all of them: sequences are taken once, keys are looked up in one go, what stands about each
customer and feature is read once; then the acts are decided in order of arrival, and what they write goes out in a few
statements before one COMMIT. An act that is refused or denied writes nothing and changes nothing for the others. All of
them happen at one instant: that at which they are carried out. Where one writes at a time, a unit is of many customers;
one about whom something is due has a unit of its own, and so has everybody where a unit fails. (ADR 23)
"""

from __future__ import annotations

import asyncio
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from billing.dataclass import dataclass
from billing.refusals import NotFound, Refusal, TemporarilyUnavailable
from models.stores.journal import KeyUsed, Outcome
from models.stores.standing import Asked
from models.unavailable import PROBLEMS
from models.work import Moment
from resolvers.access import own_customer
from resolvers.acts import again_where_taken, fingerprint, idempotency_row, outcome_of
from resolvers.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from models.in_flight import KeyOfAct
    from models.recollections import Recollection, Recollections
    from models.stores.giving import Holding
    from models.stores.usage import LedgerRow
    from models.views import FeatureView
    from models.work import Held, Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef


class MeteredCommand(Protocol):
    """What a command about a metered feature carries; the key is never None."""

    @property
    def customer(self) -> CustomerRef:
        """Whose usage."""
        ...

    @property
    def feature(self) -> str:
        """Of which feature, by key or id."""
        ...

    @property
    def idempotency_key(self) -> str | None:
        """The caller's key for this act."""
        ...

    @property
    def actor(self) -> str:
        """The human behind a merchant's call."""
        ...


class MeteredAct(Protocol):
    """One call, ready to be carried out in anybody's unit of work."""

    @property
    def ctx(self) -> Context:
        """The call's own context: who asks, and when."""
        ...

    @property
    def key(self) -> KeyUsed:
        """The root field, who asks, and the caller's key."""
        ...

    @property
    def command(self) -> MeteredCommand:
        """What is asked."""
        ...

    def demand(self, customer: Holding | None, feature: FeatureView | None) -> None:
        """Refuse what even a key that was used before does not answer."""
        ...

    async def written(
        self, meter: Meter, feature: FeatureView | None, *, work: Work
    ) -> tuple[dict[str, Any], LedgerRow]:
        """Decide and write; answer the outcome and the ledger row. Refuses before it writes."""
        ...


class Done(NamedTuple):
    """An act that was carried out, now or, where it is a replay, before: then the ledger row is not at hand."""

    outcome: dict[str, Any]
    customer: Holding
    feature: FeatureView | None
    record: LedgerRow | None

    @property
    def replayed(self) -> bool:
        """Whether the outcome is that of the first time."""
        return self.record is None


Ended: TypeAlias = "Done | Exception"


class NotTaken(Exception):  # noqa: N818  (a decision that leaves an act, and nothing was written)
    """An act ends by a decision: of it nothing is written, and the others of its unit go on."""


class _Apart(Exception):  # noqa: N818  (it tells where an act is carried out)
    """The customer needs a unit of work of its own: known by id, or only as it is named, where `owner` is None."""

    def __init__(self, owner: str | None = None) -> None:
        super().__init__()
        self.owner = owner


class _Mistaken(Exception):  # noqa: N818  (it ends a unit of work, and blames nobody)
    """One act of several ended by no decision, and may have written half of itself: the unit is not kept."""


class _NothingWritten(Exception):  # noqa: N818  (it leaves a unit of work by rolling it back)
    def __init__(self, ended: list[Ended]) -> None:
        super().__init__()
        self.ended = ended


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a unit of work found about its acts, and the keys that it is to remember."""

    held: Mapping[str, Held]
    owners: Mapping[CustomerRef, str]
    meters: Mapping[str, Meter]
    """By customer, of those who are there."""
    features: Mapping[str, FeatureView]
    apart: Collection[str]
    known: dict[KeyUsed, Outcome]
    alone: bool
    """Whether the unit is of one act."""
    kept: list[dict[str, object]] = field(default_factory=list[dict[str, object]])


@dataclass(frozen=True, slots=True)
class _Unit:
    """How each act of a unit of work ended, and what the next unit need not read again."""

    ended: list[Ended]
    work: Work
    seen: _Seen

    def keep(self, recollections: Recollections) -> None:
        """Keep what stands about the customers, once it is on disk."""
        for owner_id, meter in self.seen.meters.items():
            if owner_id in self.seen.apart:
                continue
            if meter.only_usage:
                mark = self.work.left(self.seen.held[owner_id])
                recollections.keep(owner_id, meter.memory, mark, meter.left(work=self.work))
            else:
                recollections.forget(owner_id)


async def carried_out(act: MeteredAct) -> Done:
    """Carry an act out with those that come at the same time; raises how it was refused or denied."""
    ctx = act.ctx
    async with ctx.database.in_flight(running_as(act)):
        (ended,) = await together([act])
        ctx.forget()
    if isinstance(ended, Exception):
        raise ended
    return ended


async def together(acts: Sequence[MeteredAct]) -> Sequence[Ended]:
    """Carry out acts of one customer in one unit of work; say of each how it ended, in the same order."""
    ctx = acts[0].ctx
    if not ctx.database.one_writes:
        return await ctx.database.gathering((ctx.env.id, acts[0].command.customer), acts, _in_one_work)
    ended = list(await ctx.database.gathering(ctx.env.id, acts, _of_many))
    apart: dict[str | CustomerRef, list[int]] = {}
    for place, end in enumerate(ended):
        if isinstance(end, _Apart):
            apart.setdefault(end.owner or acts[place].command.customer, []).append(place)
    own = await asyncio.gather(*(_by_itself(about, [acts[place] for place in of]) for about, of in apart.items()))
    for of, each in zip(apart.values(), own, strict=True):
        for place, end in zip(of, each, strict=True):
            ended[place] = end
    return ended


def key_of(ctx: Context, mutation: str, command: MeteredCommand) -> KeyUsed:
    """Name an act by its key."""
    return KeyUsed(mutation, ctx.principal.name, command.idempotency_key or "")


def running_as(act: MeteredAct) -> KeyOfAct:
    """Name an act for as long as it runs: no other with its key does meanwhile."""
    return (act.ctx.env.id, act.key.mutation, act.key.principal, act.key.key)


async def _of_many(acts: Sequence[MeteredAct]) -> Sequence[Ended]:
    """Carry out acts of an environment in one unit of work, but for customers who need one of their own."""
    if len({act.command.customer for act in acts}) == 1:
        return await _in_one_work(acts)
    try:
        return await _once(acts)
    except TemporarilyUnavailable:
        raise
    except Exception:  # noqa: BLE001  (whoever it is about is told by itself)
        return [_Apart()] * len(acts)


async def _by_itself(about: str | CustomerRef, acts: Sequence[MeteredAct]) -> Sequence[Ended]:
    """Carry out the acts of one customer after those of the others; what goes wrong is told to their callers only."""
    ctx, owner = acts[0].ctx, about if isinstance(about, str) else None
    try:
        return await ctx.database.gathering((ctx.env.id, about), acts, lambda several: _in_one_work(several, owner))
    except Exception as reason:  # noqa: BLE001  (as said)
        return [reason] * len(acts)


async def _in_one_work(acts: Sequence[MeteredAct], owner: str | None = None) -> Sequence[Ended]:
    """Carry out acts of one customer in one unit of work, and each in its own where one is mistaken."""
    try:
        return await _once(acts, owner)
    except _Mistaken:
        return [await _alone(act, owner) for act in acts]


async def _alone(act: MeteredAct, owner: str | None) -> Ended:
    try:
        (ended,) = await _once([act], owner)
    except Exception as reason:  # noqa: BLE001  (it is told to its caller only)
        return reason
    return ended


async def _once(acts: Sequence[MeteredAct], owner: str | None = None) -> Sequence[Ended]:
    return await again_where_taken(lambda: _unit(acts, owner))


async def _unit(acts: Sequence[MeteredAct], owner: str | None) -> Sequence[Ended]:
    latest = max((act.ctx for act in acts), key=lambda ctx: ctx.at)
    wrote_before = latest.written
    try:
        unit = await latest.worked(lambda work: _one_by_one(work, acts, owner))
    except _NothingWritten as nothing:
        return nothing.ended
    unit.keep(latest.database.recollections)
    latest.written = wrote_before  # the unit was everybody's: each is told of its own act
    for act, end in zip(acts, unit.ended, strict=True):
        act.ctx.written = act.ctx.written or isinstance(end, Done)
    return unit.ended


async def _one_by_one(work: Work, acts: Sequence[MeteredAct], owner: str | None) -> _Unit:
    seen = await _look(work, acts, owner)
    unit = _Unit([await _end(work, seen, act) for act in acts], work, seen)
    if not seen.kept:
        raise _NothingWritten(unit.ended)
    for meter in seen.meters.values():
        await meter.bill_rest(work=work)
    await work.journal.remember(seen.kept)
    return unit


async def _look(work: Work, acts: Sequence[MeteredAct], owner: str | None) -> _Seen:
    """Take the customers' sequences, and read what every act needs before it is decided; all may be of one `owner`."""
    refs = list(dict.fromkeys(act.command.customer for act in acts))
    named = [(owner, None)] if owner else [(ref.id, ref.external_id) for ref in refs]
    found = await work.hold(named)
    found = found * len(refs) if owner else found
    known = await work.journal.remembered({act.key for act in acts})
    owners = {ref: each.owner_id if each else "" for ref, each in zip(refs, found, strict=True)}
    held = {each.owner_id: each for each in found if each}
    asked = dict.fromkeys([Asked(owners[act.command.customer], act.command.feature) for act in acts])
    meters, features = await _standing(work, acts[0].ctx.database.recollections, held, asked)
    late = {each.owner_id for each in held.values() if each.later}
    due = {of for of, meter in meters.items() if meter.due(work.at)} if len(set(owners.values())) > 1 else set[str]()
    return _Seen(held, owners, meters, features, late | due, known, alone=len(acts) == 1)


async def _standing(
    work: Work, recollections: Recollections, held: Mapping[str, Held], asked: Collection[Asked]
) -> tuple[dict[str, Meter], dict[str, FeatureView]]:
    """Tell what stands: as the last unit left it, where nobody wrote about it since, else as it is read.

    Meters are of the customers who are there, features of those that somebody named.
    """
    memories = {each.owner_id: recollections.of(each.owner_id, each.mark) for each in held.values()}
    meters: dict[str, Meter] = {}
    features: dict[str, FeatureView] = {}

    def take(of: Asked, found: Recollection) -> None:
        meter = meters.get(of.customer_id)
        if meter is None:
            meter = meters[of.customer_id] = Meter(found.holder, memories[of.customer_id])
        features[of.feature] = found.feature
        meter.standing.setdefault(found.feature.id, found)

    unread: list[Asked] = []
    for of in asked:
        memory = memories.get(of.customer_id)
        known = memory.find(of.feature, work.at) if memory is not None else None
        if known is not None:
            take(of, known)
        else:
            unread.append(of)
    for of, standing in (await work.standings.of_each(unread, work.at)).items() if unread else ():
        read = recollections.read(of, standing, work.at)
        if read is not None:
            take(of, read)
            continue
        if standing.holder is not None:
            meters.setdefault(of.customer_id, Meter(standing.holder, memories[of.customer_id]))
        if standing.feature is not None:
            features[of.feature] = standing.feature
    return meters, features


async def _end(work: Work, seen: _Seen, act: MeteredAct) -> Ended:
    """Tell how an act ends. What is nobody's decision ends a unit of several acts: each is carried out by itself."""
    if seen.owners[act.command.customer] in seen.apart:
        return _Apart(seen.owners[act.command.customer])
    try:
        return await _done(work, seen, act)
    except PROBLEMS:
        raise
    except (Refusal, NotTaken) as reason:
        return reason
    except Exception as reason:
        if seen.alone:
            return reason
        raise _Mistaken from reason


async def _done(work: Work, seen: _Seen, act: MeteredAct) -> Done:
    meter = seen.meters.get(seen.owners[act.command.customer])
    feature = seen.features.get(act.command.feature)
    if meter is not None and not own_customer(act.ctx, meter.customer.id):
        meter = None
    key, print_ = act.key, fingerprint(act.command, meter.customer.id if meter is not None else None)
    known = seen.known.get(key)
    try:
        act.demand(meter.customer if meter else None, feature)
    except NotFound:
        outcome_of(known, print_)
        raise
    if meter is None:
        raise LookupError(key.mutation)
    outcome = outcome_of(known, print_)
    if outcome is not None:
        return Done(outcome, meter.customer, feature, None)
    await meter.ready(work=work)
    work.moment = Moment(
        work.at, act.ctx.recorded_at, act.ctx.channel, act.command.actor, request_id=act.ctx.request_id
    )
    outcome, record = await act.written(meter, feature, work=work)
    seen.known[key] = Outcome(print_, outcome)
    seen.kept.append(idempotency_row(act.ctx, key, print_, outcome))
    return Done(outcome, meter.customer, feature, record)
