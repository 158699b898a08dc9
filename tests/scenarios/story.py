"""Telling a story in a world: acts with their usual inputs, answers in plain words, events since the last look.

Plain answers leave nulls and empty lists out, write midnights UTC as dates, and name ids by plan, feature or order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from models.stores.environments import Environments
from tests.scenarios import catalogs, documents

if TYPE_CHECKING:
    from billing.policies import SelfServicePolicy
    from tests.world import World

Told: TypeAlias = "dict[str, Any]"
Happened: TypeAlias = "tuple[str, str, str, dict[str, tuple[Any, Any]]]"
"""When, what, by whom (`time`, or the channel of the call), and what changed from what to what."""

ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{26}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
MONTHLY = {"unit": "MONTH"}
YEARLY = {"unit": "YEAR"}
MONEY = ("invoice.", "credit_note.", "balance.")


def instant(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def date(short: str) -> datetime:
    """Read what `plain` writes."""
    return datetime.fromisoformat(short).replace(tzinfo=UTC)


def held(plan: str, period: str, **other: Any) -> Told:
    """Write a monthly subscription in dollars as it is told, with what is different about it; None leaves out."""
    end = period.rpartition(" to ")[2]
    usual = {
        "plan": plan,
        "status": "ACTIVE",
        "state": other.get("status", "ACTIVE"),
        "quantity": 1,
        "currency": "USD",
        "interval": "1 MONTH",
        "startsAt": "2024-01-01",
        "currentPeriod": period,
        "naturalPeriodEnd": end,
        "renewsAt": end,
    }
    return {key: value for key, value in (usual | other).items() if value is not None}


def happened(at: str, kind: str, by: str = "time", **changed: tuple[Any, Any]) -> Happened:
    """Write an event as it is told."""
    return at, kind, by, changed


def renewed(began: str, at: str, until: str) -> Happened:
    """Write a renewal."""
    return happened(at, "subscription.renewed", periodStart=(began, at), periodEnd=(at, until))


def moved(at: str, old: str, new: str, by: str = "time", **also: tuple[Any, Any]) -> Happened:
    """Write a change of plan."""
    plans = {"planId": (old, new), "planVersionId": (f"{old} v1", f"{new} v1")}
    return happened(at, "subscription.plan_changed", by, **plans, **also)


def ended(at: str, by: str = "time", status: str = "ACTIVE", **also: tuple[Any, Any]) -> Happened:
    """Write the end of a subscription: `cancelAt` had said so where time brought it."""
    due = {"cancelAt": (at, None)} if by == "time" else {}
    told = {"status": (status, "CANCELED"), "endedAt": (None, at)} | due | also
    return happened(at, "subscription.canceled", by, **told)


def waits(at: str, name: str = "sch1", quantity: int = 1, **other: Any) -> Told:
    """Write a pending change of plan as it is told."""
    told = {"id": name, "kind": "PLAN_CHANGE", "status": "PENDING", "appliesAt": at, "interval": "1 MONTH"}
    return told | {"quantity": quantity} | other


@dataclass
class Names:
    """Names for ids, given in the order in which they are first met."""

    known: dict[str, str] = field(default_factory=dict[str, str])
    counted: dict[str, int] = field(default_factory=dict[str, int])

    def of(self, found: str) -> str:
        """Name an id."""
        if found not in self.known:
            prefix = found.partition("_")[0]
            self.counted[prefix] = self.counted.get(prefix, 0) + 1
            self.known[found] = f"{prefix}{self.counted[prefix]}"
        return self.known[found]

    def plain(self, value: Any) -> Any:
        """Say an answer plainly."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        return self._object(cast("dict[str, Any]", value)) if isinstance(value, dict) else value

    def _object(self, value: dict[str, Any]) -> Any:
        if set(value) == {"unit", "count"}:
            return f"{value['count']} {value['unit']}"
        if set(value) == {"start", "end"}:
            return f"{self.plain(value['start'])} to {self.plain(value['end'])}"
        if set(value) == {"key"}:
            return value["key"]
        named = {self._text(key): self.plain(each) for key, each in value.items()}
        return {key: each for key, each in named.items() if each not in (None, [], {})}

    def _text(self, text: str) -> str:
        if INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
            return at.date().isoformat() if at.time() == at.min.time() else at.isoformat()
        return ID.sub(lambda found: self.of(found.group()), text)


