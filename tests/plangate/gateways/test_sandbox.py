"""The sandbox does what a method's reference says, once for each key, and its books outlive whoever asked. (K5)"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from billing.money import Money
from billing.ports import Asked, ChargeAnswer, ChargeAsked, Outcome, RefundAnswer, RefundAsked, Rehearsing, Simulation
from models.session import Database
from plangate.gateways import gateways
from plangate.gateways.sandbox import ACTION_URL, DECLINES, PLAIN, SandboxGateway
from tests.models.world import ENV, START, environment, settle

DAY = timedelta(days=1)
SUCCEEDED, FAILED = ChargeAnswer(Outcome.SUCCEEDED), Outcome.FAILED


def asked(key: str = "one", days: float = 0) -> Asked:
    """Name a charge or refund, so many days after the first."""
    return Asked(ENV, key, START + days * DAY)


def charge(method: str, key: str = "one", attempt: int = 1) -> ChargeAsked:
    """Ten dollars by a method."""
    return ChargeAsked(asked(key), method, Money(1000, "USD"), attempt)


def refund(amount: int, key: str) -> RefundAsked:
    """Some of it back."""
    return RefundAsked(asked(key), "one", Money(amount, "USD"))


@pytest.fixture
async def sandbox(database: Database) -> SandboxGateway:
    """The sandbox of a small world."""
    await settle(database, *environment())
    return SandboxGateway(database)


def test_a_provider_is_a_file_of_its_own_and_is_found_by_its_name(sqlite_database: Database) -> None:
    assert set(gateways(sqlite_database)) == {"sandbox"}
    assert isinstance(gateways(sqlite_database)["sandbox"], Rehearsing)


async def test_it_knows_its_own_references_and_no_others(sandbox: SandboxGateway) -> None:
    known = [*PLAIN, *(f"sandbox_declines_{code}" for code in DECLINES), "sandbox_fails_3_times"]
    others = ["", "sandbox", "sandbox_declines_", "sandbox_declines_luck", "sandbox_fails_0_times", "visa"]

    assert [method for method in known if await sandbox.label(method) is None] == []
    assert [method for method in others if await sandbox.label(method) is not None] == []
    assert await sandbox.label("sandbox_fails_3_times") == "Sandbox: fails 3 times"


@pytest.mark.parametrize("code", DECLINES)
async def test_what_is_declined_is_declined_every_time(sandbox: SandboxGateway, code: str) -> None:
    answers = [await sandbox.charge(charge(f"sandbox_declines_{code}", str(n), n)) for n in (1, 2, 9)]

    assert answers == [ChargeAnswer(FAILED, code)] * 3


async def test_some_attempts_fail_and_the_next_succeeds(sandbox: SandboxGateway) -> None:
    answers = [await sandbox.charge(charge("sandbox_fails_2_times", str(n), n)) for n in (1, 2, 3, 4)]

    assert [each.outcome for each in answers] == [FAILED, FAILED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]


async def test_a_key_is_charged_once_whoever_asks_and_its_books_outlive_them(
    sandbox: SandboxGateway, database_url: str
) -> None:
    assert await sandbox.status(asked()) is None
    others = [Database(database_url) for _ in range(3)]
    asking = [SandboxGateway(each).charge(charge("sandbox_succeeds")) for each in others]

    answers = await asyncio.gather(*asking, sandbox.charge(charge("sandbox_declines_lost_card")))

    assert len(set(answers)) == 1
    assert await sandbox.status(asked(days=9)) == answers[0]
    for each in others:
        await each.close()


async def test_what_settles_late_is_told_when_it_has(sandbox: SandboxGateway) -> None:
    good = await sandbox.charge(charge("sandbox_settles_late"))
    bad = await sandbox.charge(charge("sandbox_fails_late", "two"))

    assert good == bad == ChargeAnswer(Outcome.PENDING, look_at=START + 3 * DAY)
    assert await sandbox.status(asked(days=2.9)) == good
    assert await sandbox.status(asked(days=3)) == SUCCEEDED
    assert await sandbox.status(asked("two", 3)) == ChargeAnswer(FAILED, "returned")


async def test_what_needs_the_customer_waits_for_them_and_not_for_ever(sandbox: SandboxGateway) -> None:
    waits = await sandbox.charge(charge("sandbox_needs_action"))
    await sandbox.charge(charge("sandbox_needs_action", "two"))
    await sandbox.charge(charge("sandbox_needs_action", "three"))
    played = [
        await sandbox.simulate(asked("one"), Simulation.CONFIRMED, None),
        await sandbox.simulate(asked("two"), Simulation.REJECTED, None),
        await sandbox.simulate(asked("one"), Simulation.REJECTED, None),
        await sandbox.simulate(asked("three", 1), Simulation.CONFIRMED, None),
        await sandbox.simulate(asked("four"), Simulation.CONFIRMED, None),
    ]

    expires = START + timedelta(hours=23)
    assert waits == ChargeAnswer(Outcome.NEEDS_ACTION, url=f"{ACTION_URL}one", look_at=expires)
    assert played == [True, True, False, False, False]
    assert await sandbox.status(asked()) == SUCCEEDED
    assert await sandbox.status(asked("two")) == ChargeAnswer(FAILED, "rejected_by_customer")
    assert await sandbox.status(asked("three", 1)) == ChargeAnswer(FAILED, "not_confirmed")


async def test_a_bank_takes_all_or_some_of_it_back_a_day_later_or_when_it_is_told_to(sandbox: SandboxGateway) -> None:
    first = await sandbox.charge(charge("sandbox_disputed"))
    await sandbox.charge(charge("sandbox_disputed_partly", "two"))
    await sandbox.charge(charge("sandbox_succeeds", "three"))
    played = [await sandbox.simulate(asked("three"), Simulation.DISPUTED, amount) for amount in (300, 300, 1001, None)]

    assert first == ChargeAnswer(Outcome.SUCCEEDED, look_at=START + DAY)
    assert await sandbox.status(asked(days=1)) == ChargeAnswer(Outcome.SUCCEEDED, disputed=1000)
    assert await sandbox.status(asked("two", 1)) == ChargeAnswer(Outcome.SUCCEEDED, disputed=500)
    assert played == [True, True, False, True]
    assert await sandbox.status(asked("three")) == ChargeAnswer(Outcome.SUCCEEDED, disputed=1000)


async def test_never_more_goes_back_than_came_in_and_each_key_once(sandbox: SandboxGateway) -> None:
    await sandbox.charge(charge("sandbox_succeeds"))

    first = await sandbox.refund(refund(700, "a"))
    again = await sandbox.refund(refund(700, "a"))
    more = await sandbox.refund(refund(301, "b"))
    rest = await sandbox.refund(refund(300, "c"))

    assert [first, again, rest] == [RefundAnswer(Outcome.SUCCEEDED)] * 3
    assert more == RefundAnswer(FAILED, "more_than_charged")


async def test_some_refunds_are_refused(sandbox: SandboxGateway) -> None:
    assert await sandbox.refund(refund(1, "a")) == RefundAnswer(FAILED, "charge_not_found")
    await sandbox.charge(charge("sandbox_refuses_refunds"))

    assert await sandbox.refund(refund(1, "b")) == RefundAnswer(FAILED, "refund_refused")
