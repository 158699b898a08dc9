"""Customers' lives at full speed: acts of every usual kind over HTTP, each under a key, with what was answered."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Sequence

FEATURE = "lfs_bandwidth"
CALLERS = 6
BESIDE = 4
"""Further callers, who only tell of the first customer's usage: theirs is carried out together."""
SUBSCRIPTIONS = 4
"""How many a customer of the load has at most beside its first."""
WAIT = 20.0
UNCONFIRMED = (
    "The store did not confirm this call",
    "This was done, but its answer cannot be read",
    "No answer within ",
)
UNAVAILABLE = "TEMPORARILY_UNAVAILABLE"
AT_END = {"timing": "END_OF_PERIOD"}
REFUSED = "... on UserError { code message }"


def document(name: str, payload: str, selection: str) -> str:
    """A mutation that asks for the ids and numbers that a replay has to repeat."""
    input_type = f"{name[0].upper()}{name[1:]}Input"
    return (
        f"mutation($input: {input_type}!) {{ {name}(input: $input) "
        f"{{ __typename ... on {payload} {{ {selection} replayed }} {REFUSED} }} }}"
    )


DOCUMENTS = {
    "entitlementConsume": document("entitlementConsume", "EntitlementGranted", "recordId amount used remaining"),
    "usageReport": document("usageReport", "UsageReported", "record { id amount } used remaining"),
    "grantCreate": document("grantCreate", "GrantCreated", "grant { id amount }"),
    "customerUpsert": document("customerUpsert", "CustomerUpserted", "customer { id } created"),
    "subscriptionCreate": document("subscriptionCreate", "SubscriptionCreated", "subscription { id }"),
    "subscriptionChange": document("subscriptionChange", "SubscriptionChanged", "subscription { id } change { id }"),
    "subscriptionCancel": document("subscriptionCancel", "SubscriptionCanceled", "subscription { id } effectiveAt"),
    "subscriptionCancellationUndo": document(
        "subscriptionCancellationUndo", "SubscriptionCancellationUndone", "subscription { id }"
    ),
}
PAYLOADS = {name: text.split("... on ")[1].split(" ")[0] for name, text in DOCUMENTS.items()}
OFTEN = (
    *["entitlementConsume"] * 6, *["usageReport"] * 3, *["grantCreate"] * 2, *["customerUpsert"] * 2,
    *["subscriptionCreate"] * 2, *["subscriptionChange"] * 2, "subscriptionCancel", "subscriptionCancellationUndo",
)  # fmt: skip


USAGE = ("entitlementConsume", "usageReport")


