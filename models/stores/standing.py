"""What speaks about one feature of one customer at present, in one statement: what every check and consumption asks.

What few have, overrides, grants, and what was used, the statement only tells of: it is read where it is there, as facts
are where something is due. The answer is that of `Entitlements.sources`, which also knows the past and many at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, groupby
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, exists, func, literal_column, or_, select

from billing.entitlements.sources import Give, Sources, Usage
from models.given import Given, sent
from models.rows import tuples
from models.stores.catalog import FEATURE, GIVE
from models.stores.counters import head_tells
from models.stores.due import next_due
from models.stores.giving import GivenPlan, Holder
from models.stores.lives import AsOf, lives_of
from models.stores.plan_cards import PLAN, VERSION
from models.stores.sequences import Stood
from models.stores.steady import OF_ITEM, OF_SUBSCRIPTION, lasting, steady
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import BalanceRow, GrantRow, OverrideRow, UsageRow
from models.tables.environment import SequenceRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import SubscriptionItemRow, SubscriptionRow
from models.types import Instant
from models.views import FeatureView

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Exists, FromClause, Select
    from sqlalchemy.sql.selectable import NamedFromClause

    from billing.entitlements.sources import Counter
    from models.rows import Runner
    from models.stores.entitlements import Entitlements
    from models.stores.giving import Subscription

C = table(CustomerRow)
S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S)
HEAD = table(BalanceRow)
OWN, ALL = table(SequenceRow).alias("own"), table(SequenceRow).alias("all_")
_PARTS: tuple[tuple[NamedFromClause, Sequence[str]], ...] = (
    (C, ("id", "archived_at")),
    (FEATURE, FeatureView._fields),
    (S, OF_SUBSCRIPTION),
    (I, OF_ITEM),
    (VERSION, ("version", "rank")),
    (PLAN, ("key",)),
    (GIVE, Give._fields),
    (HEAD, ("scope", "window_start", "window_end", "used", "latest_at")),
    (OWN, ("seq", "latest_at")),
    (ALL, ("seq",)),
)
_ENDS = list(accumulate(len(names) for _, names in _PARTS))
_CUSTOMER, _FEATURE, _SUBSCRIPTION, _ITEM, _VERSION, _PLAN, _GIVE, _HEAD, _OWN, _ALL = (
    slice(end - len(names), end) for end, (_, names) in zip(_ENDS, _PARTS, strict=True)
)
_HEAD_NAMES = _PARTS[7][1]


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
    meant = HEAD.c.scope.in_((func.coalesce(S.c.resource_id, ""), ""))  # of each resource with each would be squares
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
        .outerjoin(GIVE, (GIVE.c.plan_version_id == VERSION.c.id) & (GIVE.c.feature_id == FEATURE.c.id))
    )
    flags: tuple[ColumnElement[Any], ...] = (
        _there(OverrideRow),
        _there(GrantRow),
        _there(UsageRow),
        _there(ReservationRow),
    )
    columns: list[ColumnElement[Any]] = [
        part.c[name].label(f"{part.name}_{name}") for part, names in _PARTS for name in names
    ]
    wanted = select(*columns, *(flag.label(f"flag_{number}") for number, flag in enumerate(flags)))
    return wanted.add_columns(*more).select_from(joined).order_by(*more[:1], S.c.created_at, S.c.id, I.c.add_on, I.c.id)


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
_FLAGS = slice(_ENDS[-1], _ENDS[-1] + 4)
_PLACE = _ENDS[-1] + 4
_DUE = slice(_ENDS[-1] + 5, None)
_RESOURCE = _SUBSCRIPTION.start + OF_SUBSCRIPTION.index("resource_id")
_PLAN_VERSION = _ITEM.start + OF_ITEM.index("plan_version_id")


class Standings:
    """Reads what stands; `present` is the instant up to which the rows are true, and the earliest to ask for."""

    def __init__(self, run: Runner, environment_id: str, entitlements: Entitlements) -> None:
        """Run on this connection, for one environment; `entitlements` reads what few have."""
        self._run = run
        self._env = environment_id
        self._entitlements = entitlements

    async def of(self, id_: str | None, external_id: str | None, feature: str, at: datetime) -> Standing:
        """Find a customer by our id or the host's, a feature by id or key, and what speaks about both."""
        given = {"env": self._env, "customer": id_ or external_id, "feature": feature, "at": at}
        return await self._read(await tuples(self._run, BY_ID if id_ else BY_EXTERNAL_ID, given), at)

    async def of_each(self, asked: Collection[Asked], at: datetime) -> dict[Asked, Standing]:
        """Find likewise of many, and when something is due next: an act is decided after that is permanent."""
        pairs = dict(enumerate(asked))
        given = {"env": self._env, "asked": sent([(place, *each) for place, each in pairs.items()]), "at": at}
        found = await tuples(self._run, OF_EACH, given)
        return {
            pairs[place]: (await self._read(rows := list(of), at))._replace(due_at=_first(rows[0][_DUE]))
            for place, of in groupby(found, key=itemgetter(_PLACE))
        }

    async def _read(self, found: Sequence[Sequence[Any]], at: datetime) -> Standing:
        first = found[0]
        overridden, granted, used, reserved = first[_FLAGS]
        holder = Holder(*first[_CUSTOMER]) if first[0] is not None else None
        known = _feature(first[_FEATURE]) if first[_FEATURE.start] is not None else None
        if holder is None or known is None:
            return Standing(holder, known)
        subscriptions, plans = await self._given(holder, known, found, at)
        sources = await self._entitlements.gathered(
            holder, known, subscriptions, plans, at, overridden=bool(overridden)
        )
        if granted:
            sources.allowances = tuple(await self._entitlements.allowances(holder.id, known.id, at))
        heads: dict[str, Mapping[str, Any] | None] = {"": None}
        for each in found:
            heads.setdefault(each[_RESOURCE] or "", None)
            if each[_HEAD.start] is not None:
                heads[each[_HEAD.start]] = dict(zip(_HEAD_NAMES, each[_HEAD], strict=True))
        seq, latest_at = first[_OWN]
        stood = Stood(seq, latest_at, holder.archived_at), Stood(first[_ALL.start], None)
        return Standing(holder, known, stood, sources, heads, bool(used), bool(reserved))

    async def _given(
        self, holder: Holder, feature: FeatureView, found: Sequence[Sequence[Any]], at: datetime
    ) -> tuple[Sequence[Subscription], Mapping[str, GivenPlan]]:
        """What the customer holds, and what that gives of the feature."""
        if found[0][_SUBSCRIPTION.start] is None:
            return (), {}
        made, plans = steady(found, _SUBSCRIPTION, _ITEM), _plans(found, feature.id)
        if lasting(made, at):
            return [(each.resource_id, each.created_at, each) for each in made], plans
        asked = AsOf(holder.id, at)
        lives = (await lives_of(self._run, self._env, at, [asked]))[asked]
        versions = {item.plan_version_id for _, _, facts in lives for item in facts.items}
        return lives, plans if versions <= plans.keys() else await self._entitlements.given(versions, [feature.id])


def _feature(found: Sequence[Any]) -> FeatureView:
    *plain, allowed_values, archived_at, thresholds, rolls_over = found
    return FeatureView._make((*plain, tuple(allowed_values), archived_at, tuple(thresholds), rolls_over))


def _first(instants: Sequence[datetime | None]) -> datetime | None:
    return min([each for each in instants if each is not None], default=None)


def _plans(found: Sequence[Sequence[Any]], feature_id: str) -> dict[str, GivenPlan]:
    """What the plans and add-ons that are held give of the feature."""
    plans: dict[str, GivenPlan] = {}
    for each in found:
        version_id = each[_PLAN_VERSION]
        if version_id is None or version_id in plans:
            continue
        *give, least = each[_GIVE]
        gives = {feature_id: Give._make((*give, least or 0))} if give[0] is not None else {}
        version, rank = each[_VERSION]
        plans[version_id] = GivenPlan(each[_PLAN.start], version, rank, gives)
    return plans
