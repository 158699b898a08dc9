"""Subscriptions of every shape that can be, on a few days where much coincides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit, Period, period_at
from billing.lifecycle import LIVE, ChangeKind, ChangeStatus, Channel, Status
from billing.subscriptions import Facts, Item, Scheduled, Target
from billing.trials import TrialEnding
from models.rows import add
from models.stores.subscription_rows import change_row
from models.tables import PlanRow, PlanVersionRow, SubscriptionItemRow
from models.views import ScheduledChangeView
from tests.models.world import CUSTOMER, ENV, PRODUCT, START, catalog, day, subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlmodel import SQLModel

    from models.rows import Runner

PLANS = ("p0", "p1", "p2")
ZONES = tuple(map(ZoneInfo, ("UTC", "Europe/Berlin", "Australia/Lord_Howe")))
EVERY = tuple(
    Interval(unit, count) for unit, count in ((IntervalUnit.WEEK, 1), (IntervalUnit.MONTH, 1), (IntervalUnit.DAY, 3))
)
SETTLED = tuple(status for status in Status if status not in LIVE)

days = st.integers(0, 8).map(day)
later = st.integers(1, 9).map(day)
prices = st.sampled_from(("", "prc_a", "prc_b"))


def plans() -> list[SQLModel]:
    """More plans, each with one version of the same id."""
    version = next(row for row in catalog() if isinstance(row, PlanVersionRow))
    told = version.model_dump(exclude={"id", "plan_id"})
    return [
        *(
            PlanRow(id=id_, environment_id=ENV, product_id=PRODUCT, key=id_, latest_version=1, created_at=START)
            for id_ in PLANS
        ),
        *(PlanVersionRow(id=id_, plan_id=id_, **told) for id_ in PLANS),
    ]


@st.composite
def items(draw: st.DrawFn) -> tuple[Item, ...]:
    """The plan's items and then those of add-ons, no price twice."""
    plan, *add_ons = draw(st.permutations(PLANS))
    quantity = draw(st.integers(1, 5))
    own = draw(st.lists(prices, min_size=1, max_size=2, unique=True))
    ridden = add_ons[: draw(st.integers(0, 2))]
    return (
        *(Item(plan, plan, price, quantity) for price in own),
        *(Item(add_on, add_on, "", draw(st.integers(1, 3)), add_on=True) for add_on in ridden),
    )


@st.composite
def targets(draw: st.DrawFn) -> Target:
    """Where a plan change leads."""
    held = draw(items())
    interval, currency = draw(st.sampled_from(EVERY)), draw(st.sampled_from(("", "EUR")))
    return Target(held[0].plan_id, held[0].plan_version_id, held, interval, currency)


@st.composite
def scheduled(draw: st.DrawFn, id_: str) -> tuple[Scheduled, ...]:
    """At most one pending change of a kind, the earliest first."""
    pending: list[Scheduled] = []
    for kind in draw(
        st.lists(st.sampled_from((ChangeKind.CANCEL, ChangeKind.PLAN_CHANGE, ChangeKind.QUANTITY)), unique=True)
    ):
        change = Scheduled(f"{id_}_{kind.value}", kind, draw(later))
        if kind is ChangeKind.PLAN_CHANGE:
            change = replace(change, target=draw(targets()), until_fits=draw(st.booleans()))
        elif kind is ChangeKind.QUANTITY:
            change = replace(change, quantity=draw(st.integers(1, 9)), until_fits=draw(st.booleans()))
        pending.append(change)
    return tuple(sorted(pending, key=lambda change: (change.applies_at, change.id)))


@st.composite
def kept(draw: st.DrawFn, id_: str = "sub") -> Facts:
    """The facts of a subscription as they may be kept."""
    status = draw(st.sampled_from(Status))
    interval, zone, starts = draw(st.sampled_from(EVERY)), draw(st.sampled_from(ZONES)), draw(days)
    trial = starts + (draw(later) - START) if status is Status.TRIALING or draw(st.booleans()) else None
    begun = starts == START and status not in (Status.NOT_STARTED, Status.TRIALING)
    natural = period_at(starts, interval, draw(days) if begun else starts, zone)
    held = draw(items())
    live = status in LIVE
    ending = draw(st.sampled_from(TrialEnding)) if trial else TrialEnding.CREATE_INVOICE
    return Facts(
        id=id_,
        status=status,
        starts_at=starts,
        trial_end=trial,
        anchor=starts,
        interval=interval,
        zone=zone,
        period=Period(natural.start, natural.end),
        natural_end=natural.end,
        plan_id=held[0].plan_id,
        plan_version_id=held[0].plan_version_id,
        items=held,
        currency=draw(st.sampled_from(("", "EUR"))),
        scheduled=draw(scheduled(id_)) if live else (),
        ended_at=None if live else draw(later),
        access_until=None if live else draw(st.none() | later),
        trial_ending=ending,
        method_missing=ending is not TrialEnding.CREATE_INVOICE and draw(st.booleans()),
        trial_leads_to=draw(st.none() | targets()) if ending is TrialEnding.CANCEL else None,
    )


several = st.integers(1, 4).flatmap(lambda count: st.tuples(*(kept(f"sub{number}") for number in range(count))))


async def keep(session: Runner, every: Sequence[Facts], created: Callable[[Facts], datetime] = lambda _: START) -> None:
    """Write subscriptions with their items and pending changes."""
    for facts in every:
        await add(session, subscription(facts, created_at=created(facts), resource_id=facts.id))
        await add(session, *(_item(facts, number, item) for number, item in enumerate(facts.items)))
        await add(session, *(change_row(ENV, _change(facts, change), facts.zone) for change in facts.scheduled))


def _item(facts: Facts, number: int, item: Item) -> SubscriptionItemRow:
    return SubscriptionItemRow(
        id=f"{facts.id}_{number}", environment_id=ENV, subscription_id=facts.id, plan_id=item.plan_id,
        plan_version_id=item.plan_version_id, price_id=item.price_id, quantity=item.quantity, add_on=item.add_on,
    )  # fmt: skip


def _change(facts: Facts, change: Scheduled) -> ScheduledChangeView:
    return ScheduledChangeView(
        id=change.id, customer_id=CUSTOMER, subscription_id=facts.id, kind=change.kind, item=change.item,
        status=ChangeStatus.PENDING, applies_at=change.applies_at, target=change.target, quantity=change.quantity,
        requested_at=START, actor="", channel=Channel.API, until_fits=change.until_fits,
    )  # fmt: skip