@dataclass
class Story:
    """A world, the names of what is in it, and how far its events were read."""

    world: World
    names: Names = field(default_factory=Names)
    read: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    given: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    async def begin(cls, world: World) -> Story:
        """Learn the catalog's names."""
        story = cls(world)
        catalog = await world.ask(documents.PLANS)
        for each in (*catalog["plans"], *catalog["addOns"], *catalog["features"]):
            story.names.known[each["id"]] = each["key"]
        context = await world.context()
        async with context.read() as read:
            for add_ons in (False, True):
                for plan in await read.catalog.cards.on_sale(add_ons=add_ons, hidden=True):
                    story.names.known[plan.version_id] = f"{plan.key} v{plan.version}"
        return story

    async def act(self, document: str, *, key: str | None = None, **input: Any) -> Told:
        """Do something and tell the whole answer; `given` keeps the ids that it named.

        Where it has to be shown first, it is asked for again under the token that the refusal has.
        """
        answer = (await self.world.ask(document, key=key, input=_sent(input)))["answer"]
        if answer["__typename"] == "PreviewRequired":
            preview = answer["cancellationPreview"] or answer["cancellationUndoPreview"]
            token = preview["money"]["token"]
            answer = (await self.world.ask(document, key=key, input=_sent({**input, "previewToken": token})))["answer"]
        self._learn(answer)
        told: Told = self.names.plain(answer)
        return told

    async def subscribe(self, external_id: str, plan: str, *, zone: str | None = None, **more: Any) -> str:
        """Subscribe a new customer, by default monthly in dollars, and answer the subscription's id."""
        customer = {"externalId": external_id} | ({"zone": zone} if zone else {})
        await self.world.ask(documents.UPSERT, input=customer)
        return await self.subscribe_also(external_id, plan, **more)

    async def subscribe_also(self, external_id: str, plan: str, **more: Any) -> str:
        """Subscribe a known customer."""
        created = await self.create(external_id, plan, **more)
        assert created["__typename"] == "SubscriptionCreated", created
        context = await self.world.context()
        async with context.read() as read:
            customer = await read.customers.by_external_id(external_id)
            assert customer is not None
            made = (await read.subscriptions.of_customer(customer.id))[-1].id
        await self.events(external_id)
        return made

    async def create(self, external_id: str, plan: str, **more: Any) -> Told:
        """Ask for a subscription and tell the whole answer."""
        terms = {"currency": "USD", "interval": MONTHLY} if plan in ("team", "enterprise") else {}
        asked: dict[str, Any] = {"customer": {"externalId": external_id}, "planId": plan} | terms | more
        return await self.act(documents.CREATE, **asked)

    async def token(self, external_id: str, **more: Any) -> str:
        """Make a customer's token."""
        token = await self.world.token(external_id, **more)
        await self.events(external_id)
        return token

    async def subscription(self, id: str, *, key: str | None = None) -> Told:
        """Tell of a subscription as it is now."""
        told: Told = self.names.plain((await self.world.ask(documents.SUBSCRIPTION, key=key, id=id))["subscription"])
        return told

    async def entitlement(self, external_id: str, feature: str, **more: Any) -> Told:
        """Tell whether a customer may use a feature."""
        asked: dict[str, Any] = {"ref": {"externalId": external_id}, "feature": feature} | _sent(more)
        told: Told = self.names.plain((await self.world.ask(documents.ENTITLEMENT, **asked))["entitlement"])
        return told

    async def may(self, external_id: str, **more: Any) -> dict[str, Any]:
        """Tell in one word each what a customer may use: a value, a limit, yes; what is not given is left out."""
        asked: dict[str, Any] = {"ref": {"externalId": external_id}} | _sent(more)
        found = (await self.world.ask(documents.ENTITLEMENTS, **asked))["entitlements"]
        return {each["featureKey"]: _word(each) for each in found if each["hasAccess"] or each["limit"] is not None}

    async def open_to(self, id: str, audience: str) -> set[str]:
        """Tell which actions are open."""
        listed = (await self.world.ask(documents.ACTIONS, **{"id": id, "as": audience}))["subscription"]
        return {each["kind"] for each in listed["availableActions"] if each["enabled"]}

    async def news(self, external_id: str) -> list[Happened]:
        """Tell what happened to a customer since this was asked last, but for money, which `bills` tells."""
        listed = [each for each in await self.events(external_id) if not each["type"].startswith(MONEY)]
        return [_event(self.names, each) for each in listed]

    async def events(self, external_id: str) -> list[dict[str, Any]]:
        """Read a customer's events since they were read last."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            of: dict[str, Any] = {"customer": {"externalId": external_id}}
            asked: dict[str, Any] = {"filter": of, "after": self.read.get(external_id)}
            page = (await self.world.ask(documents.EVENTS, **asked))["events"]
            found += [edge["node"] for edge in page["edges"]]
            self.read[external_id] = page["pageInfo"]["endCursor"] or self.read.get(external_id)
            more = page["pageInfo"]["hasNextPage"]
        return found

    async def customer_id(self, external_id: str) -> str:
        """Find a customer's id."""
        query = "query($ref: CustomerRef!) { customer(ref: $ref) { id } }"
        found: str = (await self.world.ask(query, ref={"externalId": external_id}))["customer"]["id"]
        return found

    async def catalog(self, written: str) -> None:
        """Publish another catalog beside the one that is there."""
        await catalogs.publish(self.world, catalogs.written(written))

    async def advance(self, to: str | datetime | timedelta) -> None:
        """Move the clock, with the worker's work done on the way."""
        moved = await self.world.advance(date(to) if isinstance(to, str) else to)
        assert moved["__typename"] == "TestClockAdvanced", moved
        assert not moved["running"]

    async def jump(self, to: str | datetime) -> None:
        """Let time pass without a worker."""
        await self.world.jump(date(to) if isinstance(to, str) else to)

    async def policy(self, policy: SelfServicePolicy) -> None:
        """Set what customers may do."""
        async with self.world.database.working() as session:
            await Environments(session).set_policy(self.world.places["main"].environment.id, policy)

    def _learn(self, answer: dict[str, Any]) -> None:
        for name in ("change", "grant", "reservation"):
            if answer.get(name) and "id" in answer[name]:
                self.given[name] = answer[name]["id"]


def _sent(input: dict[str, Any]) -> dict[str, Any]:
    return {key: each.isoformat() if isinstance(each, datetime) else each for key, each in input.items()}


def _event(names: Names, event: dict[str, Any]) -> Happened:
    before, after = names.plain(event["before"]), names.plain(event["after"])
    told = sorted({*before, *after} - {"scheduled"})  # what waits is read from the subscription
    changed = {key: (before.get(key), after.get(key)) for key in told}
    by = "time" if event["cause"] == "AUTOMATIC" else event["channel"]
    return names.plain(event["occurredAt"]), event["type"], by, changed


def _word(entitlement: dict[str, Any]) -> Any:
    if entitlement["value"] is not None:
        return entitlement["value"]
    if entitlement["unlimited"]:
        return "unlimited"
    return True if entitlement["limit"] is None else entitlement["limit"]
