"""What speaks about one feature of one customer at present, in one statement: what every check and consumption asks.

What few have, overrides, grants, and what was used, the statement only tells of: it is read where it is there, as facts
are where something is due. The answer is that of `Entitlements.sources`, which also knows the past and many at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from sqlalchemy import bindparam, case, exists, func, literal_column, or_, select, true

from billing.entitlements.sources import Give, Sources, Usage
from models.given import Given, sent
from models.stores.catalog import FEATURE, GIVE, engine_feature, feature_view
from models.stores.counters import head_tells
from models.stores.due import WITH_DUE, next_due
from models.stores.entitlements import Entitlements
from models.stores.giving import GivenPlan, Holder, source_of
from models.stores.lives import AsOf, lives_of
from models.stores.plan_cards import PLAN, VERSION
from models.stores.sequences import Stood
from models.stores.steady import OF_ITEM, OF_SUBSCRIPTION, lasting, parts_from, steady
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import BalanceRow, GrantRow, OverrideRow, UsageRow
from models.tables.environment import SequenceRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import SubscriptionItemRow, SubscriptionRow
from models.types import Instant
from models.views import FeatureView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Exists, FromClause, Select
    from sqlalchemy.sql.selectable import NamedFromClause

    from billing.entitlements.sources import Counter
    from models.reading import Part
    from models.rows import Runner
    from models.stores.giving import Subscription
    from models.stores.steady import Steady

    Found: TypeAlias = Sequence[Any]
    """A row of the driver."""

C = table(CustomerRow)
S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S)
HEAD = table(BalanceRow)
OWN, ALL = table(SequenceRow).alias("own"), table(SequenceRow).alias("all_")
NOUGHT: ColumnElement[int] = literal_column("0")
NOBODYS: ColumnElement[str] = literal_column("''")
"""The resource of what is no resource's."""
FEW = (OverrideRow, GrantRow, ReservationRow)
"""What is told of by flags, in this order; whether anything was used, after that."""
_HELD: Final = ("window_start", "window_end", "used", "latest_at")
_SIDE_BY_SIDE: tuple[tuple[NamedFromClause, Sequence[str]], ...] = (
    (C, Holder._fields),
    (FEATURE, FeatureView._fields),
    (S, OF_SUBSCRIPTION),
    (I, OF_ITEM),
    (PLAN, ("key",)),
    (VERSION, ("version", "rank")),
    (GIVE, Give._fields),
    (HEAD, _HELD),
    (OWN, ("seq", "latest_at")),
    (ALL, ("seq",)),
)
_ENDS = list(accumulate(len(names) for _, names in _SIDE_BY_SIDE))
_CUSTOMER, _FEATURE, _SUBSCRIPTION, _ITEM, _PLAN, _VERSION, _GIVE, _HEAD, _OWN, _ALL = (0, *_ENDS[:-1])
"""Where the columns of each begin."""
_FLAGS = _ENDS[-1]
_PLACE = _FLAGS + 4
_RESOURCE = _SUBSCRIPTION + OF_SUBSCRIPTION.index("resource_id")
_PLAN_VERSION = _ITEM + OF_ITEM.index("plan_version_id")
_LATEST = _HEAD + _HELD.index("latest_at")
_IN_ORDER = itemgetter(
    _SUBSCRIPTION + OF_SUBSCRIPTION.index("created_at"), _SUBSCRIPTION, _ITEM + OF_ITEM.index("add_on"), _ITEM
)
"""Subscriptions as they were made, the items of each as they came, the plan first."""
NO_HEADS: Mapping[str, Mapping[str, Any] | None] = MappingProxyType({})


class Asked(NamedTuple):
    """A customer by id, and a feature by id or key; nobody has the id ''."""

    customer_id: str
    feature: str


class Standing(NamedTuple):
    """What was found. `heads` tell by scope what a counter held last; `used` and `reserved` if anything ever was.

    A head that is None was looked for. `stood` is where the sequences of the customer and of the environment stood.
    """

    holder: Holder | None
    feature: FeatureView | None
    stood: tuple[Stood, Stood] | None = None
    sources: Sources | None = None
    heads: Mapping[str, Mapping[str, Any] | None] = NO_HEADS
    used: bool = False
    reserved: bool = False
    due_at: datetime | None = None
    """When something is to be made permanent next; only `of_each` tells."""

    def usage(self, counter: Counter | None, at: datetime) -> Usage | None:
        """Tell what the counter that counts holds, where what was found says so; None where the ledger is asked."""
        if counter is None or not (self.used or self.reserved):
            return Usage()
        head = None if self.reserved else self.heads.get(counter.resource)
        if head is None or not head_tells((head["window_start"], head["window_end"], head["latest_at"]), counter, at):
            return None
        return Usage(head["used"])


