"""Acts at once, from two programs: one wins where one can, the rest are told by name, and no rule is broken."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from models.stores.environments import Environments
from models.tables.customer import CustomerRow
from models.tables.environment import EnvironmentRow
from models.tables.journal import EventRow
from models.tables.subscription import CancellationRow, ScheduledChangeRow, SubscriptionRow
from resolvers import walking
from tests.races.arena import Arena, counted
from tests.world import START

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CREATE = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) { __typename
  ... on SubscriptionCreated { subscription { id } } ... on AlreadySubscribed { subscriptionId }
  ... on UserError { code } } }"""
UPSERT = """mutation($input: CustomerUpsertInput!) { customerUpsert(input: $input) { __typename
  ... on CustomerUpserted { created customer { id } } ... on UserError { code } } }"""
ADVANCE = """mutation($input: TestClockAdvanceInput!) { testClockAdvance(input: $input) { __typename
  ... on TestClockAdvanced { now target running } ... on UserError { code } } }"""
OVERRIDE = """mutation($input: OverrideSetInput!) { overrideSet(input: $input) { __typename
  ... on OverrideWasSet { override { id } } ... on UserError { code } } }"""
ARCHIVE = """mutation($input: CustomerArchiveInput!) { customerArchive(input: $input) { __typename
  ... on UserError { code } } }"""
REVOKE = """mutation($input: ApiKeyRevokeInput!) { apiKeyRevoke(input: $input) { __typename } }"""

MONTHLY: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}}


