"""What speaks about one feature of one customer at present, in one statement: what every check and consumption asks.

What few have, pending changes, overrides, grants, and what was used, the statement only tells of: it is read where it
is there. The answer is that of `Entitlements.sources`, which also knows the past and many at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate, groupby
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, exists, func, literal_column, or_, select

from billing.entitlements.sources import Sources, Usage
from billing.subscriptions import as_of
from models.given import Given, sent
from models.rows import tuples
from models.stores.catalog import FEATURE, GIVE, feature_view, give_of
from models.stores.counters import head_tells
from models.stores.due import anything_due
from models.stores.giving import GivenPlan, Holder
from models.stores.lives import CHANGES, PENDING, UNREAD, belonging
from models.stores.plan_cards import PLAN, VERSION
from models.stores.sequences import Stood
from models.stores.subscription_rows import facts_of_row
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import BalanceRow, GrantRow, OverrideRow, UsageRow
from models.tables.environment import SequenceRow
from models.tables.reservation import ReservationRow
from models.tables.subscription import ScheduledChangeRow, SubscriptionItemRow, SubscriptionRow
from models.types import Instant

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Exists, FromClause, Select
    from sqlalchemy.sql.selectable import NamedFromClause

    from billing.entitlements.sources import Counter
    from models.rows import Runner
    from models.stores.entitlements import Entitlements
    from models.stores.lives import Life
    from models.views import FeatureView

C = table(CustomerRow)
S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S and H)
H = table(ScheduledChangeRow)
HEAD = table(BalanceRow)
OWN, ALL = table(SequenceRow).alias("own"), table(SequenceRow).alias("all_")
_PARTS: tuple[tuple[NamedFromClause, Sequence[str]], ...] = (
    (C, ("id", "archived_at")),
    (FEATURE, [each.name for each in FEATURE.c]),
    (S, [each.name for each in S.c if each.name not in {*UNREAD, "customer_id"}]),
    (I, ("id", "plan_id", "plan_version_id", "price_id", "quantity", "add_on")),
    (VERSION, ("version", "rank")),
    (PLAN, ("key",)),
    (GIVE, [each.name for each in GIVE.c]),
    (HEAD, ("scope", "window_start", "window_end", "used", "latest_at")),
    (OWN, ("seq", "latest_at")),
    (ALL, ("seq",)),
)
_ENDS = list(accumulate(len(names) for _, names in _PARTS))
_CUSTOMER, _FEATURE, _SUBSCRIPTION, _ITEM, _VERSION, _PLAN, _GIVE, _HEAD, _OWN, _ALL = (
    slice(end - len(names), end) for end, (_, names) in zip(_ENDS, _PARTS, strict=True)
)
_NAMES = [names for _, names in _PARTS]


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
    due: bool = False
    """Whether something is to be made permanent first; only `of_each` tells."""

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
        CHANGES,
    )
    columns: list[ColumnElement[Any]] = [
        part.c[name].label(f"{part.name}_{name}") for part, names in _PARTS for name in names
    ]
    wanted = select(*columns, *(flag.label(f"flag_{number}") for number, flag in enumerate(flags)))
    return wanted.add_columns(*more).select_from(joined).order_by(*more, S.c.created_at, S.c.id, I.c.add_on, I.c.id)


def _alone(by: ColumnElement[str]) -> Select[Any]:
    one: ColumnElement[int] = literal_column("1")
    return _statement(select(one.label("one")).subquery("one"), by == bindparam("customer"), bindparam("feature"))


def _of_each() -> Select[Any]:
    """As they stand of each pair that is given, with its place; what is due is looked for once a pair."""
    given = Given("asked")
    place, customer, feature = given.number(0), given.text(1), given.text(2)
    due = anything_due(customer, bindparam("at", type_=Instant)).label("due")
    pairs = select(place.label("place"), customer.label("customer"), feature.label("feature"), due)
    asked = pairs.select_from(given.rows).cte("asked").prefix_with("MATERIALIZED")
    return _statement(asked, C.c.id == asked.c.customer, asked.c.feature, asked.c.place, asked.c.due)


BY_ID, BY_EXTERNAL_ID, OF_EACH = _alone(C.c.id), _alone(C.c.external_id), _of_each()
_FLAGS = slice(_ENDS[-1], _ENDS[-1] + 4)
_WAITING, _PLACE, _DUE = range(_ENDS[-1] + 4, _ENDS[-1] + 7)


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
        """Find likewise of many, and whether something is due by then: an act is decided after that is permanent."""
        pairs = dict(enumerate(asked))
        given = {"env": self._env, "asked": sent([(place, *each) for place, each in pairs.items()]), "at": at}
        found = await tuples(self._run, OF_EACH, given)
        return {
            pairs[place]: (await self._read(rows := list(of), at))._replace(due=bool(rows[0][_DUE]))
            for place, of in groupby(found, key=itemgetter(_PLACE))
        }

    async def _read(self, found: Sequence[Sequence[Any]], at: datetime) -> Standing:
        first = found[0]
        overridden, granted, used, reserved = first[_FLAGS]
        holder = Holder(*first[_CUSTOMER]) if first[0] is not None else None
        named = _named(first, _FEATURE, 1)
        known = feature_view(named) if named["id"] is not None else None
        if holder is None or known is None:
            return Standing(holder, known)
        plans = _plans(found, known.id)
        lives = await self._lives(found, at) if first[_SUBSCRIPTION.start] is not None else []
        sources = await self._entitlements.gathered(holder, known, lives, plans, at, overridden=bool(overridden))
        if granted:
            allowances = await self._entitlements.allowances(holder.id, known.id, at)
            sources = replace(sources, allowances=tuple(allowances))
        heads: dict[str, Mapping[str, Any] | None] = {"": None, **dict.fromkeys(resource for resource, _, _ in lives)}
        for each in found:
            if each[_HEAD.start] is not None:
                heads[each[_HEAD.start]] = _named(each, _HEAD, 7)
        seq, latest_at = first[_OWN]
        stood = Stood(seq, latest_at, holder.archived_at), Stood(first[_ALL.start], None)
        return Standing(holder, known, stood, sources, heads, bool(used), bool(reserved))

    async def _lives(self, found: Sequence[Sequence[Any]], at: datetime) -> list[Life]:
        made: dict[str, dict[str, Any]] = {}
        items: dict[str, dict[str, dict[str, Any]]] = {}
        waiting: list[str] = []
        for each in found:
            id_: str = each[_SUBSCRIPTION.start]
            if id_ not in made:
                made[id_], items[id_] = _named(each, _SUBSCRIPTION, 2), {}
                if each[_WAITING]:
                    waiting.append(id_)
            if each[_ITEM.start] is not None:
                items[id_][each[_ITEM.start]] = _named(each, _ITEM, 3)
        changes = await belonging(self._run, waiting, PENDING) if waiting else {}
        return [
            (
                each["resource_id"],
                each["created_at"],
                as_of(facts_of_row(each, items[id_].values(), changes.get(id_, ())), at),
            )
            for id_, each in made.items()
        ]


def _named(found: Sequence[Any], part: slice, number: int) -> dict[str, Any]:
    return dict(zip(_NAMES[number], found[part], strict=True))


def _plans(found: Sequence[Sequence[Any]], feature_id: str) -> dict[str, GivenPlan]:
    """What the plans and add-ons that are held give of the feature."""
    plans: dict[str, GivenPlan] = {}
    for each in found:
        if each[_ITEM.start] is None:
            continue
        gives = {feature_id: give_of(_named(each, _GIVE, 6))} if each[_GIVE.start] is not None else {}
        plans[each[_ITEM.start + 2]] = GivenPlan(
            each[_PLAN.start], each[_VERSION.start], each[_VERSION.start + 1], gives
        )
    return plans
