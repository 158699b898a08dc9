"""What the reads say of every customer, held in dictionaries: decisions by feature, subscriptions, invoices, plans."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.peers.price_list import METERED, SWITCHES, VALUES
from benchmarks.peers.reading import Caller, Reads

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

FEATURES = (*METERED, *SWITCHES, *VALUES)


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer: what the portal shows, and the decisions by feature."""

    customer: Mapping[str, Any]
    subscriptions: list[Mapping[str, Any]]
    invoices: list[Mapping[str, Any]]
    decisions: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is asked for, by environment and name. Answers are put together for each request."""

    callers: Mapping[str, Caller]
    holders: Mapping[tuple[str, str], Holder]
    plans: Mapping[str, list[Mapping[str, Any]]]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Snapshot:
        """Read everything."""
        reads, now = Reads(connection), time.time_ns() // 1_000
        keys = connection.execute("SELECT digest, environment_id, scopes FROM api_key WHERE revoked_at IS NULL")
        callers = {each: Caller(env, frozenset(orjson.loads(scopes)), now) for each, env, scopes in keys.fetchall()}
        envs = {each.environment: each for each in callers.values()}
        named = connection.execute("SELECT environment_id, external_id FROM customer WHERE archived_at IS NULL")
        holders = {(env, name): _holder(reads, envs[env], name) for env, name in named.fetchall()}
        return cls(callers, holders, {env: reads.catalogue(caller)["plans"] for env, caller in envs.items()})

    def answer(self, path: str, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question."""
        if path == "/catalogue":
            caller.demand("catalog:read")
            return {"plans": self.plans[caller.environment]}
        caller.demand("entitlements:read")
        holder = self.holders[caller.environment, asked["customer"]["externalId"]]
        if path == "/check":
            return {"entitlement": _decision(holder, asked["feature"])}
        for scope in ("customers:read", "subscriptions:read", "invoices:read"):
            caller.demand(scope)
        return {
            "customer": holder.customer,
            "subscriptions": {"edges": [{"node": each} for each in holder.subscriptions]},
            "entitlements": [holder.decisions[each] for each in asked["features"] if each in holder.decisions],
            "invoices": {"edges": [{"node": each} for each in holder.invoices]},
        }


def _decision(holder: Holder, feature: str) -> dict[str, Any]:
    found = holder.decisions[feature]
    return {"hasAccess": found["hasAccess"], "used": found["used"], "limit": found["limit"]}


def _holder(reads: Reads, caller: Caller, name: str) -> Holder:
    shown = reads.portal(caller, name, FEATURES)
    return Holder(
        shown["customer"],
        [each["node"] for each in shown["subscriptions"]["edges"]],
        [each["node"] for each in shown["invoices"]["edges"]],
        {each["featureKey"]: each for each in shown["entitlements"]},
    )
