"""Schedules: phases one after the other, what each costs, and what happens when the last one is over. (C9)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.invoicing.policy import OnDispute
from tests.scenarios import documents
from tests.scenarios.couponed import coupon
from tests.scenarios.ending_money import CANCEL, cancel, kept, waiting
from tests.scenarios.migrating import job, publish, run
from tests.scenarios.paying import payer
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.scheduling import CREATE, RELEASE, UPDATE, foreseen, planned, scheduled, types
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_disputing import dispute_policy
from tests.scenarios.test_lists import listed

if TYPE_CHECKING:
    from tests.scenarios.story import Story

APRIL = {"endsAt": "2024-04-16T00:00:00Z"}


@pytest.fixture
async def shop(story: Story) -> Story:
    """A world with the price list."""
    await story.catalog(CATALOG)
    return story


async def ten(shop: Story) -> str:
    """A month of 10.00, on the tenth of January."""
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await shop.advance("2024-01-10")
    await types(shop, "acme")
    return acme


async def stands(shop: Story, subscription_id: str) -> tuple[str, str | None, str]:
    """Tell its state, when it is to end, and its period."""
    found = await shop.subscription(subscription_id)
    return found["state"], found.get("cancelAt"), found["currentPeriod"]


async def test_phases_follow_each_other_and_the_last_one_ends_the_subscription(shop: Story) -> None:
    acme = await ten(shop)
    asked: list[dict[str, Any]] = [
        {"planId": "twenty", "lasts": {"cycles": 2}},
        {"planId": "thirty", "lasts": APRIL},
    ]
    before = await kept(shop), await shop.subscription(acme)
    assert await foreseen(shop, acme, *asked, endBehavior="CANCEL") == (
        ["2024-01-10 ten", "2024-02-01 twenty", "2024-04-01 thirty"],
        ["2024-02-01 20.00", "2024-03-01 20.00", "2024-04-01 15.00"],
    ), "a preview is the act itself, and writes nothing"
    assert (await kept(shop), await shop.subscription(acme)) == before

    plan = await scheduled(shop, acme, *asked, endBehavior="CANCEL")

    phases = [
        "2024-01-10 to 2024-02-01 ten x1",
        "2024-02-01 to 2024-04-01 twenty x1",
        "2024-04-01 to 2024-04-16 thirty x1",
    ]
    assert await planned(shop, plan) == ["ACTIVE CANCEL 2024-04-16", *phases]
    assert await stands(shop, acme) == ("ACTIVE", None, "2024-01-01 to 2024-02-01")
    expected = [
        "2024-01-10 subscription_schedule.created",
        "2024-02-01 subscription.phase_began",
        "2024-02-01 subscription.renewed",
        "2024-02-01 invoice.finalized",
        "2024-03-01 subscription.renewed",
        "2024-03-01 invoice.finalized",
        "2024-04-01 subscription.phase_began",
        "2024-04-01 subscription.renewed",
        "2024-04-01 invoice.finalized",
        "2024-04-16 subscription.canceled",
        "2024-04-16 subscription_schedule.completed",
    ]

    await shop.advance("2024-04-10")
    assert await stands(shop, acme) == ("PENDING_CANCELLATION", "2024-04-16", "2024-04-01 to 2024-04-16"), "C9, C17"
    await shop.advance("2024-06-01")

    assert await types(shop, "acme") == expected
    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "20.00", "twenty 20.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "20.00", "twenty 20.00 2024-03-01 to 2024-04-01"),
        ("OPEN", "15.00", "thirty 15.00 2024-04-01 to 2024-04-16"),
    ]
    assert await planned(shop, plan) == ["COMPLETED CANCEL 2024-04-16", *phases]


async def test_editing_the_last_phase_moves_the_end_and_another_phase_takes_it_away(shop: Story) -> None:  # C9, C18
    acme = await ten(shop)
    plan = await scheduled(shop, acme, {"planId": "thirty", "lasts": APRIL}, endBehavior="CANCEL")
    await shop.advance("2024-04-10")
    assert (await bills(shop, "acme"))[-1] == ("OPEN", "15.00", "thirty 15.00 2024-04-01 to 2024-04-16")

    begun, _ = await foreseen(shop, acme, {"planId": "ten"}, endBehavior="RELEASE")
    assert begun == ["2024-01-10 ten", "2024-02-01 thirty", "2024-04-16 ten"], "a preview edits what there is"
    await shop.act(UPDATE, id=plan, present={"endsAt": "2024-04-21T00:00:00Z"}, phases=[])
    assert await stands(shop, acme) == ("PENDING_CANCELLATION", "2024-04-21", "2024-04-01 to 2024-04-21")
    assert await waiting(shop, "acme") == ["PERIOD 5.00"]

    await shop.act(UPDATE, id=plan, phases=[{"planId": "ten", "lasts": {"cycles": 1}}])
    assert await stands(shop, acme) == ("ACTIVE", None, "2024-04-01 to 2024-05-01")
    assert await waiting(shop, "acme") == ["PERIOD 10.00", "PERIOD 5.00"]
    assert (await planned(shop, plan))[2:] == ["2024-02-01 to 2024-04-21 thirty x1", "2024-04-21 to 2024-05-01 ten x1"]

    await shop.act(UPDATE, id=plan, present=APRIL, phases=[], prorationBehavior="NONE")
    assert await stands(shop, acme) == ("PENDING_CANCELLATION", "2024-04-16", "2024-04-01 to 2024-04-16")
    assert await waiting(shop, "acme") == ["PERIOD 10.00", "PERIOD 5.00"], "what it cuts is let go"

    kept_end = await shop.act(RELEASE, id=plan, keepCancelDate=True)
    assert kept_end["subscription"]["cancelAt"] == "2024-04-16"
    again = await shop.act(RELEASE, id=plan)
    assert (again["__typename"], again["field"], again["scheduleStatus"]) == ("ScheduleOver", "id", "RELEASED")
    await shop.act(documents.UNDO, subscriptionId=acme)
    assert await stands(shop, acme) == ("ACTIVE", None, "2024-04-01 to 2024-05-01")
    assert await planned(shop, plan) == [
        "RELEASED CANCEL 2024-04-16",
        "2024-01-10 to 2024-02-01 ten x1",
        "2024-02-01 to 2024-04-10 thirty x1",
    ]


async def test_a_phase_has_its_own_trial_coupon_and_proration_and_the_last_one_no_end(shop: Story) -> None:
    acme = await shop.subscribe("acme", "ten", currency="USD", interval=MONTHLY)
    await coupon(shop, "half", percentOff="50")
    await types(shop, "acme")
    plan = await scheduled(
        shop,
        acme,
        {"planId": "thirty", "trial": True, "lasts": {"cycles": 1}},
        {"planId": "twenty", "couponId": "half", "lasts": {"endsAt": "2024-03-16T00:00:00Z"}},
        {"planId": "ten", "prorationBehavior": "ALWAYS_INVOICE"},
        present={"endsAt": "2024-01-16T00:00:00Z"},
    )
    shop.names.known[acme] = "acme"
    for day, state in (("2024-01-20", "TRIALING"), ("2024-02-10", "ACTIVE"), ("2024-04-10", "ACTIVE")):
        await shop.jump(day)
        before = await shop.subscription(acme)
        assert await listed(shop, state=[state]) == {"acme": state}, "lists judge it in SQL"
        await shop.world.worker().catch_up()
        assert (before["state"], await shop.subscription(acme)) == (state, before), "nobody waits for the worker"

    assert [each for each in await types(shop, "acme") if "renewed" not in each and "finalized" not in each] == [
        "2024-01-01 subscription_schedule.created",
        "2024-01-16 subscription.phase_began",
        "2024-02-01 subscription.trial_ended",
        "2024-02-01 discount.applied",
        "2024-02-01 subscription.phase_began",
        "2024-02-01 credit_note.created",
        "2024-03-16 subscription.phase_began",
        "2024-03-16 subscription_schedule.completed",
        "2024-03-16 credit_note.created",
        "2024-03-16 discount.ended",
    ]
    assert await bills(shop, "acme") == [
        ("OPEN", "10.00", "ten 10.00 2024-01-01 to 2024-02-01"),
        ("OPEN", "10.00", "twenty 10.00 2024-02-01 to 2024-03-01"),
        ("OPEN", "10.00", "twenty 10.00 2024-03-01 to 2024-04-01"),
        ("OPEN", "2.58", "ten 2.58 2024-03-16 to 2024-04-01"),
        ("OPEN", "10.00", "ten 10.00 2024-04-01 to 2024-05-01"),
    ], "what replaces billed time keeps its discount"
    assert await planned(shop, plan) == [
        "COMPLETED RELEASE 2024-03-16",
        "2024-01-01 to 2024-01-16 ten x1",
        "2024-01-16 to 2024-02-01 thirty x1 trial",
        "2024-02-01 to 2024-03-16 twenty x1 half",
        "2024-03-16 to on ten x1",
    ]


async def test_a_schedule_is_in_charge_and_a_sooner_end_stands_beside_it(shop: Story) -> None:
    acme = await ten(shop)
    plan = await scheduled(shop, acme, {"planId": "twenty", "lasts": {"cycles": 2}}, endBehavior="CANCEL")
    money, held = await kept(shop), await shop.subscription(acme)
    asked_of = await shop.world.ask("query($id: ID!) { subscription(id: $id) { scheduledChanges { id } } }", id=acme)
    phase = asked_of["subscription"]["scheduledChanges"][0]["id"]
    closed: list[tuple[str, str | None, dict[str, Any]]] = [
        (documents.CHANGE, None, {"subscriptionId": acme, "planId": "thirty"}),
        (documents.DOWNGRADE, None, {"subscriptionId": acme, "planId": "ten"}),
        (documents.UNDO_CHANGE, "id", {"id": phase}),
        (CREATE, "subscriptionId", {"subscriptionId": acme, "phases": []}),
        (CANCEL, "date", {"subscriptionId": acme, "timing": "ON_DATE", "date": "2024-05-01T00:00:00Z"}),
    ]
    for document, field, asked in closed:
        answer = await shop.act(document, **asked)
        assert (answer["__typename"], answer.get("field")) == ("ManagedBySchedule", field)
    assert await types(shop, "acme") == ["2024-01-10 subscription_schedule.created"]
    assert {"CHANGE_PLAN", "DOWNGRADE", "MANAGE"}.isdisjoint(await shop.open_to(acme, "CUSTOMER"))

    await cancel(shop, acme, timing="END_OF_PERIOD")
    assert await stands(shop, acme) == ("PENDING_CANCELLATION", "2024-02-01", "2024-01-01 to 2024-02-01")
    await shop.act(documents.UNDO, subscriptionId=acme)
    after = await shop.subscription(acme)
    assert await kept(shop) == money
    assert {key: each for key, each in after.items() if key != "cancellation"} == held

    await shop.advance("2024-03-10")
    assert (await shop.act(documents.UNDO, subscriptionId=acme))["__typename"] == "ManagedBySchedule"
    await cancel(shop, acme, timing="IMMEDIATE")
    assert await planned(shop, plan) == [
        "CANCELED CANCEL 2024-04-01",
        "2024-01-10 to 2024-02-01 ten x1",
        "2024-02-01 to 2024-03-10 twenty x1",
    ]
    assert (await types(shop, "acme"))[-2:] == [
        "2024-03-10 subscription.canceled",
        "2024-03-10 subscription_schedule.canceled",
    ]


async def test_a_phase_that_cannot_be_is_refused_by_its_place_and_nothing_is_written(shop: Story) -> None:
    acme = await ten(shop)
    before = await shop.subscription(acme)
    last = {"planId": "ten", "lasts": {"endsAt": "2024-01-31T00:00:00Z"}}
    refusals: list[tuple[str, str, dict[str, Any]]] = [
        ("DateOutOfRange", "present.endsAt", {"present": {"endsAt": "2024-01-10T00:00:00Z"}}),
        ("DateOutOfRange", "present.cycles", {"present": {"cycles": 121}}),
        ("NotFound", "phases.1.planId", {"phases": [{"quantity": 2, "lasts": {"cycles": 1}}, {"planId": "gold"}]}),
        ("DateOutOfRange", "phases.0.lasts.endsAt", {"phases": [last]}),
        ("InvalidInput", "phases.0.lasts.endsAt", {"phases": [{"planId": "twenty"}], "endBehavior": "CANCEL"}),
        ("InvalidInput", "phases.0.lasts", {"phases": [{"planId": "twenty", "trial": True}]}),
        ("NotFound", "phases.0.couponId", {"phases": [{"couponId": "none"}]}),
        ("PriceNotAvailable", "phases.0.interval", {"phases": [{"planId": "thirty", "interval": {"unit": "YEAR"}}]}),
        ("NotFound", "subscriptionId", {"subscriptionId": "sub_" + "0" * 26}),
    ]
    for kind, field, asked in refusals:
        input_: dict[str, Any] = {"subscriptionId": acme, "phases": [], **asked}
        answer = await shop.act(CREATE, **input_)
        assert (answer["__typename"], answer.get("field")) == (kind, field), asked

    assert await shop.subscription(acme) == before
    assert await types(shop, "acme") == []


async def test_a_full_dispute_releases_the_schedule_first(story: Story) -> None:  # C10
    await dispute_policy(story, OnDispute.CANCEL_AT_PERIOD_END)
    acme = await payer(story, "sandbox_disputed")
    plan = await scheduled(story, acme, {"planId": "twenty", "lasts": {"cycles": 2}}, endBehavior="CANCEL")
    await types(story, "acme")

    await story.advance("2024-03-10")

    assert await planned(story, plan) == ["RELEASED CANCEL 2024-04-01", "2024-01-01 to 2024-01-02 ten x1"]
    found = await story.subscription(acme)
    assert (found["plan"], found["endedAt"]) == ("ten", "2024-02-01"), "the later phases are lost"
    told = [each.split(" ")[1] for each in await types(story, "acme")]
    assert [each for each in told if "subscription" in each] == [
        "subscription_schedule.released",
        "subscription.cancellation_scheduled",
        "subscription.canceled",
    ]


async def test_a_migration_passes_over_what_a_schedule_is_in_charge_of(story: Story) -> None:
    acme = await story.subscribe("acme", "team", externalId="acme", quantity=2)
    plan = await scheduled(story, acme, {"quantity": 5})
    await publish(story)

    job_id = await run(story)

    assert (await job(story, job_id))["items"] == {"acme": "MANAGED_BY_SCHEDULE"}
    await story.advance("2024-02-10")
    assert (await story.subscription(acme))["quantity"] == 5
    assert (await planned(story, plan))[0] == "COMPLETED RELEASE 2024-02-01"
