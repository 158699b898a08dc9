"""Random lives: what a customer and a merchant do one after the other, and how it is told afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st
from sqlalchemy import select

from models.rows import rows as all_rows
from models.tables import (
    BalanceRow,
    CancellationRow,
    GrantRow,
    InvoiceLineRow,
    InvoiceRow,
    OverrideRow,
    ScheduledChangeRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
    SubscriptionScheduleRow,
    UsageRow,
)
from models.tables.base import table
from tests.scenarios import documents, scheduling
from tests.scenarios.story import Names, Story, instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlmodel import SQLModel

    from tests.scenarios.story import Told
    from tests.world import World

Act: TypeAlias = "tuple[str, dict[str, Any]]"
"""What is done; `days` in it are counted from the moment it is done."""
Life: TypeAlias = "list[tuple[str, Act]]"
"""What is waited for, and what is done then."""
Wait: TypeAlias = "Callable[[Story, datetime], Awaitable[None]]"
"""How time passes."""

ACME = {"externalId": "acme"}
FEATURES = [
    "seats",
    "lfs_bandwidth",
    "lfs_storage",
    "actions_minutes",
    "saml_sso",
    "code_owners",
    "support",
    "uptime_promise",
    "secret_protection",
]
WAITS = {
    "nothing": timedelta(),
    "an hour": timedelta(hours=1),
    "days": timedelta(days=4, hours=5),
    "a fortnight": timedelta(days=14),
    "a month": timedelta(days=31),
    "a season": timedelta(days=95),
}
ROWS: dict[type[SQLModel], tuple[str, ...]] = {
    SubscriptionRow: ("id",),
    SubscriptionItemRow: ("subscription_id", "add_on", "plan_id", "price_id"),
    ScheduledChangeRow: ("id",),
    SubscriptionScheduleRow: ("id",),
    InvoiceRow: ("id",),
    InvoiceLineRow: ("id",),
    SubscriptionHistoryRow: ("subscription_id", "seq"),
    CancellationRow: ("id",),
    GrantRow: ("id",),
    OverrideRow: ("id",),
    UsageRow: ("seq",),
    BalanceRow: ("feature_id", "scope"),
}
UNTOLD = {"recorded_at", "seq", "environment_id", "facts"}
LOOK = (
    """query($id: ID!, $ref: CustomerRef!, $features: [String!]) {
  subscription(id: $id) { ...Told
    merchant: availableActions(as: MERCHANT) { kind enabled reasonCode }
    customer: availableActions(as: CUSTOMER) { kind enabled reasonCode } }
  entitlements(customer: $ref, features: $features) { ...Entitled }
  customer(ref: $ref) { grants { id used amount } overrides { id limit revoked } }
  all: subscriptions(orderBy: CREATED_ASC) { edges { node { state } } }
  active: subscriptions(filter: {state: ACTIVE}, orderBy: CREATED_ASC) { edges { node { id } } }
  ending: subscriptions(filter: {state: PENDING_CANCELLATION}, orderBy: CREATED_ASC) { edges { node { id } } }
  team: subscriptions(filter: {planKey: "team"}, orderBy: CREATED_ASC) { edges { node { id } } } }