async def at_once(arena: Arena, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
    """Make calls at the same time, through the doors in turn."""

    async def made(number: int, document: str, input_: Mapping[str, Any]) -> Any:
        door = arena.doors[number % len(arena.doors)]
        (answer,) = (await door.ask(document, input=dict(input_))).values()
        return answer

    return await asyncio.gather(*(made(number, *call) for number, call in enumerate(calls)))


def named(answers: Sequence[Any]) -> dict[str, int]:
    """How often each type was answered."""
    return counted(Counter(answer["__typename"] for answer in answers))


async def test_of_many_subscriptions_to_one_product_one_is_made(two: Arena) -> None:
    await two.world.ask(UPSERT, input={"externalId": "acme"})
    wanted: dict[str, Any] = {"customer": {"externalId": "acme"}, "planId": "team", **MONTHLY}

    answers = await at_once(two, [(CREATE, wanted)] * 16)

    assert named(answers) == {"SubscriptionCreated": 1, "AlreadySubscribed": 15}
    (made,) = [answer["subscription"]["id"] for answer in answers if "subscription" in answer]
    assert {answer["subscriptionId"] for answer in answers if "subscriptionId" in answer} == {made}
    assert [each["id"] for each in await two.of(SubscriptionRow)] == [made]


async def test_of_many_first_sights_of_a_customer_one_makes_it(two: Arena) -> None:
    calls = [(UPSERT, {"externalId": "acme", "name": f"Name {number}"}) for number in range(16)]

    answers = await at_once(two, calls)

    assert named(answers) == {"CustomerUpserted": 16}
    assert [answer["created"] for answer in answers].count(True) == 1
    (customer,) = await two.of(CustomerRow)
    assert {answer["customer"]["id"] for answer in answers} == {customer["id"]}
    events = await two.of(EventRow, owner_id=customer["id"])
    assert counted(Counter(each["type"] for each in events)) == {"customer.created": 1, "customer.updated": 15}
    assert sorted(each["seq"] for each in events) == list(range(1, 17))


async def test_many_customers_made_at_once_are_all_there(two: Arena) -> None:
    calls = [(UPSERT, {"externalId": f"customer {number}", "subscription": {"planId": "free"}}) for number in range(12)]

    assert named(await at_once(two, calls)) == {"CustomerUpserted": 12}
    assert len(await two.of(CustomerRow)) == len(await two.of(SubscriptionRow)) == 12


async def test_archiving_and_subscribing_at_once_leave_no_archived_customer_with_a_subscription(two: Arena) -> None:
    for number in range(6):
        ref = {"externalId": f"customer {number}"}
        await two.world.ask(UPSERT, input=ref)
        create, archive = (CREATE, {"customer": ref, "planId": "free"}), (ARCHIVE, {"customer": ref})

        answers = await at_once(two, [create, archive] if number % 2 else [archive, create])

        assert named(answers) in (
            {"SubscriptionCreated": 1, "CustomerHasLiveSubscriptions": 1},
            {"CustomerArchiveDone": 1, "CustomerArchived": 1},
        )


async def test_of_many_overrides_set_at_once_one_stands(two: Arena) -> None:
    await two.customer("acme")
    about = {"customer": {"externalId": "acme"}, "feature": "lfs_bandwidth"}

    answers = await at_once(two, [(OVERRIDE, {**about, "limit": str(number)}) for number in range(12)])

    assert named(answers) == {"OverrideWasSet": 12}
    view = await two.world.ask(
        "query($ref: CustomerRef!) { customer(ref: $ref) { overrides { limit } } }", ref=about["customer"]
    )
    assert len(view["customer"]["overrides"]) == 1


def act(name: str, payload: str) -> str:
    """A document for an act on a subscription."""
    return (
        f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ __typename "
        f"... on {payload} {{ subscription {{ id }} }} ... on UserError {{ code }} }} }}"
    )


CANCEL = act("subscriptionCancel", "SubscriptionCanceled")
KEEP = act("subscriptionCancellationUndo", "SubscriptionCancellationUndone")
DOWN = act("subscriptionDowngrade", "SubscriptionDowngraded")
CHANGE = act("subscriptionChange", "SubscriptionChanged")
OPEN = {
    "SubscriptionCanceled",
    "SubscriptionCancellationUndone",
    "SubscriptionDowngraded",
    "SubscriptionChanged",
    "NoCancellationPending",
    "CancellationPending",
    "PreviewRequired",
    "NothingChanges",
    "ActionNotAllowed",
    "NotADowngrade",
}


async def test_cancelling_keeping_and_changing_at_once_keep_the_rules(two: Arena) -> None:
    subscription = await two.world.subscribed("acme", "team", quantity=5, **MONTHLY)
    this = {"subscriptionId": subscription}
    date = (START + timedelta(days=12)).isoformat()
    acts: list[tuple[str, dict[str, Any]]] = [
        (CANCEL, {**this, "timing": "END_OF_PERIOD"}),
        (CANCEL, {**this, "timing": "ON_DATE", "date": date}),
        (KEEP, this),
        (DOWN, {**this, "planId": "free"}),
        (DOWN, {**this, "planId": "free", "undoCancellation": True}),
        (CHANGE, {**this, "quantity": 3}),
        (CHANGE, {**this, "quantity": 7}),
        (CHANGE, {**this, "addOns": [{"addOnId": "data_pack", "quantity": 2}], "undoCancellation": True}),
    ]
    chance = random.Random(11)
    for _ in range(4):
        answers = await at_once(two, chance.choices(acts, k=16))

        assert set(named(answers)) <= OPEN
        await demand_order(two, subscription)


async def demand_order(two: Arena, subscription: str) -> None:
    """One pending change of a kind and item, columns that agree with them, one number an event."""
    (held,) = await two.of(SubscriptionRow, id=subscription)
    pending = await two.of(ScheduledChangeRow, subscription_id=subscription, status="PENDING")
    assert len({(each["kind"], each["item"]) for each in pending}) == len(pending)
    ends = [each["applies_at"] for each in pending if each["kind"] == "CANCEL"]
    assert ends == ([held["cancel_at"]] if held["cancel_at"] else [])
    open_ = [each for each in await two.of(CancellationRow, subscription_id=subscription) if each["undone_at"] is None]
    assert [each["effective_at"] for each in open_] == ends
    numbers = [each["seq"] for each in await two.of(EventRow, owner_id=held["customer_id"])]
    assert len(set(numbers)) == len(numbers)


async def test_a_test_clock_advanced_from_many_sides_arrives(two: Arena) -> None:
    await two.world.subscribed("acme", "team", **MONTHLY)
    days = [5, 40, 12, 75, 33, 90, 64, 90]
    targets = [START + timedelta(days=number) for number in days]

    answers = await at_once(two, [(ADVANCE, {"to": target.isoformat()}) for target in targets])

    assert set(named(answers)) <= {"TestClockAdvanced", "DateOutOfRange"}
    reached = max(datetime.fromisoformat(each["target"]) for each in answers if "target" in each)
    place = two.world.places["main"].environment.id
    async with two.world.database.reading() as connection:
        assert await Environments(connection).clock(place) == (reached, None)
    (environment,) = await two.of(EnvironmentRow, id=place)
    assert environment["clock_target"] is None
    (held,) = await two.of(SubscriptionRow)
    assert held["period_start"] <= reached < held["period_end"]
    renewals = [each["occurred_at"] for each in await two.of(EventRow, type="subscription.renewed")]
    assert sorted(renewals) == sorted(set(renewals))


async def test_a_step_towards_an_old_target_does_not_forget_the_new_one(one: Arena) -> None:
    world, place = one.world, one.world.places["main"].environment.id
    old, new = START + timedelta(days=1), START + timedelta(days=2)

    async def clock() -> tuple[datetime | None, datetime | None]:
        async with world.database.reading() as connection:
            return await Environments(connection).clock(place)

    await world.advance(old)
    async with world.database.working() as session:
        await Environments(session).aim_clock(place, new)
    await walking._step(world.contexts.cashier, place, START, old)

    assert await clock() == (old, new)
    assert await walking.walk(world.contexts.cashier, place, START) == new
    assert await clock() == (new, None)


async def test_a_key_revoked_meanwhile_is_refused_from_then_on(two: Arena) -> None:
    listed = (await two.world.ask("{ apiKeys { id name } }"))["apiKeys"]
    key = next(each["id"] for each in listed if each["name"] == "page")
    publishable = two.world.places["main"].publishable

    answers = await at_once(two, [(REVOKE, {"id": key})] * 6)

    assert named(answers) == {"ApiKeyRevoked": 6}
    assert len(await two.of(EventRow, type="api_key.revoked")) == 1
    for door in two.doors:
        answer = await door.post("{ plans { key } }", key=publishable)
        assert answer["errors"][0]["extensions"]["code"] == "CREDENTIAL_REVOKED"
