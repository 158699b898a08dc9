"""Everything that takes from one limit at once: consumers, long jobs that hold and settle, reports and corrections."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from billing.entitlements.reservations import ReservationState
from billing.refusals import Refusal
from models.choices import UsageKind
from models.tables.entitlement import UsageRow
from models.tables.journal import EventRow
from models.tables.reservation import ReservationRow
from resolvers.entitlement_reserve import EntitlementReserve, EntitlementReserved, reserve
from resolvers.inputs import CustomerRef
from resolvers.reservation_release import ReservationRelease, ReservationReleased, release_reservation
from resolvers.reservation_settle import ReservationSettle, ReservationSettled, settle_reservation
from resolvers.usage_report import UsageReport, UsageReported
from resolvers.usage_report_many import UsageReportMany, report_many
from tests.races.arena import FEATURE, SCALE, take

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from resolvers.context import Context
    from resolvers.entitlement_consume import EntitlementDenied
    from tests.races.arena import Arena

JOBS, CONSUMERS, EACH, CORRECTIONS = 20, 6, 10, 4
ENDS = ("less", "equal", "more", "release", "keep")
SETTLED = {"less": "1", "equal": None, "more": "5"}


async def mixed(context: Context, name: str, program: str, reports: int = 0) -> Counter[str]:
    """Race of one program: half of its jobs hold 2 before it begins; every act is sent twice at once."""
    jobs = [Job(context, name, f"{program} job {number}", ENDS[number % len(ENDS)]) for number in range(JOBS)]
    ends = Counter(await asyncio.gather(*(job.begin() for job in jobs[::2])))
    calls = [job.end() for job in jobs[::2]]
    calls += [job.whole() for job in jobs[1::2]]
    calls += [_consumer(context, name, f"{program} consumer {number}") for number in range(CONSUMERS)]
    calls += [_told(context, name, f"{program} correction {number}", "-2") for number in range(CORRECTIONS)]
    calls += [_told(context, name, f"{program} report {number}", "3") for number in range(reports)]
    random.Random(program).shuffle(calls)
    for more in await asyncio.gather(*calls):
        ends += more
    for job in jobs:
        await job.again()
    return ends


class Job:
    """A long job of 2, and what it was answered."""

    def __init__(self, context: Context, name: str, key: str, end: str) -> None:
        """Know how it is to end."""
        self.context, self.key, self.how = context, key, end
        ref = CustomerRef(external_id=name)
        self.asked = EntitlementReserve(ref, FEATURE, "2", expires_in_seconds=3_600, idempotency_key=key)
        self.held: EntitlementReserved | None = None
        self.settled: tuple[ReservationSettle, ReservationSettled] | None = None

    async def whole(self) -> Counter[str]:
        """Hold, then end."""
        began = await self.begin()
        return Counter({began: 1}) + await self.end()

    async def begin(self) -> str:
        """Hold."""
        answers = await asyncio.gather(*(reserve(self.context, self.asked) for _ in range(2)))
        given = [each for each in answers if isinstance(each, EntitlementReserved)]
        if not given:
            return "NOT HELD"
        self.held = given[0]
        assert len({each.reservation.id for each in given}) == 1
        assert sum(not each.replayed for each in given) == 1
        return "HELD"

    async def end(self) -> Counter[str]:
        """Settle, release, or hold on; what is denied beyond what is held is settled as held."""
        if self.held is None or self.how == "keep":
            return Counter()
        if self.how == "release":
            return Counter({await self._let_go(self.held.reservation.id): 1})
        reservation = self.held.reservation.id
        command = ReservationSettle(reservation, SETTLED[self.how], idempotency_key=f"{self.key} {self.how}")
        ended = await self._settle(command)
        if ended != "DENIED":
            return Counter({ended: 1})
        return Counter([ended, await self._settle(ReservationSettle(reservation, idempotency_key=f"{self.key} again"))])

    async def again(self) -> None:
        """Send what was done once more: the first answer comes back, whatever has happened since."""
        if self.held is not None:
            answer = await reserve(self.context, self.asked)
            assert isinstance(answer, EntitlementReserved)
            reservation = self.held.reservation
            assert replace(answer, reservation=reservation) == replace(self.held, replayed=True)
        if self.settled is not None:
            command, first = self.settled
            assert await settle_reservation(self.context, command) == replace(first, replayed=True)

    async def _settle(self, command: ReservationSettle) -> str:
        answers = await asyncio.gather(*(self._settled(command) for _ in range(2)))
        done = [each for each in answers if isinstance(each, ReservationSettled)]
        if not done:
            return "DENIED"
        assert sum(not each.replayed for each in done) == 1
        assert len({each.record.id for each in done}) == 1
        self.settled = command, done[0]
        return "SETTLED"

    async def _settled(self, command: ReservationSettle) -> ReservationSettled | EntitlementDenied:
        return await settle_reservation(self.context, command)

    async def _let_go(self, reservation: str) -> str:
        command = ReservationRelease(reservation, idempotency_key=f"{self.key} go")
        answers = await asyncio.gather(*(release_reservation(self.context, command) for _ in range(2)))
        assert sorted(each.replayed for each in answers) == [False, True]
        assert all(isinstance(each, ReservationReleased) for each in answers)
        return "RELEASED"


async def _consumer(context: Context, name: str, key: str) -> Counter[str]:
    ends: Counter[str] = Counter()
    for number in range(EACH):
        twice = await asyncio.gather(*(take(context, name, f"{key} {number}") for _ in range(2)))
        ends[min(twice)] += 1
    return ends


async def _told(context: Context, name: str, key: str, value: str) -> Counter[str]:
    report = UsageReport(CustomerRef(external_id=name), FEATURE, value, reason="race", idempotency_key=key)
    (answer,) = await report_many(context, UsageReportMany((report,)))
    if isinstance(answer, UsageReported):
        return Counter({f"REPORTED {value}": 1})
    assert isinstance(answer, Refusal), answer
    return Counter({answer.code: 1})


async def walked(arena: Arena, name: str) -> list[tuple[str, int]]:
    """Walk through a customer's events in their order: what each did, and what is used and held after it."""
    view = await arena.world.ask("query($ref: CustomerRef!) { customer(ref: $ref) { id } }", ref={"externalId": name})
    customer: str = view["customer"]["id"]
    events = sorted(await arena.of(EventRow, owner_id=customer), key=lambda each: each["seq"])
    ledger = {each["id"]: each for each in await arena.of(UsageRow, customer_id=customer)}
    held = {each["id"]: each for each in await arena.of(ReservationRow, customer_id=customer)}
    ends = {each["usage_id"]: each["id"] for each in held.values() if each["usage_id"]}
    used, holding, seen = 0, dict[str, int](), list[tuple[str, int]]()
    for event in events:
        kind = _happened(event, ledger)
        if kind is None:
            continue
        if kind == "hold":
            holding[event["subject_id"]] = int(Decimal(event["after"]["amount"]) * SCALE)
        elif kind == "release":
            del holding[event["subject_id"]]
        else:
            used += ledger[event["subject_id"]]["amount"]
        if kind == UsageKind.SETTLE:
            del holding[ends[event["subject_id"]]]
        seen.append((kind, used + sum(holding.values())))
    still = {each["id"]: each["amount"] for each in held.values() if each["state"] is ReservationState.HELD}
    assert holding == still
    assert used == sum(each["amount"] for each in ledger.values())
    return seen


def _happened(event: Mapping[str, Any], ledger: Mapping[str, Mapping[str, Any]]) -> str | None:
    if event["type"].startswith("usage."):
        kind: UsageKind = ledger[event["subject_id"]]["kind"]
        return kind
    return {"reservation.created": "hold", "reservation.released": "release"}.get(event["type"])
