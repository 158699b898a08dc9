"""The usage ledger, its heads, and what reservations hold.

What is written is kept back and goes to the database in a few statements, however many rows it is: when the unit of
work closes, or before the ledger is read again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select, update

from billing.dataclass import dataclass
from billing.entitlements.levels import height, raised
from billing.entitlements.sources import Aggregation, Counter, Usage
from models.choices import UsageKind
from models.paging import Key, after, cursor_of, number_in, ordered, page_of
from models.rows import Runner, add_all, row, rows
from models.stores.corrections import Place, Returnable, returnable
from models.stores.counters import (
    OF_ALL,
    OF_LIMIT,
    OF_ROLLED,
    Beside,
    Counted,
    beside_of,
    counted,
    held_of,
    summed,
    usages,
    window_of,
)
from models.stores.heads import HEAD, KEEP_HEAD, Head
from models.stores.levels import Told, levels, stands
from models.tables.base import table
from models.tables.entitlement import BalanceRow, GrantRow, UsageBurnRow, UsageRow
from models.tables.subscription import SubscriptionHistoryRow
from models.types import Instant
from models.views import UsageView

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from billing.entitlements.burning import Burn
    from billing.entitlements.levels import Levels
    from models.paging import Page

U = table(UsageRow)
B = table(UsageBurnRow)
G = table(GrantRow)
V = table(SubscriptionHistoryRow)
_BEFORE = bindparam("before", type_=Instant())
_CHANGED = select(V.c.seq).where(V.c.subscription_id == bindparam("subscription"), V.c.since < _BEFORE)
_LAST = _CHANGED.order_by(V.c.seq.desc()).limit(1).scalar_subquery()
LATE = select(func.min(U.c.occurred_at).label("first"), func.max(U.c.occurred_at).label("last")).where(
    U.c.customer_id == bindparam("customer"),
    func.coalesce(U.c.feature_id, "") == bindparam("feature"),
    func.coalesce(U.c.scope, "") == bindparam("of"),
    U.c.occurred_at < _BEFORE,
    U.c.seq > func.coalesce(_LAST, 0),
)
BURN = update(G).where(G.c.id == bindparam("grant")).values(used=G.c.used + bindparam("burned"))


@dataclass(frozen=True, slots=True)
class UsageWanted:
    """Which ledger rows a list holds; None asks for any."""

    customer_id: str
    feature_id: str | None = None
    resource: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class LedgerRow(NamedTuple):
    """A row of the ledger as it is written: every column of `UsageRow`."""

    id: str
    environment_id: str
    customer_id: str
    feature_id: str
    resource: str
    scope: str
    seq: int
    kind: UsageKind
    amount: int
    limit_amount: int
    occurred_at: datetime
    recorded_at: datetime
    reason: str = ""
    rolled_amount: int = 0
    over_amount: int = 0

    def view(self) -> UsageView:
        """Show it as a reader will find it."""
        return usage_view(self._asdict())


class UsageLedger:
    """What the customers of one environment used."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._heads: dict[Place, Head | None] = {}
        self._sums: dict[tuple[Place, Counter, bool], int] = {}
        self._levels: dict[tuple[Place, Counter], Levels] = {}
        self._rows: list[LedgerRow] = []
        self._burns: list[dict[str, object]] = []
        self._moved: dict[Place, Head] = {}
        self._unused: set[tuple[str, str]] = set()

    async def used(self, of: Counted, at: datetime) -> int:
        """Read what a counter holds as of `at`."""
        place = of.place
        head = self._heads[place] if place in self._heads else await self._head(place)
        if head is not None and head.of_window(of.counter) and head.latest_at <= at:
            return head.used
        return await self._count(of, at)

    def recall(self, customer_id: str, feature_id: str, heads: Mapping[Place, Head | None], *, used: bool) -> None:
        """Take over what is known, to change it here: heads, None is none, and whether anything was ever used.

        What was changed here since stays.
        """
        for place, head in heads.items():
            self._heads.setdefault(place, head)
        if not used:
            self._unused.add((customer_id, feature_id))

    def left(self, heads: dict[Place, Head | None]) -> None:
        """Bring heads that were recalled here up to date, for who takes them over once this is written."""
        for place in heads:
            heads[place] = self._heads[place]

    async def beside(
        self, customers: Collection[str], features: Collection[str], at: datetime, reserving: Collection[str]
    ) -> Beside:
        """Read what stands beside the ledger of these; `reserving` may have reservations, told as of `at`."""
        await self.flush()
        return await beside_of(self._run, customers, features, at, reserving)

    async def held(self, of: Counted, at: datetime) -> int:
        """Sum what reservations hold at an instant of the limit of a counter's scope."""
        return (await held_of(self._run, [of.customer_id], [of.feature_id], at)).get(of.place, 0)

    async def usages(self, asked: Sequence[Counted], at: datetime, beside: Beside | None = None) -> list[Usage]:
        """Tell what many counters hold as of `at`; `beside` is what was read of them already."""
        await self.flush()
        if beside is None:
            customers = {each.customer_id for each in asked}
            beside = await self.beside(customers, {each.feature_id for each in asked}, at, customers)
        return await usages(self._run, asked, at, beside)

    async def limit_used_of(self, asked: Sequence[Counted]) -> dict[Counted, int]:
        """Sum what whole windows of many counters hold of their limits."""
        await self.flush()
        return await summed(self._run, OF_LIMIT, asked, None)

    async def rolled_used_of(self, asked: Sequence[Counted], at: datetime) -> dict[Counted, int]:
        """Sum what burned, up to `at`, of what was rolled over into the windows of many counters."""
        await self.flush()
        return await summed(self._run, OF_ROLLED, asked, at)

    async def total(self, of: Counted) -> int:
        """Tell what everything written into a counter's window comes to, what burned from grants included."""
        return await self._all(of, whole=True)

    async def levels_of(self, of: Counted) -> Levels:
        """Read what was told into a level's window, by resource, once: what is recorded after that is reckoned in."""
        known = (of.place, of.counter)
        if known not in self._levels:
            await self.flush()
            (self._levels[known],) = await levels(self._run, [window_of(of, None)])
        return self._levels[known]

    async def level_with(self, of: Counted, told: Told) -> int:
        """Tell what a level will be once one more value is told, or one is taken back."""
        if told.value >= 0:
            return height(raised(await self.levels_of(of), *told), of.aggregation)
        await self.flush()
        (left,) = await levels(self._run, [window_of(of, None)], told)
        return height(left, of.aggregation)

    async def stands(self, of: Counted, told: Told) -> bool:
        """Tell whether the value that is to be taken back was told, and was not taken back before."""
        await self.flush()
        return await stands(self._run, of.place, told)

    async def told_late(self, place: Place, subscription_id: str, before: datetime) -> tuple[datetime, datetime] | None:
        """From when to when that reaches which was used before an instant and told since; None where nothing was.

        Told since is what was written after the subscription's last change before that instant: rows are read by their
        number, from there on, and not by their counter, which would read all that was ever used.
        """
        await self.flush()
        named = {"customer": place.customer_id, "feature": place.feature_id, "of": place.scope}
        found = await row(self._run, LATE, {**named, "subscription": subscription_id, "before": before})
        return None if found is None or found["first"] is None else (found["first"], found["last"])

    async def returnable(self, customer_id: str, feature_id: str, counter: Counter, since: datetime) -> Returnable:
        """Find the least that the limit, the rolled over amount and each grant bore of a window from `since` on."""
        await self.flush()
        return await returnable(self._run, Place(customer_id, feature_id, counter.resource), counter, since)

    async def record(self, record: LedgerRow, of: Counted, burn: Burn, at: datetime) -> None:
        """Write one ledger row, what it took from grants, and the head of its counter as of `at`, the present.

        A head stays with the latest window: what is reported late into one that is over changes it only where it
        holds that too.
        """
        place, counter = of.place, of.counter
        head = self._heads[place] if place in self._heads else await self._head(place)
        over = counter.end is not None and counter.end <= at
        if not over and (head is None or not head.of_window(counter)):
            used = await self._all(of, whole=False)
            head = Head(counter.start, counter.end, used, at, known=head is not None and head.known)
            self._heads[place] = head
        if head is not None:
            if head.holds(record.occurred_at):
                head.used = await self._after(record, of, head)
            head.latest_at = at
            self._moved[place] = head
        self._keep(place, record, burn)

    async def _after(self, record: LedgerRow, of: Counted, head: Head) -> int:
        """What a head holds with one row more."""
        if of.aggregation is Aggregation.SUM:
            return head.used + record.limit_amount
        window = of._replace(counter=Counter(of.counter.resource, head.start, head.end))
        return await self.level_with(window, Told(record.resource, record.occurred_at, record.amount))

    async def flush(self) -> None:
        """Write what was kept back."""
        if not self._rows:
            return
        await add_all(self._run, UsageRow, [record._asdict() for record in self._rows])
        await add_all(self._run, UsageBurnRow, self._burns)
        if self._burns:
            await self._run.execute(BURN, _by_grant(self._burns))
        moved = self._moved.items()
        for head in self._moved.values():
            head.settle()
        await add_all(self._run, BalanceRow, [head.made(place, self._env) for place, head in moved if not head.known])
        if known := [head.named(place) for place, head in moved if head.known]:
            await self._run.execute(KEEP_HEAD, known)
        for head in self._moved.values():
            head.known = True
        self._rows, self._burns, self._moved = [], [], {}

    async def by_id(self, usage_id: str) -> UsageView | None:
        """Find a ledger row."""
        await self.flush()
        found = await row(self._run, select(U).where(U.c.id == usage_id, U.c.environment_id == self._env))
        return usage_view(found) if found else None

    async def by_ids(self, ids: Sequence[str]) -> dict[str, UsageView]:
        """Find several."""
        await self.flush()
        wanted = select(U).where(U.c.environment_id == self._env, U.c.id.in_(ids))
        return {found["id"]: usage_view(found) for found in await rows(self._run, wanted)}

    async def page(self, wanted: UsageWanted, first: int, cursor: str | None) -> Page[UsageView]:
        """List ledger rows, newest first, in the order in which they were written."""
        await self.flush()
        keys = (Key(U.c.seq, descending=True),)
        listed = select(U).where(U.c.environment_id == self._env, *_conditions(wanted))
        if cursor is not None:
            listed = after(listed, keys, (number_in(cursor),))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(found, first, lambda each: cursor_of((each["seq"],)), usage_view, began=cursor is not None)

    def _keep(self, place: Place, record: LedgerRow, burn: Burn) -> None:
        self._rows.append(record)
        self._unused.discard((place.customer_id, place.feature_id))
        for of, counter, whole in self._sums:
            if of == place and _inside(record.occurred_at, counter):
                self._sums[of, counter, whole] += record.amount if whole else record.limit_amount
        for of, counter in [each for each in self._levels if each[0] == place]:
            if record.amount < 0:
                del self._levels[of, counter]
            elif _inside(record.occurred_at, counter):
                told = Told(record.resource, record.occurred_at, record.amount)
                self._levels[of, counter] = raised(self._levels[of, counter], *told)
        for grant_id, amount in burn.allowances:
            self._burns.append(
                {
                    "usage_id": record.id,
                    "grant_id": grant_id,
                    "environment_id": record.environment_id,
                    "amount": amount,
                    "occurred_at": record.occurred_at,
                }
            )

    async def _head(self, place: Place) -> Head | None:
        if place not in self._heads:
            given = {"customer": place.customer_id, "feature": place.feature_id, "of": place.scope}
            found = await row(self._run, HEAD, given)
            self._heads[place] = Head.read(found) if found else None
        return self._heads[place]

    async def _all(self, of: Counted, *, whole: bool) -> int:
        """Count a counter's window, once: what is recorded after that is reckoned in."""
        if of.aggregation is not Aggregation.SUM:
            return height(await self.levels_of(of), of.aggregation)
        known = (of.place, of.counter, whole)
        if known not in self._sums:
            self._sums[known] = await self._count(of, None, whole=whole)
        return self._sums[known]

    async def _count(self, of: Counted, at: datetime | None, *, whole: bool = False) -> int:
        if (of.customer_id, of.feature_id) in self._unused:
            return 0
        await self.flush()
        return (await counted(self._run, OF_ALL if whole else OF_LIMIT, [of], at))[of]


