"""The head of a counter says what its ledger sums to, whatever windows were counted before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.entitlements.burning import Burn
from billing.entitlements.reservations import ReservationState
from billing.entitlements.sources import Aggregation, AllowanceKind, Counter, Usage
from models.choices import UsageKind
from models.rows import add
from models.stores.counters import Counted
from models.stores.usage import LedgerRow
from models.tables import GrantRow, ReservationRow
from tests.models.world import CUSTOMER, ENV, FEATURE, START, day, undone, working

if TYPE_CHECKING:
    from datetime import datetime

    from models.session import Database
    from models.work import Work

WINDOWS = ((None, None), (day(0), None), (day(0), day(10)), (day(10), day(20)), (day(5), day(15)), (None, day(12)))
LARGE = 2**61


@dataclass(frozen=True)
class Written:
    """One use: written at `at` into a counter, which happened then or before."""

    at: datetime
    occurred_at: datetime
    amount: int
    burned: int
    counter: Counter


@st.composite
def written(draw: st.DrawFn) -> list[Written]:
    """What is written one after another: the present only moves forward, what is reported may be older."""
    found: list[Written] = []
    present = 0
    for _ in range(draw(st.integers(1, 8))):
        present += draw(st.integers(0, 8))
        counter = Counter(draw(st.sampled_from(("", "a"))), *draw(st.sampled_from(WINDOWS)))
        occurred = day(present - draw(st.integers(0, present)))
        found.append(Written(day(present), occurred, draw(st.integers(-5, 20)), draw(st.integers(0, 3)), counter))
    return found


def holds(use: Written, counter: Counter, at: datetime) -> bool:
    """Whether a use counts, said plainly."""
    after = counter.start is None or counter.start <= use.occurred_at
    before = counter.end is None or use.occurred_at < counter.end
    return after and before and use.occurred_at <= at and use.counter.resource == counter.resource


async def keep(shop: Database, uses: list[Written], counters: list[tuple[Counter, datetime]]) -> list[Usage]:
    """Write uses and read counters."""
    async with undone(shop) as session:
        work = working(session)
        await add(session, grant())
        for number, use in enumerate(uses):
            burn = Burn(use.amount, (("gra", use.burned),) if use.burned else ())
            await work.usage.record(ledger(number, use), of(use.counter), burn, use.at)
        told = [await work.usage.used(of(counter), at) for counter, at in counters]
        read = [await usage(work, counter, at) for counter, at in counters]
    assert [each.used for each in read] == told
    return read


async def usage(work: Work, counter: Counter, at: datetime) -> Usage:
    """Read a counter as questions do."""
    (held,) = await work.usage.usages([of(counter)], at)
    return held


def of(counter: Counter) -> Counted:
    """The counter of what is added up."""
    return Counted(CUSTOMER, FEATURE, counter, Aggregation.SUM)


def grant() -> GrantRow:
    """Something to burn."""
    return GrantRow(
        id="gra", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, kind=AllowanceKind.PURCHASED,
        amount=100, starts_at=START, created_at=START,
    )  # fmt: skip


def ledger(number: int, use: Written) -> LedgerRow:
    """The ledger row of a use."""
    return LedgerRow(
        id=f"use{number}", environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, resource=use.counter.resource,
        scope=use.counter.resource, seq=number, kind=UsageKind.REPORT, amount=use.amount + use.burned,
        limit_amount=use.amount, occurred_at=use.occurred_at, recorded_at=use.at,
    )  # fmt: skip


@given(uses=written(), window=st.sampled_from(WINDOWS), resource=st.sampled_from(("", "a")), past=st.integers(0, 70))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_counter_is_the_sum_of_its_ledger(
    shop: Database, uses: list[Written], window: tuple[datetime | None, datetime | None], resource: str, past: int
) -> None:
    now = uses[-1].at
    counters = [(Counter(resource, *window), now), (uses[-1].counter, now), (uses[-1].counter, min(day(past), now))]

    found = await keep(shop, uses, counters)

    assert found == [Usage(sum(use.amount for use in uses if holds(use, counter, at))) for counter, at in counters]


async def test_large_amounts_are_summed_exactly(shop: Database) -> None:
    counter = Counter("", None, None)
    uses = [Written(START, START, amount, 0, counter) for amount in (LARGE, LARGE - 1, -LARGE, 3)]

    assert await keep(shop, uses, [(counter, START)]) == [Usage(LARGE + 2)]


async def test_a_reservation_holds_until_it_expires_or_is_settled(shop: Database) -> None:
    def held(id_: str, state: ReservationState, resource: str = "") -> ReservationRow:
        return ReservationRow(
            id=id_, environment_id=ENV, customer_id=CUSTOMER, feature_id=FEATURE, resource=resource, amount=5,
            state=state, created_at=day(1), expires_at=day(3), scope=resource, limit_amount=5,
            settled_at=None if state is ReservationState.HELD else day(1),
        )  # fmt: skip

    async with undone(shop) as session:
        await add(session, held("a", ReservationState.HELD), held("b", ReservationState.HELD))
        await add(session, held("c", ReservationState.SETTLED), held("d", ReservationState.HELD, "site"))
        work = working(session)
        counter = Counter("", None, None)

        found = [await usage(work, counter, day(at)) for at in (0.9, 1, 2.9, 3)]
        assert found == [Usage(), Usage(0, 10), Usage(0, 10), Usage()]
