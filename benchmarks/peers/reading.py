"""The three answers read by hand out of SQLite: statements, rows, dictionaries."""

from __future__ import annotations

import sqlite3
import time
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from benchmarks.peers.deciding import ALWAYS, About, Give, decided, put_beside
from benchmarks.peers.statements import (
    BESIDE,
    CUSTOMER,
    FEATURES,
    GIVES,
    INVOICES,
    KEY,
    LEDGER,
    LIMITS,
    PLANS,
    PRICES,
    SUBSCRIPTIONS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers.deciding import Ledger, Window

CACHED = 200
LIVING = ("ACTIVE", "TRIALING")
PRAGMAS = ("cache_size = -65536", "mmap_size = 268435456")
"""What guides tell whoever reads much: without it, most pages are fetched anew from the system."""


class Refused(Exception):  # noqa: N818  (it is an answer)
    """The credential is unknown, or may not."""


class Caller(NamedTuple):
    """Who asks: the environment, what the key may, and what time it is there, in microseconds."""

    environment: str
    scopes: frozenset[str]
    now: int

    def demand(self, scope: str) -> None:
        """Refuse who may not."""
        if "*" not in self.scopes and scope not in self.scopes:
            raise Refused(scope)


def place(file: str) -> str:
    """Name the file so that it is only read."""
    return f"file:{file}?mode=ro"


def opened(file: str) -> sqlite3.Connection:
    """Open the file for reading."""
    found = sqlite3.connect(place(file), uri=True, isolation_level=None, cached_statements=CACHED)
    for each in PRAGMAS:
        found.execute(f"PRAGMA {each}")
    return found


@cache
def listing(statement: str, name: str, size: int) -> str:
    """Write a statement for a list of so many."""
    return statement.replace(f"{{{name}}}", ", ".join("?" * size))


class Reads:
    """The reads of one connection; each method is one answer, in one snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read by this connection."""
        self._connection = connection

    def answer(self, path: str, secret: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Look the key up and answer; raises `Refused`."""
        run = self._connection.execute
        run("BEGIN")
        try:
            caller = self.caller(secret)
            if path == "/check":
                return self.check(caller, asked["customer"]["externalId"], asked["feature"])
            if path == "/portal":
                return self.portal(caller, asked["customer"]["externalId"], asked["features"])
            return self.catalogue(caller)
        finally:
            run("COMMIT")

    def caller(self, secret: str) -> Caller:
        """Resolve a key to its environment and scopes."""
        found = self._connection.execute(KEY, (sha256(secret.encode()).hexdigest(),)).fetchone()
        if found is None or found[2] is not None:
            raise Refused
        return Caller(found[0], frozenset(orjson.loads(found[1])), found[3] or time.time_ns() // 1_000)

    def check(self, caller: Caller, customer: str, feature: str) -> dict[str, Any]:
        """Decide about one feature."""
        caller.demand("entitlements:read")
        found = self._connection.execute(LIMITS, (feature, caller.environment, customer)).fetchall()
        about, customer_id = _about(found[0]), found[0][-1]
        for row in found:
            if row[17] is not None:
                about.give(Give(*row[7:17]))
        self._put_beside({about.feature_id: about}, customer_id, caller.now)
        return {"entitlement": decided(about, self._ledger_of(customer_id))}

    def portal(self, caller: Caller, customer: str, features: Sequence[str]) -> dict[str, Any]:
        """Put a portal's document together."""
        for scope in ("customers:read", "subscriptions:read", "entitlements:read", "invoices:read"):
            caller.demand(scope)
        run = self._connection.execute
        id_, external, name = run(CUSTOMER, (caller.environment, customer)).fetchone()
        items = run(SUBSCRIPTIONS, (id_,)).fetchall()
        held = list({each[0]: each[:4] for each in items}.values())[:2]
        of = self._abouts(caller, id_, items, features)
        ledger = self._ledger_of(id_)
        return {
            "customer": {"id": id_, "externalId": external, "name": name},
            "subscriptions": {
                "edges": [
                    {"node": {"id": each, "status": status, "plan": {"key": key, "name": plan}}}
                    for each, status, key, plan in held
                ]
            },
            "entitlements": [{"featureKey": each, **decided(of[each], ledger)} for each in features if each in of],
            "invoices": {
                "edges": [
                    {"node": {"id": each, "number": number, "status": status}}
                    for each, number, status in run(INVOICES, (id_,))
                ]
            },
        }

    def catalogue(self, caller: Caller) -> dict[str, Any]:
        """List the plans on sale."""
        caller.demand("catalog:read")
        run = self._connection.execute
        plans = run(PLANS, (caller.environment,)).fetchall()
        versions = [each[0] for each in plans]
        prices: dict[str, list[dict[str, Any]]] = {each: [] for each in versions}
        gives: dict[str, list[dict[str, Any]]] = {each: [] for each in versions}
        for version, key, currency in run(listing(PRICES, "versions", len(versions)), versions):
            prices[version].append({"key": key, "currency": currency})
        for version, granted, key in run(listing(GIVES, "versions", len(versions)), versions):
            gives[version].append({"granted": bool(granted), "feature": {"key": key}})
        return {
            "plans": [
                {"key": key, "name": name, "prices": prices[version], "entitlements": gives[version]}
                for version, key, name in plans
            ]
        }

    def _abouts(
        self, caller: Caller, customer_id: str, items: Sequence[Sequence[Any]], features: Sequence[str]
    ) -> dict[str, About]:
        """Read what speaks about these features, by key."""
        living = [each for each in items if each[4] is None and each[1] in LIVING]
        versions = list({each[8] for each in living})
        statement = listing(listing(FEATURES, "versions", len(versions)), "features", len(features))
        of: dict[str, About] = {}
        given = (customer_id, *versions, caller.environment, *features)
        for row in self._connection.execute(statement, given):
            about = of.get(row[1])
            if about is None:
                about = of[row[1]] = _about(row)
            for each in living:
                if each[8] == row[11]:
                    about.give(Give(each[0], each[5], each[6], each[7], each[9], each[10], *row[7:11]))
        self._put_beside({each.feature_id: each for each in of.values()}, customer_id, caller.now)
        return of

    def _put_beside(self, of: dict[str, About], customer_id: str, now: int) -> None:
        given = (now, customer_id, *of, now, now, customer_id, *of, now, now, now, customer_id, *of, now)
        put_beside(of, self._connection.execute(listing(BESIDE, "features", len(of)), given))

    def _ledger_of(self, customer_id: str) -> Ledger:
        def ledger(feature_id: str, window: Window) -> int:
            since, until = window[0] or -ALWAYS, window[1] or ALWAYS
            summed: int = self._connection.execute(LEDGER, (customer_id, feature_id, since, until)).fetchone()[0]
            return summed

        return ledger


def _about(row: Sequence[Any]) -> About:
    """Begin with a feature and its head."""
    return About(row[0], row[2], row[3], None if row[6] is None else ((row[4], row[5]), row[6]))