def usage_view(found: Mapping[str, Any]) -> UsageView:
    """Read a ledger row."""
    return UsageView(
        id=found["id"],
        customer_id=found["customer_id"],
        feature_id=found["feature_id"],
        resource=found["resource"],
        seq=found["seq"],
        kind=found["kind"],
        amount=found["amount"],
        occurred_at=found["occurred_at"],
        recorded_at=found["recorded_at"],
        reason=found["reason"],
        over_amount=found["over_amount"],
    )


def _conditions(wanted: UsageWanted) -> list[ColumnElement[bool]]:
    conditions = [U.c.customer_id == wanted.customer_id]
    if wanted.feature_id is not None:
        conditions.append(U.c.feature_id == wanted.feature_id)
    if wanted.resource is not None:
        conditions.append(U.c.resource == wanted.resource)
    if wanted.since is not None:
        conditions.append(U.c.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(U.c.occurred_at < wanted.until)
    return conditions


def _by_grant(burns: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """What each grant bore altogether."""
    total: defaultdict[str, int] = defaultdict(int)
    for burn in burns:
        total[burn["grant_id"]] += burn["amount"]
    return [{"grant": grant_id, "burned": amount} for grant_id, amount in total.items()]


def _inside(occurred_at: datetime, counter: Counter) -> bool:
    return (counter.start is None or occurred_at >= counter.start) and (
        counter.end is None or occurred_at < counter.end
    )
