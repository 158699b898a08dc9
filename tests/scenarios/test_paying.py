"""Paying: the customer confirms, workers die, payments are held, and the same however one waits. (K5)"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from models.choices import OutwardChannel
from resolvers.carrying import LEASE
from resolvers.holding import Switch, hold, release
from resolvers.paying.cashier import Cashier
from tests.scenarios import documents
from tests.scenarios.paying import (
    COLLECT,
    SIMULATE,
    attempts,
    charged,
    invoices,
    money,
    payer,
    payment,
)
from tests.scenarios.priced import balance
from tests.scenarios.story import Story, instant

if TYPE_CHECKING:
    from billing.ports import Asked, ChargeAnswer, ChargeAsked, RefundAnswer, RefundAsked
    from plangate.gateways.sandbox import SandboxGateway
    from tests.scenarios.templates import SqliteWorlds
    from tests.world import World

DAY = timedelta(days=1)


async def test_what_the_customer_confirms_is_paid(story: Story) -> None:
    acme = await payer(story, "sandbox_needs_action")
    await story.advance(instant(2024, 1, 1, 5))
    (waits,) = (await invoices(story))[0]["payments"]
    assert (waits["status"], waits["actionUrl"]) == ("NEEDS_ACTION", f"https://sandbox.invalid/confirm/{waits['id']}")
    assert await money(story) == [("2024-01-01", "invoice.payment_action_required")]
    assert (await story.subscription(acme))["status"] == "ACTIVE"

    answer = await story.act(SIMULATE, paymentId=waits["id"], what="CONFIRMED")

    assert answer["payment"]["status"] == "SUCCEEDED"
    assert await money(story) == [("2024-01-01T05:00:00", "invoice.paid")]
    await story.advance("2024-01-20")
    assert len(await attempts(story)) == 1


async def test_what_nobody_confirms_has_failed_and_is_asked_anew_by_the_plan(story: Story) -> None:  # C2
    acme = await payer(story, "sandbox_needs_action")
    await story.advance("2024-01-20")

    assert [code for _, code in await attempts(story)] == ["not_confirmed"] * 8
    assert [at for at, _ in await attempts(story)] == [f"2024-01-{day:02}" for day in (1, 2, 3, 5, 7, 9, 12, 15)]
    assert (await story.subscription(acme))["endedAt"] == "2024-01-15T23:00:00"


async def test_what_the_customer_rejects_is_tried_again_as_planned(story: Story) -> None:
    await payer(story, "sandbox_needs_action")
    await story.advance(instant(2024, 1, 1, 5))

    await story.act(SIMULATE, paymentId=await payment(story), what="REJECTED")

    assert await attempts(story) == [("2024-01-01", "rejected_by_customer")]
    assert (await invoices(story))[0]["nextAttemptAt"] == "2024-01-02T00:00:00Z"


async def test_while_payments_are_held_nothing_is_charged_and_afterwards_once(story: Story) -> None:
    switch = Switch((OutwardChannel.PAYMENTS,), "main", "ann")
    ids = story.world.contexts.ids
    await hold(story.world.database, ids, switch, story.world.clock.now())
    await payer(story, "sandbox_declines_lost_card")
    await story.advance("2024-01-20")
    assert await charged(story) == []
    assert await attempts(story) == [("never", "PENDING")]

    await release(story.world.database, ids, switch, story.world.clock.now())
    await story.advance("2024-01-22")

    assert await attempts(story) == [
        ("2024-01-20", "lost_card"),
        ("2024-01-21", "lost_card"),
        ("2024-01-22", "lost_card"),
    ]


class Dies(BaseException):
    """What happens to a worker between the provider's answer and its booking."""


class Dying:
    """A gateway whose caller dies right after the provider did what it was asked."""

    def __init__(self, sandbox: SandboxGateway) -> None:
        self._sandbox = sandbox

    async def label(self, method: str) -> str | None:
        return await self._sandbox.label(method)

    async def charge(self, charge: ChargeAsked) -> ChargeAnswer:
        await self._sandbox.charge(charge)
        raise Dies

    async def refund(self, refund: RefundAsked) -> RefundAnswer:
        await self._sandbox.refund(refund)
        raise Dies

    async def status(self, asked: Asked) -> ChargeAnswer | None:
        return await self._sandbox.status(asked)


