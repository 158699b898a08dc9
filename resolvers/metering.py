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
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from billing.dataclass import dataclass
from billing.refusals import NotFound, Refusal, TemporarilyUnavailable
from models.gathering import Group
from models.stores.journal import Outcome
from models.stores.standing import Asked
from models.unavailable import PROBLEMS
from models.work import Moment
from resolvers.access import own_customer
from resolvers.acts import again_where_taken, fingerprint, idempotency_row, outcome_of
from resolvers.meter import Meter
from resolvers.metered import Done, NotTaken, running_as

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from models.recollections import Recollection, Recollections
    from models.stores.journal import KeyUsed
    from models.views import FeatureView
    from models.work import Held, Work
    from resolvers.inputs import CustomerRef
    from resolvers.metered import Ended, MeteredAct


class _Apart(Exception):  # noqa: N818  (it tells where an act is carried out)
    """The customer needs a unit of work of its own."""

    def __init__(self, owner: str) -> None:
        super().__init__()
        self.owner = owner


class _Elsewhere(NamedTuple):
    """An act that waits for its customer's own unit of work, and its place there."""

    unit: asyncio.Future[Sequence[Ended]]
    place: int

    async def own(self) -> Ended:
        """Wait for how it ends; others wait for that unit too."""
        try:
            return (await asyncio.shield(self.unit))[self.place]
        except Exception as reason:  # noqa: BLE001  (it is told to its caller only)
            return reason


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
    ended = await ctx.database.gathering(ctx.env.id, acts, _of_many)
    return [await end.own() if isinstance(end, _Elsewhere) else end for end in ended]


async def _of_many(group: Group[MeteredAct]) -> Sequence[Ended | _Elsewhere]:
    """Carry out acts of an environment in one unit of work, but for customers who need one of their own.

    Those enter a queue of their own before any later act begins, and later acts of theirs follow them there.
    """
    if len({act.command.customer for act in group.acts}) == 1:
        return _entered(group, await _in_one_work(group))
    try:
        return _entered(group, await _once(group))
    except TemporarilyUnavailable:
        raise
    except Exception:  # noqa: BLE001  (whoever it is about is told by itself)
        return _entered(group, await _each_by_itself(group.begin()))


async def _each_by_itself(acts: Sequence[MeteredAct]) -> Sequence[Ended]:
    """Carry out the acts of each customer in a unit of its own; what goes wrong is told to their callers only."""
    ended: dict[int, Ended] = {}
    for ref in dict.fromkeys(act.command.customer for act in acts):
        places = [place for place, act in enumerate(acts) if act.command.customer == ref]
        own = [acts[place] for place in places]
        try:
            ended.update(zip(places, await _in_one_work(Group(own)), strict=True))
        except Exception as reason:  # noqa: BLE001  (as said)
            ended.update(dict.fromkeys(places, reason))
    return [ended[place] for place in range(len(acts))]


def _entered(group: Group[MeteredAct], ended: Sequence[Ended]) -> Sequence[Ended | _Elsewhere]:
    """Let those who need a unit of work of their own wait for it."""
    acts = group.begin()
    told: list[Ended | _Elsewhere] = [*ended]
    apart: dict[str, list[int]] = {}
    for place, end in enumerate(ended):
        if isinstance(end, _Apart):
            apart.setdefault(end.owner, []).append(place)
    for owner, places in apart.items():
        ctx, own = acts[places[0]].ctx, [acts[place] for place in places]
        entered = ctx.database.gathering.enter((ctx.env.id, owner), own, partial(_in_one_work, owner=owner))
        entered.add_done_callback(_heard)
        for number, place in enumerate(places):
            told[place] = _Elsewhere(entered, number)
    return told


def _heard(own: asyncio.Future[Sequence[Ended]]) -> None:
    """Hear why a unit failed whose callers have all gone away."""
    if not own.cancelled():
        own.exception()


async def _in_one_work(group: Group[MeteredAct], owner: str | None = None) -> Sequence[Ended]:
    """Carry out acts of one customer in one unit of work, and each in its own where one is mistaken."""
    try:
        return await _once(group, owner)
    except _Mistaken:
        return [await _alone(act, owner) for act in group.begin()]


async def _alone(act: MeteredAct, owner: str | None) -> Ended:
    try:
        (ended,) = await _once(Group([act]), owner)
    except Exception as reason:  # noqa: BLE001  (it is told to its caller only)
        return reason
    return ended


async def _once(group: Group[MeteredAct], owner: str | None = None) -> Sequence[Ended]:
    return await again_where_taken(lambda: _unit(group, owner))


async def _unit(group: Group[MeteredAct], owner: str | None) -> Sequence[Ended]:
    latest = max((act.ctx for act in group.acts), key=attrgetter("at"))
    wrote_before = latest.written
    try:
        unit = await latest.worked(lambda work: _one_by_one(work, group, owner))
    except _NothingWritten as nothing:
        return nothing.ended
    unit.keep(latest.database.recollections)
    latest.written = wrote_before  # the unit was everybody's: each is told of its own act
    for act, end in zip(group.begin(), unit.ended, strict=True):
        act.ctx.written = act.ctx.written or isinstance(end, Done)
    return unit.ended


async def _one_by_one(work: Work, group: Group[MeteredAct], owner: str | None) -> _Unit:
    seen = await _look(work, group, owner)
    unit = _Unit([await _end(work, seen, act) for act in group.begin()], work, seen)
    if not seen.kept:
        raise _NothingWritten(unit.ended)
    for meter in seen.meters.values():
        await meter.bill_rest(work=work)
    await work.journal.remember(seen.kept)
    return unit


async def _look(work: Work, group: Group[MeteredAct], owner: str | None) -> _Seen:
    """Take the customers' sequences, and read what every act needs before it is decided; all may be of one `owner`.

    The acts begin once the sequences are theirs: until then whoever waits may give up.
    """
    database, environment_id = group.acts[0].ctx.database, work.environment_id
    refs = list(dict.fromkeys([act.command.customer for act in group.acts]))
    named = [(owner, None)] if owner else [(ref.id, ref.external_id) for ref in refs]
    found = await work.hold(named)
    found = found * len(refs) if owner else found
    acts = group.begin()
    known = await work.journal.remembered({act.key for act in acts})
    owners = {ref: each.owner_id if each else "" for ref, each in zip(refs, found, strict=True)}
    held = {each.owner_id: each for each in found if each}
    asked = dict.fromkeys([Asked(owners[act.command.customer], act.command.feature) for act in acts])
    meters, features = await _standing(work, database.recollections, held, asked)
    apart = {each.owner_id for each in held.values() if each.later}
    if len(set(owners.values())) > 1:
        apart |= {of for of, meter in meters.items() if meter.due(work.at)}
    if owner is None:
        apart |= {of for of in held if (environment_id, of) in database.gathering}
    return _Seen(held, owners, meters, features, apart, known, alone=len(acts) == 1)


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