def _there(of: type[Any]) -> Exists:
    rows = table(of)
    return exists().where(rows.c.customer_id == C.c.id, rows.c.feature_id == FEATURE.c.id)


def _statement(
    of: FromClause, holder: ColumnElement[bool], feature: ColumnElement[str], *more: ColumnElement[Any]
) -> Select[Any]:
    """Read what stands for each row of `of`: the `holder` is found so, and the feature by id or key."""
    named = or_(FEATURE.c.id == feature, FEATURE.c.key == feature)
    meant = HEAD.c.scope == func.coalesce(S.c.resource_id, NOBODYS)  # of each resource with each would be squares
    joined = (
        of.outerjoin(C, (C.c.environment_id == bindparam("env")) & holder)
        .outerjoin(OWN, OWN.c.owner_id == C.c.id)
        .outerjoin(ALL, ALL.c.owner_id == bindparam("env"))
        .outerjoin(FEATURE, (FEATURE.c.environment_id == bindparam("env")) & named)
        .outerjoin(S, (S.c.customer_id == C.c.id) & (S.c.created_at <= bindparam("at", type_=Instant)))
        .outerjoin(I, I.c.subscription_id == S.c.id)
        .outerjoin(VERSION, VERSION.c.id == I.c.plan_version_id)
        .outerjoin(PLAN, PLAN.c.id == VERSION.c.plan_id)
        .outerjoin(HEAD, (HEAD.c.customer_id == C.c.id) & (HEAD.c.feature_id == FEATURE.c.id) & meant)
        .outerjoin(GIVE, (GIVE.c.plan_version_id == I.c.plan_version_id) & (GIVE.c.feature_id == FEATURE.c.id))
    )
    columns: list[ColumnElement[Any]] = [
        func.coalesce(part.c[name], NOUGHT) if name == "rollover_minimum" else part.c[name].label(f"{part.name}_{name}")
        for part, names in _SIDE_BY_SIDE
        for name in names
    ]
    counted = case((HEAD.c.latest_at.is_not(None), true()), else_=_there(UsageRow))  # who has a head was counted
    flags = [each.label(f"flag_{number}") for number, each in enumerate((*map(_there, FEW), counted))]
    return select(*columns, *flags, *more).select_from(joined)


def _alone(by: ColumnElement[str]) -> Select[Any]:
    one: ColumnElement[int] = literal_column("1")
    return _statement(select(one.label("one")).subquery("one"), by == bindparam("customer"), bindparam("feature"))


def _of_each() -> Select[Any]:
    """As they stand of each pair that is given, with its place; when something is due is looked for once a pair."""
    given = Given("asked")
    place, customer, feature = given.number(0), given.text(1), given.text(2)
    due = [each.label(f"due_{number}") for number, each in enumerate(next_due(customer))]
    pairs = select(place.label("place"), customer.label("customer"), feature.label("feature"), *due)
    asked = pairs.select_from(given.rows).cte("asked").prefix_with("MATERIALIZED")
    more = [asked.c[each.name] for each in due]
    return _statement(asked, C.c.id == asked.c.customer, asked.c.feature, asked.c.place, *more)


BY_ID, BY_EXTERNAL_ID, OF_EACH = _alone(C.c.id), _alone(C.c.external_id), _of_each()