async def test_a_worker_that_dies_between_charging_and_booking_has_charged_once(story: Story) -> None:  # K5
    acme = await payer(story, "sandbox_fails_1_times")
    world, place = story.world, story.world.places["main"].environment.id
    sandbox: Any = world.contexts.cashier.gateways["sandbox"]
    dying = Cashier(world.database, world.contexts.ids, {"sandbox": Dying(sandbox)}, world.clock.now)

    with pytest.raises(Dies):
        await dying.next_of(place)
    assert [each["outcome"] for each in await charged(story)] == ["FAILED"]
    assert await attempts(story) == [("2024-01-01", "PENDING")]
    await world.worker().catch_up()
    assert await attempts(story) == [("2024-01-01", "PENDING")], "it is the dead worker's for a while"
    world.clock.move(LEASE + timedelta(seconds=1))
    await world.worker().catch_up()

    assert len(await charged(story)) == 1
    assert await attempts(story) == [("2024-01-01", "insufficient_funds")]
    assert (await story.subscription(acme))["status"] == "PAST_DUE"


async def test_an_answer_that_comes_twice_is_booked_once(story: Story) -> None:
    await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    paid = await payment(story)
    await money(story)

    for _ in range(2):
        await story.act(SIMULATE, paymentId=paid, what="CONFIRMED")

    assert await money(story) == []
    (invoice,) = await invoices(story)
    assert invoice["paid"] == {"amount": "10.00"}


async def test_more_than_is_left_by_then_goes_to_the_customers_credit(story: Story) -> None:
    acme = await payer(story, "sandbox_settles_late")
    await story.advance("2024-01-03")
    await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    lowered = (await invoices(story))[0]["remaining"]

    await story.advance("2024-01-04")

    (first, second) = await invoices(story)
    assert lowered == {"amount": "0.65"}
    assert (first["status"], first["paid"], first["remaining"]) == ("PAID", {"amount": "0.65"}, {"amount": "0.00"})
    assert second["status"] == "OPEN"
    assert await balance(story, "acme") == {"USD": "9.35"}


async def _walked(world: World, reference: str, stops: tuple[datetime, ...]) -> tuple[Any, ...]:
    story = await Story.begin(world)
    acme = await payer(story, reference)
    for stop in stops:
        await story.advance(stop)
    told = [(each["type"], each["occurredAt"], each["cause"]) for each in await story.events("acme")]
    found = [story.names.plain(each) for each in await invoices(story)]
    return told, found, await story.subscription(acme)


@pytest.mark.parametrize(
    "reference",
    [
        "sandbox_succeeds",
        "sandbox_fails_4_times",
        "sandbox_fails_9_times",
        "sandbox_fails_late",
        "sandbox_needs_action",
    ],
)
def test_going_to_c_by_way_of_b_is_going_to_c(sqlite_worlds: SqliteWorlds, reference: str) -> None:
    b, c = instant(2024, 1, 4, 13), instant(2024, 3, 8)

    direct = sqlite_worlds.walked(partial(_walked, reference=reference, stops=(c,)))
    stopping = sqlite_worlds.walked(partial(_walked, reference=reference, stops=(b, b + 9 * DAY, c)))

    assert direct == stopping
    assert len(direct[0]) > 3


async def test_what_was_planned_is_not_charged_after_an_end_that_stops_collecting(story: Story) -> None:  # C14
    switch = Switch((OutwardChannel.PAYMENTS,), "main", "ann")
    ids = story.world.contexts.ids
    await hold(story.world.database, ids, switch, story.world.clock.now())
    acme = await payer(story, "sandbox_succeeds")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")

    await release(story.world.database, ids, switch, story.world.clock.now())
    await story.advance("2024-01-03")

    assert await charged(story) == []
    assert await attempts(story) == [("never", "DROPPED")]
    (invoice,) = await invoices(story)
    assert (await story.act(COLLECT, invoiceId=invoice["id"]))["invoice"]["status"] == "PAID"