@dataclass
class Act:
    """One call: what was asked under which key, and what was answered; None where no answer came."""

    mutation: str
    input: dict[str, Any]
    answer: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its idempotency key."""
        key: str = self.input["idempotencyKey"]
        return key

    @property
    def done(self) -> bool:
        """Whether it was answered as done."""
        return self.answer is not None and self.answer["__typename"] == PAYLOADS[self.mutation]

    @property
    def unknown(self) -> bool:
        """Whether nobody said what became of it."""
        return self.answer is None or str(self.answer.get("message", "")).startswith(UNCONFIRMED)

    @property
    def nameless(self) -> bool:
        """Whether it was answered by an error that is no refusal by name."""
        answer = self.answer or {}
        return answer.get("__typename") == "Error" and answer["code"] not in {UNAVAILABLE, "DEADLINE"}

    @property
    def refused(self) -> bool:
        """Whether it was answered as not done."""
        return not self.done and not self.unknown


@dataclass
class Caller:
    """One client and the customer of whom it tells; its acts come one after another."""

    name: str
    customer: str
    secret: str
    chance: random.Random
    acts: list[Act] = field(default_factory=list[Act])
    subscriptions: list[str] = field(default_factory=list[str])
    resting: bool = False
    """Whether it acts no more after the act that it is in."""

    async def live(self, address: str) -> None:
        """Act until the gateway is gone, or told to rest."""
        async with client(address, self.secret) as http:
            while not self.resting:
                act = self.next_act()
                self.acts.append(act)
                act.answer = await asked(http, act)
                if act.answer is None:
                    return
                self.learn(act)
                if act.answer.get("code") == UNAVAILABLE:
                    await asyncio.sleep(0.05)

    def next_act(self) -> Act:
        """What it does next."""
        chance = self.chance
        mutation = chance.choice(OFTEN if self.customer == self.name else USAGE)
        if mutation == "subscriptionCreate" and len(self.subscriptions) >= SUBSCRIPTIONS:
            mutation = "subscriptionChange"
        if mutation in {"subscriptionChange", "subscriptionCancel", "subscriptionCancellationUndo"}:
            mutation = mutation if self.subscriptions else "subscriptionCreate"
        key = f"{mutation} {self.name} {len(self.acts)} {chance.getrandbits(40):x}"
        return Act(mutation, {**self._about(mutation), "idempotencyKey": key})

    def learn(self, act: Act) -> None:
        """Remember a subscription that was made."""
        if act.mutation == "subscriptionCreate" and act.done and act.answer is not None:
            self.subscriptions.append(act.answer["subscription"]["id"])

    def _about(self, mutation: str) -> dict[str, Any]:
        chance = self.chance
        of: dict[str, Any] = {"customer": {"externalId": self.customer}}
        amount = f"{chance.randint(1, 2_000) / 1_000:.3f}"
        if mutation == "subscriptionCreate":
            monthly = {"currency": "USD", "interval": {"unit": "MONTH"}, "quantity": chance.randint(1, 9)}
            return {**of, "planId": "team", "resourceId": f"{chance.getrandbits(60):x}", **monthly}
        if mutation == "customerUpsert":
            new = {"externalId": f"{self.name} of {chance.getrandbits(60):x}"}
            return chance.choice((new, {"externalId": self.name, "name": f"{chance.getrandbits(30):x}"}))
        about: dict[str, dict[str, Any]] = {
            "entitlementConsume": {**of, "feature": FEATURE, "amount": amount},
            "usageReport": {**of, "feature": FEATURE, "value": amount},
            "grantCreate": {**of, "feature": FEATURE, "amount": amount, "priority": chance.randint(1, 99)},
        }
        return about[mutation] if mutation in about else self._changed(mutation)

    def _changed(self, mutation: str) -> dict[str, Any]:
        this = {"subscriptionId": self.chance.choice(self.subscriptions)}
        more: dict[str, dict[str, Any]] = {
            "subscriptionChange": {"quantity": self.chance.randint(1, 99)},
            "subscriptionCancel": AT_END,
        }
        return {**this, **more.get(mutation, {})}


def client(address: str, secret: str) -> httpx2.AsyncClient:
    """A client with a connection of its own; no proxy stands between."""
    return httpx2.AsyncClient(
        base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=WAIT, trust_env=False
    )


async def asked(http: httpx2.AsyncClient, act: Act) -> dict[str, Any] | None:
    """Ask; None where no whole answer came."""
    try:
        response = await http.post(
            "/graphql", json={"query": DOCUMENTS[act.mutation], "variables": {"input": act.input}}
        )
    except httpx2.HTTPError:
        return None
    said: dict[str, Any] = response.json()
    if "errors" in said or said.get("data") is None:
        first = said["errors"][0]
        return {"__typename": "Error", "message": first["message"], "code": first["extensions"]["code"]}
    answered: dict[str, Any] = said["data"][act.mutation]
    return answered


async def lives(callers: Sequence[Caller], address: str) -> None:
    """Let all act at once until the gateway is gone, or told to rest."""
    await asyncio.gather(*(each.live(address) for each in callers))


def callers(secret: str, seed: str, names: Sequence[str]) -> list[Caller]:
    """Callers for customers, with chances of their own; of the first customer's usage more tell at the same time."""
    own = [(name, name) for name in names]
    more = [(f"beside {number}", names[0]) for number in range(BESIDE)]
    return [Caller(name, customer, secret, random.Random(f"{seed} {name}")) for name, customer in (*own, *more)]
