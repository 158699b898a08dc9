"""Subscriptions of which nothing became due since their rows were written: few columns say what they give."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from billing.calendar import Interval, Period
from billing.dataclass import dataclass
from billing.instalments import Instalments
from billing.lifecycle import LIVE
from models.given import here
from models.rows import even
from models.stores.lives import AsOf, lives_of
from models.tables.base import table
from models.tables.subscription import SubscriptionItemRow, SubscriptionRow
from models.types import Instant, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from billing.calendar import IntervalUnit
    from billing.instalments import AccessAfterCompletion
    from billing.lifecycle import Status
    from models.reading import Part
    from models.rows import Runner
    from models.stores.giving import Subscription

S = table(SubscriptionRow)
I = table(SubscriptionItemRow)  # noqa: E741  (the items' table, beside S)
OF_SUBSCRIPTION: Final = (
    "id", "resource_id", "created_at", "status", "plan_version_id", "zone", "anchor", "every", "count",
    "period_start", "period_end", "trial_end", "ended_at", "access_until", "grace_until", "instalments",
    "access_after_completion", "completes_at", "due_at",
)  # fmt: skip
OF_ITEM: Final = ("id", "plan_version_id", "quantity", "add_on")
STANDING = (
    select(S.c.customer_id, *(S.c[name] for name in OF_SUBSCRIPTION), *(I.c[name] for name in OF_ITEM))
    .select_from(S.outerjoin(I, I.c.subscription_id == S.c.id))
    .where(
        S.c.customer_id.in_(bindparam("customers", type_=Text(), expanding=True)),
        here(S.c.environment_id),
        S.c.created_at <= bindparam("latest", type_=Instant),
    )
    .order_by(S.c.created_at, S.c.id, I.c.add_on, I.c.id)
)


class Riding(NamedTuple):
    """A plan's or add-on's version that a subscription has, and how many of it."""

    plan_version_id: str
    quantity: int
    add_on: bool


@dataclass(slots=True)
class Steady:
    """A subscription as its row says: the columns of `OF_SUBSCRIPTION` in their order. As a decision is, not frozen."""

    id: str
    resource_id: str
    created_at: datetime
    status: Status
    plan_version_id: str
    zone_name: str
    anchor: datetime
    every: IntervalUnit
    count: int
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None
    ended_at: datetime | None
    access_until: datetime | None
    grace_until: datetime | None
    instalment_count: int
    access_after_completion: AccessAfterCompletion | None
    completes_at: datetime | None
    due_at: datetime | None
    items: list[Riding] = field(default_factory=list["Riding"])
    """The plan and the add-ons."""

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in LIVE

    @property
    def interval(self) -> Interval:
        """How long its periods are."""
        return Interval(self.every, self.count)

    @property
    def zone(self) -> ZoneInfo:
        """Whose calendar it follows."""
        return ZoneInfo(self.zone_name)

    @property
    def period(self) -> Period:
        """The period that it is in."""
        return Period(self.period_start, self.period_end)

    @property
    def instalments(self) -> Instalments | None:
        """What was agreed, where it is paid in parts."""
        after, completes_at = self.access_after_completion, self.completes_at
        return (
            None if after is None or completes_at is None else Instalments(self.instalment_count, after, completes_at)
        )

    @property
    def quantity(self) -> int:
        """How many of the plan."""
        return max([each.quantity for each in self.items if not each.add_on], default=1)


def parts_from(first: int) -> tuple[Part, Part]:
    """Name what `steady` reads of a row whose columns, those of a subscription and of one of its items, begin there."""
    item = first + len(OF_SUBSCRIPTION)
    return (first, item, Steady), (item + 1, item + len(OF_ITEM), Riding)


def steady(
    found: Iterable[Sequence[Any]], first: int, read: Callable[[Any], Steady], riding: Callable[[Any], Riding]
) -> list[Steady]:
    """Read subscriptions from rows of them with each of their items, in the order in which they come."""
    made: dict[str, Steady] = {}
    item = first + len(OF_SUBSCRIPTION)
    for each in found:
        id_: str = each[first]
        one = made.get(id_)
        if one is None:
            one = made[id_] = read(each)
        if each[item] is not None:
            one.items.append(riding(each))
    return list(made.values())


def lasting(several: Sequence[Steady], at: datetime) -> bool:
    """Whether nothing of these is due by then."""
    return not [each for each in several if each.due_at is not None and each.due_at <= at]


_FIRST: Final = 1
_PARTS: Final = parts_from(_FIRST)


async def subscribed_of(
    run: Runner, env: str, present: datetime, moments: Sequence[AsOf]
) -> Mapping[AsOf, Sequence[Subscription]]:
    """Tell the subscriptions that each customer had at its instant; where something is due, from their facts.

    `present` is the instant up to which the rows are true.
    """
    now = [each for each in moments if each.at >= present]
    customers = {each.customer_id for each in now}
    rows: dict[str, list[Sequence[Any]]] = {each: [] for each in customers}
    given = {"env": env, "customers": even(customers), "latest": max((each.at for each in now), default=present)}
    of: dict[str, list[Steady]] = {}
    if now:
        answer = await run.execute(STANDING, given)
        for found in answer.found:
            rows[found[0]].append(found)
        parts = answer.reading.parts(_PARTS)
        of = {each: steady(found, _FIRST, *parts) for each, found in rows.items()}
    told: dict[AsOf, Sequence[Subscription]] = {}
    for each in now:
        made = [one for one in of[each.customer_id] if one.created_at <= each.at]
        if lasting(made, each.at):
            told[each] = [(one.resource_id, one.created_at, one) for one in made]
    return told | await lives_of(run, env, present, [each for each in moments if each not in told])