class Standings:
    """Reads what stands; `present` is the instant up to which the rows are true, and the earliest to ask for."""

    def __init__(self, run: Runner, environment_id: str, present: datetime) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._present = present

    async def of(self, id_: str | None, external_id: str | None, feature: str, at: datetime) -> Standing:
        """Find a customer by our id or the host's, a feature by id or key, and what speaks about both."""
        given = {"env": self._env, "customer": id_ or external_id, "feature": feature, "at": at}
        answer = await self._run.execute(BY_ID if id_ else BY_EXTERNAL_ID, given)
        return await self._read(answer.found, answer.reading.parts(_PARTS), at)

    async def of_each(self, asked: Collection[Asked], at: datetime) -> dict[Asked, Standing]:
        """Find likewise of many, and when something is due next: an act is decided after that is permanent."""
        pairs = list(asked)
        given = {"env": self._env, "asked": sent([(place, *each) for place, each in enumerate(pairs)]), "at": at}
        answer = await self._run.execute(OF_EACH, given)
        found: list[list[Any]] = [[] for _ in pairs]
        for each in answer.found:
            found[each[_PLACE]].append(each)
        parts, (due,) = answer.reading.parts(_PARTS), answer.reading.parts(_DUE)
        return {
            pair: (await self._read(of, parts, at))._replace(due_at=due(of[0]))
            for pair, of in zip(pairs, found, strict=True)
        }

    async def _read(self, found: Sequence[Found], parts: Sequence[Callable[[Found], Any]], at: datetime) -> Standing:
        holder_of, feature_of, subscription_of, riding_of, give_of, head_of, own_of = parts
        first = found[0]
        holder: Holder | None = holder_of(first) if first[_CUSTOMER] is not None else None
        known: FeatureView | None = feature_of(first) if first[_FEATURE] is not None else None
        if holder is None or known is None:
            return Standing(holder, known)
        heads: dict[str, Mapping[str, Any] | None] = {}
        plans: dict[str, GivenPlan] = {}
        for each in found:
            scope, version_id = each[_RESOURCE] or "", each[_PLAN_VERSION]
            if scope not in heads:
                heads[scope] = head_of(each) if each[_LATEST] is not None else None
            if version_id is not None and version_id not in plans:
                gives = {known.id: give_of(each)} if each[_GIVE] is not None else {}
                plans[version_id] = GivenPlan(each[_PLAN], each[_VERSION], each[_VERSION + 1], gives)
        lives: Sequence[Subscription] = ()
        if first[_SUBSCRIPTION] is not None:
            listed = sorted(found, key=_IN_ORDER) if len(found) > 1 else found
            made = steady(listed, _SUBSCRIPTION, subscription_of, riding_of)
            lives, plans = await self._lives(holder, known, made, plans, at)
        overridden, granted, reserved, used = first[_FLAGS], first[_FLAGS + 1], first[_FLAGS + 2], first[_FLAGS + 3]
        sources = Sources(
            engine_feature(known),
            tuple([source_of(life, plans, at) for life in lives]),
            await self._entitlements.allowances(holder.id, known.id, at) if granted else (),
            await self._entitlements.overrides(holder.id, known.id, at) if overridden else (),
            customer_archived=holder.archived_at is not None and holder.archived_at <= at,
        )
        stood = Stood._make((*own_of(first), holder.archived_at, None)), Stood(first[_ALL], None)
        return Standing(holder, known, stood, sources, heads, bool(used), bool(reserved))

    @property
    def _entitlements(self) -> Entitlements:
        """What reads what few have."""
        return Entitlements(self._run, self._env, self._present)

    async def _lives(
        self, holder: Holder, feature: FeatureView, made: Sequence[Steady], plans: dict[str, GivenPlan], at: datetime
    ) -> tuple[Sequence[Subscription], dict[str, GivenPlan]]:
        """What the customer holds, and what that gives of the feature: where something is due, by the facts."""
        if lasting(made, at):
            return [(each.resource_id, each.created_at, each) for each in made], plans
        asked = AsOf(holder.id, at)
        lives = (await lives_of(self._run, self._env, at, [asked]))[asked]
        versions = {item.plan_version_id for _, _, facts in lives for item in facts.items}
        return lives, plans if versions <= plans.keys() else await self._entitlements.given(versions, [feature.id])


def _head(*found: Any) -> Mapping[str, Any]:  # noqa: ANN401  (as above)
    return dict(zip(_HELD, found, strict=True))


def _first(*instants: datetime | None) -> datetime | None:
    return min([each for each in instants if each is not None], default=None)


_PARTS: Final[tuple[Part, ...]] = (
    (_CUSTOMER, _FEATURE, Holder),
    (_FEATURE, _SUBSCRIPTION, feature_view),
    *parts_from(_SUBSCRIPTION),
    (_GIVE, _HEAD, Give),
    (_HEAD, _OWN, _head),
    (_OWN, _ALL, tuple),
)
_DUE: Final[tuple[Part, ...]] = ((_PLACE + 1, _PLACE + 1 + len(WITH_DUE), _first),)