fragment Entitled on Entitlement {
  featureKey hasAccess reason used limit unlimited hard remaining overBy allowanceLeft windowStart resetsAt value
  validUntil }"""
    + documents.TOLD
)
NODES = """query($id: ID!) { node(id: $id) { ... on ScheduledChange { ...Change } } }""" + documents.CHANGES


def _acts() -> st.SearchStrategy[Act]:
    plans = st.sampled_from(["free", "team", "enterprise", "empty"])
    quantities = st.integers(1, 6)
    packs = st.integers(0, 2).map(lambda n: [{"addOnId": "data_pack", "quantity": n}] if n else [])
    timings = st.sampled_from([None, None, None, "IMMEDIATE", "END_OF_PERIOD"])
    undo = st.booleans()
    days = st.sampled_from([1, 10, 27, 31, 60])
    change = {"timing": timings, "undoCancellation": undo}
    return st.one_of(
        st.tuples(st.just("downgrade"), st.fixed_dictionaries({"planId": plans, **change})),
        st.tuples(st.just("change"), st.fixed_dictionaries({"planId": plans, "quantity": quantities, **change})),
        st.tuples(st.just("change"), st.fixed_dictionaries({"quantity": quantities, **change})),
        st.tuples(st.just("change"), st.fixed_dictionaries({"addOns": packs, "undoCancellation": undo})),
        st.tuples(
            st.just("change"),
            st.fixed_dictionaries({"interval": st.sampled_from([{"unit": "MONTH"}, {"unit": "YEAR"}]), **change}),
        ),
        st.tuples(st.just("cancel"), st.fixed_dictionaries({"timing": st.just("END_OF_PERIOD")})),
        st.tuples(st.just("cancel"), st.fixed_dictionaries({"timing": st.just("ON_DATE"), "days": days})),
        st.tuples(st.just("cancel"), st.fixed_dictionaries({"timing": st.just("IMMEDIATE")})),
        st.tuples(st.just("undo"), st.just(dict[str, Any]())),
        st.tuples(st.just("undo change"), st.just(dict[str, Any]())),
        st.tuples(st.just("grant"), st.fixed_dictionaries({"amount": st.just("40"), "days": days})),
        st.tuples(st.just("override"), st.fixed_dictionaries({"limit": st.just("60"), "days": days})),
        st.tuples(st.just("consume"), st.fixed_dictionaries({"amount": st.sampled_from(["1", "9", "200"])})),
        st.tuples(st.just("again"), st.fixed_dictionaries({"planId": plans})),
        st.tuples(
            st.just("schedule"),
            st.fixed_dictionaries(
                {"phases": st.lists(_phases(), min_size=1, max_size=3), "undoCancellation": undo},
                optional={"endBehavior": st.just("CANCEL")},
            ),
        ),
    )


def _phases() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"lasts": st.integers(1, 2).map(lambda cycles: {"cycles": cycles})},
        optional={
            "planId": st.sampled_from(["free", "team", "enterprise"]),
            "quantity": st.integers(1, 6),
            "anchor": st.just("PHASE_START"),
            "prorationBehavior": st.sampled_from(["NONE", "ALWAYS_INVOICE"]),
        },
    )


def lives(most: int = 6) -> st.SearchStrategy[Life]:
    """Lives of a few acts, begun by a subscription."""
    begun = st.tuples(
        st.just("nothing"),
        st.tuples(
            st.just("again"),
            st.fixed_dictionaries(
                {"planId": st.sampled_from(["team", "enterprise", "free"]), "quantity": st.integers(1, 5)},
                optional={"startsDays": st.sampled_from([5, 40]), "billingMode": st.just("CLASSIC")},
            ),
        ),
    )
    waits = st.sampled_from([*WAITS, "the end of the period"])
    acts = st.lists(st.tuples(waits, _acts()), min_size=2, max_size=most)
    return st.tuples(begun, acts).map(lambda life: [life[0], *life[1]])


@dataclass
class Player:
    """Plays a life in a world, and keeps every answer on the way."""

    story: Story
    wait: Wait
    subscription: str | None = None
    answers: list[Any] = field(default_factory=list[Any])
    seen: dict[str, Any] = field(default_factory=dict[str, Any])

    async def play(self, life: Life) -> None:
        """Wait, look, act, look, for each step."""
        for waited, act in life:
            await self.wait(self.story, await self.later(waited))
            await self.look()
            self.answers.append(await self.act(*act))
            await self.look()

    async def now(self) -> datetime:
        """The instant at which the world stands."""
        return (await self.story.world.context()).at

    async def later(self, waited: str) -> datetime:
        """The instant until which is waited."""
        now = await self.now()
        if waited in WAITS:
            return now + WAITS[waited]
        if self.subscription is None:
            return now
        told = await self.story.world.ask(documents.SUBSCRIPTION, id=self.subscription)
        return max(now, datetime.fromisoformat(told["subscription"]["naturalPeriodEnd"]))

    async def look(self) -> None:
        """Ask everything, and remember what the entitlements were at this instant."""
        if self.subscription is None:
            return
        asked: dict[str, Any] = {"id": self.subscription, "ref": ACME, "features": FEATURES}
        told = await self.story.world.ask(LOOK, **asked)
        self.answers.append(self.story.names.plain(told))
        self.seen[(await self.now()).isoformat()] = told["entitlements"]
        for id, name in list(self.story.names.known.items()):
            if name.startswith("sch"):
                self.answers.append(self.story.names.plain(await self.story.world.ask(NODES, id=id)))

    async def act(self, kind: str, given: dict[str, Any]) -> Told:
        """Do one thing and tell the answer."""
        asked = {key: each for key, each in given.items() if each is not None}
        ends = (await self.now()) + timedelta(days=asked.pop("days", 0))
        if kind == "again":
            return await self.begin(asked)
        if kind == "grant":
            return await self.story.act(
                documents.GRANT, customer=ACME, feature="lfs_bandwidth", expiresAt=ends, **asked
            )
        if kind == "override":
            return await self.story.act(
                documents.OVERRIDE, customer=ACME, feature="lfs_bandwidth", endsAt=ends, **asked
            )
        if kind == "consume":
            key = self.story.world.fresh_key()
            of: dict[str, Any] = {"customer": ACME, "feature": "lfs_bandwidth", "idempotencyKey": key}
            return await self.story.act(documents.CONSUME, **of, **asked)
        if kind == "undo change":
            change = self.story.given.get("change")
            return await self.story.act(documents.UNDO_CHANGE, id=change) if change else {}
        if kind == "cancel" and asked["timing"] == "ON_DATE":
            asked["date"] = ends
        return await self.story.act(DOCUMENTS[kind], subscriptionId=self.subscription, **asked)

    async def begin(self, asked: dict[str, Any]) -> Told:
        """Subscribe, for the first time or again."""
        starts = asked.pop("startsDays", None)
        if starts is not None:
            asked["startsAt"] = (await self.now()) + timedelta(days=starts)
        answer = await self.story.create("acme", asked.pop("planId"), **asked)
        if answer["__typename"] == "SubscriptionCreated":
            context = await self.story.world.context()
            async with context.read() as read:
                customer = await read.customers.by_external_id("acme")
                assert customer is not None
                self.subscription = (await read.subscriptions.of_customer(customer.id))[-1].id
        return answer


DOCUMENTS = {
    "downgrade": documents.DOWNGRADE,
    "change": documents.CHANGE,
    "cancel": documents.CANCEL,
    "undo": documents.UNDO,
    "schedule": scheduling.CREATE,
}


@dataclass(frozen=True)
class Lived:
    """What a life left behind: answers on the way, events, rows, and what was seen at which instant."""

    answers: list[Any]
    events: list[Any]
    rows: dict[str, list[Any]]
    seen: dict[str, Any]
    then: dict[str, Any]


async def lived(world: World, life: Life, wait: Wait, until: timedelta) -> Lived:
    """Play a life, wait until nothing more is expected, let the worker finish, and tell what there is."""
    story = await Story.begin(world)
    await story.act(documents.UPSERT, externalId="acme")
    player = Player(story, wait)
    await player.play(life)
    await wait(story, (await player.now()) + until)
    await player.look()
    then = {at: await _at(story, at) for at in player.seen}
    await world.worker().catch_up()
    await player.look()
    events = await story.events("acme")
    told = [{key: each for key, each in event.items() if key not in _OF_THE_RUN} for event in events]
    return Lived(player.answers, story.names.plain(told), await rows(world, story.names), player.seen, then)


_OF_THE_RUN = {"sequence", "position", "recordedAt", "ownerId"}


async def _at(story: Story, at: str) -> Any:
    asked: dict[str, Any] = {"ref": ACME, "features": FEATURES, "at": at}
    return (await story.world.ask(ENTITLED_AT, **asked))["entitlements"]


ENTITLED_AT = """query($ref: CustomerRef!, $features: [String!], $at: Instant) {
  entitlements(customer: $ref, features: $features, at: $at) {
    featureKey hasAccess reason used limit unlimited hard remaining overBy allowanceLeft windowStart resetsAt value
    validUntil } }"""


async def rows(world: World, names: Names) -> dict[str, list[Any]]:
    """Read every row about subscriptions, in the order of creation, without what belongs to the run."""
    found: dict[str, list[Any]] = {}
    async with world.database.reading() as connection:
        for of, order in ROWS.items():
            columns = table(of)
            listed = await all_rows(connection, select(columns).order_by(*(columns.c[name] for name in order)))
            found[of.__name__] = [_told(dict(each), names) for each in listed]
    return found


def _told(row: dict[str, Any], names: Names) -> dict[str, Any]:
    told: dict[str, Any] = {key: each.isoformat() if isinstance(each, datetime) else each for key, each in row.items()}
    if "price_id" in told:
        told.pop("id")
    facts: dict[str, Any] = row.get("facts", {})
    told |= {f"fact {key}": each for key, each in facts.items()}
    plain: dict[str, Any] = names.plain({key: each for key, each in told.items() if key not in UNTOLD})
    return plain


async def by_the_clock(story: Story, to: datetime) -> None:
    """Wait with a worker at work."""
    await story.advance(to)


async def in_steps(story: Story, to: datetime) -> None:
    """Wait with a worker at work, with stops on the way."""
    now = (await story.world.context()).at
    for part in (7, 3):
        await story.advance(now + (to - now) / part)
    await story.advance(to)


async def alone(story: Story, to: datetime) -> None:
    """Wait while no worker runs."""
    await story.jump(max(to, instant(2024)))
