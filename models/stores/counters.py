"""What many counters hold, read together: of several customers and features, each in a window of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select, type_coerce

from billing.entitlements.levels import height
from billing.entitlements.sources import Aggregation, Usage
from models.given import Given, sent
from models.grouped import by_key
from models.rows import Runner, even, rows, tuples
from models.stores.corrections import Place
from models.stores.levels import Window, levels
from models.stores.reservations import HOLDING, R
from models.sums import halves_of, whole
from models.tables.base import table
from models.tables.entitlement import BalanceRow, UsageRow
from models.types import Instant, Int64, Text, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql import Executable

    from billing.entitlements.sources import Counter

U = table(UsageRow)
H = table(BalanceRow)
_CUSTOMERS = bindparam("customers", type_=Text(), expanding=True)
_FEATURES = bindparam("features", type_=Text(), expanding=True)
ALWAYS = 2**62
"""Later than any instant in microseconds; its negative is earlier than any."""

HEADS = (
    select(
        H.c.customer_id,
        H.c.scope,
        *(type_coerce(each, Int64) for each in (H.c.window_start, H.c.window_end)),
        by_key(H.c.feature_id, H.c.used).label("used"),
    )
    .where(H.c.customer_id.in_(_CUSTOMERS), H.c.feature_id.in_(_FEATURES))
    .where(H.c.latest_at <= bindparam("at", type_=Instant))
    .group_by(H.c.customer_id, H.c.scope, H.c.window_start, H.c.window_end)
)
"""A row for each window, of which a customer's features have few. Instants as they are kept: windows are compared."""
HELD = (
    select(R.c.customer_id, R.c.feature_id, R.c.scope, func.sum(R.c.limit_amount).label("amount"))
    .where(R.c.customer_id.in_(_CUSTOMERS), R.c.feature_id.in_(_FEATURES), HOLDING)
    .group_by(R.c.customer_id, R.c.feature_id, R.c.scope)
)


class Counted(NamedTuple):
    """A counter of a customer and feature, and how what is told comes to one number there."""

    customer_id: str
    feature_id: str
    counter: Counter
    aggregation: Aggregation

    @property
    def place(self) -> Place:
        """Where its head stands."""
        return Place(self.customer_id, self.feature_id, self.counter.resource)


def _summed(amount: ColumnElement[int]) -> Select[int, int, int]:
    """Sum one column of the ledger for each counter that is given, by its place in the list."""
    given = Given("counters")
    number = given.number(0)
    counted = (U.c.customer_id == given.text(1)) & (U.c.feature_id == given.text(2)) & (U.c.scope == given.text(3))
    within = (U.c.occurred_at >= given.number(4)) & (U.c.occurred_at < given.number(5))
    high, low = halves_of(amount)
    listed = select(number.label("number"), high.label("high"), low.label("low"))
    return listed.select_from(given.rows.join(U, counted & within & (U.c.occurred_at <= given.number(6)))).group_by(
        number
    )


OF_LIMIT, OF_ROLLED, OF_ALL = _summed(U.c.limit_amount), _summed(U.c.rolled_amount), _summed(U.c.amount)


class Beside:
    """What stands beside the ledger as of an instant: by counter what heads tell, and what reservations hold."""

    def __init__(self, heads: Iterable[Sequence[Any]], held: Mapping[tuple[str, str, str], int]) -> None:
        """Know these heads, and by customer, feature and scope what is held of limits."""
        self.held: Final = held
        self._heads: dict[tuple[str, str, int | None, int | None], Mapping[str, int]] = {
            (customer, scope, start, end): used for customer, scope, start, end, used in heads
        }

    def used(self, customer_id: str, counter: Counter | None) -> Mapping[str, int]:
        """Tell by feature what a customer's counters of one scope and window hold, where heads do."""
        if counter is None:
            return NONE
        return self._heads.get((customer_id, counter.resource, _kept(counter.start), _kept(counter.end)), NONE)

    def told(self, of: Counted) -> Usage | None:
        """Tell what a counter holds, where its head does; None where the ledger is to be asked."""
        used = self.used(of.customer_id, of.counter).get(of.feature_id)
        return None if used is None else Usage(used, self.held.get(of.place, 0))


NONE: Final[Mapping[str, int]] = MappingProxyType({})
"""What windows hold that no head tells of."""


async def beside_of(
    run: Runner, customers: Collection[str], features: Collection[str], at: datetime, reserving: Collection[str]
) -> Beside:
    """Read what stands beside the ledger of these, reservations, of those who may have some, as of an instant."""
    if not (customers and features):
        return Beside((), {})
    given = {"customers": even(customers), "features": even(features), "at": at}
    heads = await tuples(run, HEADS, given)
    return Beside(heads, await held_of(run, reserving, features, at) if reserving else {})


async def held_of(
    run: Runner, customers: Collection[str], features: Collection[str], at: datetime
) -> dict[tuple[str, str, str], int]:
    """Sum what reservations hold at an instant of the limits of each customer, feature and scope."""
    given = {"customers": even(customers), "features": even(features), "at": at}
    return {(each[0], each[1], each[2]): int(each[3] or 0) for each in await tuples(run, HELD, given)}


async def usages(run: Runner, asked: Sequence[Counted], at: datetime, beside: Beside) -> list[Usage]:
    """Tell what each counter holds as of `at`: from its head where that does, else from the ledger."""
    told = [beside.told(each) for each in asked]
    untold = [each for each, usage in zip(asked, told, strict=True) if usage is None]
    used = await counted(run, OF_LIMIT, untold, at)
    return [
        Usage(used[each], beside.held.get(each.place, 0)) if usage is None else usage
        for each, usage in zip(asked, told, strict=True)
    ]


async def counted(
    run: Runner, statement: Executable, asked: Sequence[Counted], at: datetime | None
) -> dict[Counted, int]:
    """Read from the ledger what each counter holds, up to and including `at`; None asks for the whole of its window.

    `statement` is which column is summed; of a level there is only one.
    """
    told = [each for each in asked if each.aggregation is not Aggregation.SUM]
    found = await levels(run, [window_of(each, at) for each in told])
    heights = {each: height(of, each.aggregation) for each, of in zip(told, found, strict=True)}
    return heights | await summed(run, statement, [each for each in asked if each not in heights], at)


async def summed(
    run: Runner, statement: Executable, asked: Sequence[Counted], at: datetime | None
) -> dict[Counted, int]:
    """Sum each counter's window, up to and including `at`; None asks for the whole of it."""
    if not asked:
        return {}
    given = sent([(number, *each.place, *_bounds(each.counter, at)) for number, each in enumerate(asked)])
    told = await rows(run, statement, {"counters": given})
    found = {each["number"]: whole(each["high"], each["low"]) for each in told}
    return {each: found.get(number, 0) for number, each in enumerate(asked)}


def head_tells(head: Sequence[Any], counter: Counter, at: datetime) -> bool:
    """Whether a head, of which begin, end and the latest instant come first, is of a counter's window by then."""
    return bool(head[0] == counter.start and head[1] == counter.end and head[2] <= at)


def window_of(of: Counted, at: datetime | None) -> Window:
    """Name a counter's window as the ledger is asked for it."""
    return Window(of.place, *_bounds(of.counter, at))


def _kept(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)


def _bounds(counter: Counter, at: datetime | None) -> tuple[int, int, int]:
    """From, before and up to and including when, in microseconds."""
    start = -ALWAYS if counter.start is None else to_microseconds(counter.start)
    end = ALWAYS if counter.end is None else to_microseconds(counter.end)
    return start, end, ALWAYS if at is None else to_microseconds(at)
