"""An import is checked whole, kept in batches, and adds nothing twice, whatever kills it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models.rows import rows
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import GrantRow, UsageRow
from models.tables.job import ImportedRow
from models.tables.journal import EventRow
from models.tables.subscription import SubscriptionRow
from plangate.importing.running import check_file, keep_file
from plangate.problems import UserProblem
from tests.plangate.importing import base, customer, grant, subscription, usage, write
from tests.scenarios.scheduling import CREATE as SCHEDULE
from tests.told import every_event_fits
from tests.world import World

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from models.session import Database

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "imports" / "base.jsonl"
TABLES = (CustomerRow, SubscriptionRow, UsageRow, GrantRow, ImportedRow)
HELD = """query($ref: CustomerRef!) { customer(ref: $ref) { kind subscriptions { edges { node {
  externalId status state plan { key version } quantity startsAt trialEnd cancelAt renewsAt
  currentPeriod { start end } addOns { plan { key } quantity } } } } } }"""
MAY = """query($ref: CustomerRef!) { entitlement(customer: $ref, feature: "lfs_bandwidth") {
  ... on Entitlement { used limit remaining } } }"""


SEATS = """mutation($id: ID!) { subscriptionChange(input: {subscriptionId: $id, quantity: 4}) { __typename } }"""
BILLS = """query($ref: CustomerRef!) { customer(ref: $ref) { subscriptions { edges { node { id } } } }
  invoices(filter: {customer: $ref}) { edges { node { lines { net { amount } } } } } }"""


async def _id(world: World, name: str) -> str:
    found = await world.ask(BILLS, ref={"externalId": name})
    made: str = found["customer"]["subscriptions"]["edges"][0]["node"]["id"]
    return made


async def _bills(world: World, name: str) -> list[list[str]]:
    found = (await world.ask(BILLS, ref={"externalId": name}))["invoices"]["edges"]
    return [[line["net"]["amount"] for line in each["node"]["lines"]] for each in reversed(found)]


async def _number(database: Database, row: type[SQLModel]) -> int:
    async with database.reading() as connection:
        return len(await rows(connection, select(table(row))))


async def _events(database: Database, kind: str) -> Counter[str]:
    wanted = select(table(EventRow).c.subject_id).where(table(EventRow).c.type == kind)
    async with database.reading() as connection:
        return Counter(each["subject_id"] for each in await rows(connection, wanted))


async def _checked(world: World, file: Path) -> list[tuple[int, str]]:
    """What is wrong with a file; nothing was written."""
    wrong: list[tuple[int, str]] = []
    before = [await _number(world.database, each) for each in TABLES]
    checked = await check_file(await world.context(), file, lambda number, said: wrong.append((number, said)))
    assert checked.wrong == len({number for number, _ in wrong})
    assert [await _number(world.database, each) for each in TABLES] == before
    return wrong


async def _kept(world: World, file: Path) -> dict[str, int]:
    """Check and keep a file that is right."""
    assert await _checked(world, file) == []
    counted = await keep_file(await world.context(), file, lambda _: None)
    return {kind: number for kind, number in counted.items() if number}


async def _held(world: World, name: str) -> Any:
    found = (await world.ask(HELD, ref={"externalId": name}))["customer"]
    return [edge["node"] for edge in found["subscriptions"]["edges"]]


async def test_the_example_is_imported_and_stands_where_time_has_brought_it(database: Database) -> None:
    world = await World.begin(database)

    assert await _kept(world, EXAMPLE) == {"customer": 2, "subscription": 2, "usage": 1, "grant": 1, "lines": 6}
    again = await _kept(world, EXAMPLE)

    assert again == {"already": 6, "lines": 6}
    (acme,) = await _held(world, "acme")
    assert acme == {
        "externalId": "acme-main",
        "status": "ACTIVE",
        "state": "ACTIVE",
        "plan": {"key": "team", "version": 1},
        "quantity": 12,
        "startsAt": "2019-03-14T23:00:00Z",
        "trialEnd": None,
        "cancelAt": None,
        "renewsAt": "2024-01-14T23:00:00Z",
        "currentPeriod": {"start": "2023-12-14T23:00:00Z", "end": "2024-01-14T23:00:00Z"},
        "addOns": [{"plan": {"key": "data_pack"}, "quantity": 2}],
    }
    assert await every_event_fits(database)
    (imported,) = Counter((await _events(database, "subscription.imported")).values()).items()
    assert imported == (1, 2)
    assert await _events(database, "subscription.renewed") == {}

    await world.advance(world.clock.at.replace(day=20))

    assert (await _held(world, "acme"))[0]["currentPeriod"]["start"] == "2024-01-14T23:00:00Z"
    assert len(await _events(database, "subscription.renewed")) == 1


async def test_what_it_means_at_the_import_follows_from_the_dates(sqlite_database: Database, tmp_path: Path) -> None:
    world = await World.begin(sqlite_database)
    team = {"plan": "team", "currency": "USD", "interval": {"unit": "MONTH"}}
    lines = [
        customer("a"),
        subscription("later", "a", startsAt="2024-03-01T00:00:00Z", resource="1"),
        subscription("trying", "a", startsAt="2023-12-20T00:00:00Z", trialEnd="2024-01-19T00:00:00Z", resource="2"),
        subscription("tried", "a", startsAt="2023-11-20T00:00:00Z", trialEnd="2023-12-20T00:00:00Z", resource="3"),
        subscription("billed", "a", billedUntil="2024-01-25T00:00:00Z", resource="4", **team),
        subscription("leaving", "a", cancelAt="2024-01-05T00:00:00Z", resource="5", **team),
    ]

    await _kept(world, write(tmp_path / "f.jsonl", lines))

    told = {
        each["externalId"]: (each["status"], each["state"], *each["currentPeriod"].values(), each["cancelAt"])
        for each in await _held(world, "a")
    }
    assert {name: tuple(part and part.replace("T00:00:00Z", "") for part in each) for name, each in told.items()} == {
        "later": ("NOT_STARTED", "NOT_STARTED", "2024-03-01", "2024-04-01", None),
        "trying": ("TRIALING", "TRIALING", "2023-12-20", "2024-01-19", None),
        "tried": ("ACTIVE", "ACTIVE", "2023-12-20", "2024-01-20", None),
        "billed": ("ACTIVE", "ACTIVE", "2023-12-25", "2024-01-25", None),
        "leaving": ("ACTIVE", "PENDING_CANCELLATION", "2023-12-10", "2024-01-05", "2024-01-05"),
    }
    create = """mutation($input: SubscriptionCreateInput!) { subscriptionCreate(input: $input) {
      ... on UserError { code } } }"""
    asked = {"customer": {"externalId": "a"}, "planId": "enterprise", "resourceId": "9", "trialDays": 5}
    refused = await world.ask(create, input={**asked, "currency": "USD", "interval": {"unit": "MONTH"}})
    assert refused == {"subscriptionCreate": {"code": "TRIAL_ALREADY_USED"}}


async def test_what_was_billed_elsewhere_is_not_billed_again_and_given_back_when_changed(
    database: Database, tmp_path: Path
) -> None:
    world = await World.begin(database)
    team = {"plan": "team", "currency": "USD", "interval": {"unit": "MONTH"}, "quantity": 2}
    lines = [customer("acme"), subscription("s", "acme", **team, startsAt="2023-12-17T00:00:00Z")]
    assert (await _kept(world, write(tmp_path / "base.jsonl", lines)))["subscription"] == 1
    assert await _bills(world, "acme") == []

    changed = await world.ask(SEATS, id=await _id(world, "acme"))
    assert changed["subscriptionChange"]["__typename"] == "SubscriptionChanged"
    await world.advance(datetime(2024, 1, 18, tzinfo=UTC))

    half = ["-4.13", "8.26"]  # two and then four seats of 4.00, for 16 of 31 days
    assert await _bills(world, "acme") == [half, ["16.00", "0.00"]]


async def test_a_phase_within_the_imported_period_gives_back_what_was_billed_elsewhere(  # C9
    sqlite_database: Database, tmp_path: Path
) -> None:
    world = await World.begin(sqlite_database)
    team = {"plan": "team", "currency": "USD", "interval": {"unit": "MONTH"}, "quantity": 2}
    lines = [customer("acme"), subscription("s", "acme", **team, startsAt="2023-12-17T00:00:00Z")]
    await _kept(world, write(tmp_path / "base.jsonl", lines))
    present = {"endsAt": "2024-01-09T00:00:00Z"}

    asked = {"subscriptionId": await _id(world, "acme"), "present": present, "phases": [{"quantity": 4}]}
    made = await world.ask(SCHEDULE, input=asked)
    assert made["answer"]["__typename"] == "SubscriptionScheduleCreated"
    await world.advance(datetime(2024, 1, 18, tzinfo=UTC))

    cut = [
        "-2.06",
        "4.13",
        "16.00",
        "0.00",
    ]  # two and then four seats of 4.00, for 8 of 31 days, and the month after them
    assert await _bills(world, "acme") == [cut]


async def test_an_import_says_the_billing_mode_and_a_date_that_is_pending_is_the_anchor(  # C19
    sqlite_database: Database, tmp_path: Path
) -> None:
    world = await World.begin(sqlite_database)
    dates = {"startsAt": "2023-12-17T00:00:00Z", "cancelAt": "2024-01-10T00:00:00Z"}
    lines = [customer("acme"), subscription("s", "acme", **dates, billingMode="CLASSIC")]

    await _kept(world, write(tmp_path / "base.jsonl", lines))

    query = "query($id: ID!) { subscription(id: $id) { billingMode anchor } }"
    told = (await world.ask(query, id=await _id(world, "acme")))["subscription"]
    assert told == {"billingMode": "CLASSIC", "anchor": "2024-01-10T00:00:00Z"}


async def test_imported_usage_counts_in_its_window_and_grants_stand(sqlite_database: Database, tmp_path: Path) -> None:
    world = await World.begin(sqlite_database)
    lines = [
        customer("a"),
        subscription("s", "a"),
        usage("old", "a", occurredAt="2023-12-01T00:00:00Z", amount="4"),
        usage("new", "a", occurredAt="2023-12-20T00:00:00Z", amount="3"),
        grant("g", "a", startsAt="2023-12-01T00:00:00Z"),
    ]

    await _kept(world, write(tmp_path / "f.jsonl", lines))

    assert (await world.ask(MAY, ref={"externalId": "a"}))["entitlement"]["used"] == "3"
    assert await _events(world.database, "entitlement.threshold_reached") == {}


WRONG: list[tuple[dict[str, Any] | str | bytes, str]] = [
    ("{", "This is not JSON."),
    (b'{"type": "customer", "externalId": "\xff"}', "This is not UTF-8: byte 37."),
    ("[]", "Input should be an object."),
    ('{"type": "invoice"}', "`type` is customer, subscription, usage or grant."),
    ({"type": "customer"}, "externalId: Field required."),
    (customer("x1", colour="red"), "colour: Extra inputs are not permitted."),
    (customer("x2", email="nobody"), "email: This is not an e-mail address."),
    (customer("x3", zone="Mars/Olympus"), "zone: Give a time zone by name, such as Europe/Berlin."),
    (customer("a"), "externalId: This externalId is in the file above."),
    (subscription("s1", "nobody"), "customer: There is no such Customer here."),
    (subscription("s2", "a", plan="gold"), "plan: There is no such Plan here."),
    (subscription("s3", "a", plan="data_pack"), "plan: This is an add-on: list it in `addOns`."),
    (
        subscription("s4", "a", plan="team", currency="CHF", interval={"unit": "MONTH"}),
        "currency: Choose one currency and interval among those that the plan has.",
    ),
    (subscription("s5", "a", startsAt="1900-01-01T00:00:00Z"), "startsAt: This must lie from "),
    (subscription("s6", "a", startsAt="2023-06-01"), "startsAt: Input should have timezone info."),
    (
        subscription("s7", "a", cancelAt="2023-07-01T00:00:00Z"),
        "cancelAt: It has ended: leave ended subscriptions out.",
    ),
    (subscription("s8", "a", billedUntil="2023-12-01T00:00:00Z"), "billedUntil: This is over: "),
    (
        subscription("s9", "a", anchor="2023-01-15T00:00:00Z", billedUntil="2024-01-20T00:00:00Z"),
        "billedUntil: By its anchor the present period ends 2024-01-15T00:00:00+00:00: give that, or another anchor.",
    ),
    (subscription("s10", "a", quantity=0), "quantity: `quantity` is a whole number from 1 to 1000000."),
    (usage("u1", "a", amount="much"), "amount: "),
    (usage("u2", "a", feature="support"), "feature: support is CONFIG: only metered features have usage."),
    (usage("u3", "a", occurredAt="2030-01-01T00:00:00Z"), "occurredAt: This must lie from "),
    (grant("g1", "a", amount=None), "amount: `amount` goes with metered features, and with no others."),
    (grant("g2", "a", expiresAt="2023-01-01T00:00:00Z"), "expiresAt: This must lie from "),
]


async def test_everything_that_is_wrong_is_told_by_line_and_nothing_is_written(
    sqlite_database: Database, tmp_path: Path
) -> None:
    world = await World.begin(sqlite_database)
    lines = [customer("a"), *(line for line, _ in WRONG), subscription("one", "a"), subscription("two", "a")]

    wrong = await _checked(world, write(tmp_path / "f.jsonl", lines))

    last = (len(WRONG) + 3, "plan: The file has a subscription of this product and resource above.")
    assert [number for number, _ in wrong] == [*range(2, len(WRONG) + 2), last[0]]
    assert wrong[-1] == last
    assert [(said, told) for (_, told), (_, said) in zip(WRONG, wrong, strict=False) if not said.startswith(told)] == []


async def test_nothing_is_read_after_a_line_that_is_too_long(sqlite_database: Database, tmp_path: Path) -> None:
    world = await World.begin(sqlite_database)
    file = write(tmp_path / "f.jsonl", [customer("a"), customer("x" * 70_000), "{"])

    told = "The line is longer than 65536 bytes; nothing after it was read."
    assert await _checked(world, file) == [(2, told)]
    assert await _checked(world, Path("/dev/zero")) == [(1, told)]


async def test_what_the_environment_has_is_left_as_it_is(sqlite_database: Database, tmp_path: Path) -> None:
    world = await World.begin(sqlite_database)
    await world.subscribed("a", "free")
    file = write(tmp_path / "f.jsonl", [customer("a", country="FR"), subscription("s", "a")])

    assert await _checked(world, file) == [(2, "plan: The customer has a subscription of this product and resource.")]
    assert await _kept(world, write(tmp_path / "g.jsonl", [customer("a", country="FR")])) == {
        "already": 1,
        "lines": 1,
    }
    async with world.database.reading() as connection:
        (found,) = await rows(connection, select(table(CustomerRow)))
    assert found["country"] is None


async def test_killed_half_way_and_run_again_it_brings_each_line_in_once(database: Database, tmp_path: Path) -> None:
    world = await World.begin(database)
    file = write(tmp_path / "f.jsonl", base(150))
    settings = {"PLANGATE_DATABASE_URL": database.url, "PLANGATE_SECRET": "s" * 40}
    asked = [sys.executable, "-m", "plangate", "import", str(file), "--environment", "main"]

    running = await asyncio.create_subprocess_exec(*asked, cwd=ROOT, env={**os.environ, **settings}, stderr=DEVNULL)
    try:
        async with asyncio.timeout(60):
            while not await _number(database, ImportedRow):
                assert running.returncode is None
                await asyncio.sleep(0.01)
    finally:
        running.kill()
        await running.wait()
    half = await _number(database, ImportedRow)
    assert 0 < half < 600

    second = await asyncio.create_subprocess_exec(*asked, cwd=ROOT, env={**os.environ, **settings}, stdout=DEVNULL)

    assert await second.wait() == 0
    assert [await _number(database, each) for each in TABLES] == [150, 150, 150, 150, 600]
    assert Counter((await _events(database, "subscription.imported")).values()) == {1: 150}
    assert await _kept(world, file) == {"already": 600, "lines": 600}


@pytest.mark.parametrize("name", ["nothing.jsonl", "."])
async def test_a_file_that_cannot_be_read_is_said(name: str, sqlite_database: Database, tmp_path: Path) -> None:
    world = await World.begin(sqlite_database)
    with pytest.raises(UserProblem, match="cannot be read"):
        await _checked(world, tmp_path / name)
