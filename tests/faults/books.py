"""What has to hold in the books after any fault: all that was acknowledged, once, and every sum agreeing."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from models.rows import rows
from models.session import Database
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.entitlement import BalanceRow, GrantRow, UsageBurnRow, UsageRow
from models.tables.environment import SequenceRow
from models.tables.journal import EventRow, IdempotencyRow
from models.tables.subscription import SubscriptionRow
from tests.faults.load import UNAVAILABLE, asked, client

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import httpx2
    from sqlmodel import SQLModel

    from models.rows import Runner
    from tests.faults.load import Act

SCALE = 1_000
AGAIN = {UNAVAILABLE, "DEADLINE"}
PAUSES = (0.5, 2.0)


@dataclass
class Found:
    """What was found, in counts and in words."""

    acknowledged: int = 0
    unanswered: int = 0
    unanswered_done: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])

    def add(self, other: Found) -> None:
        """Add another round's."""
        self.acknowledged += other.acknowledged
        self.unanswered += other.unanswered
        self.unanswered_done += other.unanswered_done
        self.refused += other.refused
        self.lost += other.lost
        self.doubled += other.doubled
        self.wrong += other.wrong

    @property
    def clean(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.lost or self.doubled or self.wrong)


@dataclass
class Books:
    """Every table that matters, read in one snapshot."""

    of: dict[type[SQLModel], list[Mapping[str, Any]]]
    keys: set[tuple[str, str]]
    amounts: dict[str, int]
    """Of ledger rows and grants."""
    ids: set[str]
    """Of customers and subscriptions."""

    @classmethod
    async def read(cls, url: str) -> Books:
        """Read them from a database."""
        database = Database(url)
        wanted = (
            CustomerRow, SubscriptionRow, GrantRow, UsageRow, UsageBurnRow, BalanceRow, EventRow, SequenceRow,
            IdempotencyRow,
        )  # fmt: skip
        try:
            async with database.reading() as connection:
                of: dict[type[SQLModel], list[Mapping[str, Any]]] = {
                    each: list(await rows(connection, select(table(each)))) for each in wanted
                }
                if database.sqlite:
                    await _demand_whole(connection)
        finally:
            await database.close()
        amounts: dict[str, int] = {each["id"]: each["amount"] for each in (*of[UsageRow], *of[GrantRow])}
        ids = {each["id"] for each in (*of[CustomerRow], *of[SubscriptionRow])}
        return cls(of, {(each["mutation"], each["key"]) for each in of[IdempotencyRow]}, amounts, ids)

    def has(self, act: Act) -> bool:
        """Whether an act was remembered."""
        return (act.mutation, act.key) in self.keys


async def _demand_whole(run: Runner) -> None:
    assert [list(each.values()) for each in await rows(run, text("PRAGMA integrity_check"))] == [["ok"]]
    assert list(await rows(run, text("PRAGMA foreign_key_check"))) == []


def check(books: Books, acts: Iterable[Act]) -> Found:
    """Look for every act as it was answered, before anything is asked again."""
    found = Found()
    for act in acts:
        kept = books.has(act)
        if act.unknown:
            found.unanswered += 1
            found.unanswered_done += kept
        elif act.done:
            found.acknowledged += 1
            if not kept or not _there(books, act.mutation, act.answer or {}):
                found.lost.append(f"{act.key}: {act.answer}")
        else:
            found.refused += 1
            if act.nameless:
                found.wrong.append(f"{act.key}: not a refusal by name: {act.answer}")
            if kept:
                found.wrong.append(f"{act.key}: refused and yet done: {act.answer}")
    found.wrong += disagreements(books)
    found.doubled += doubles(books)
    return found


def _there(books: Books, mutation: str, answer: dict[str, Any]) -> bool:
    """Whether what an answer names is in the books with the numbers that it gave."""
    if mutation in {"entitlementConsume", "usageReport"}:
        record = answer.get("recordId") or answer["record"]["id"]
        amount = answer.get("amount") or answer["record"]["amount"]
        return books.amounts.get(record) == round(float(amount) * SCALE)
    if mutation == "grantCreate":
        return books.amounts.get(answer["grant"]["id"]) == round(float(answer["grant"]["amount"]) * SCALE)
    if mutation == "customerUpsert":
        return answer["customer"]["id"] in books.ids
    return answer["subscription"]["id"] in books.ids


def doubles(books: Books) -> list[str]:
    """What was done more often than keys say."""
    keys = Counter(mutation for mutation, _ in books.keys)
    usage = Counter(each["kind"].value for each in books.of[UsageRow])
    made = {
        "entitlementConsume": usage["CONSUME"],
        "usageReport": usage["REPORT"],
        "grantCreate": len(books.of[GrantRow]),
    }
    events = Counter(each["type"] for each in books.of[EventRow])
    told = {
        "entitlementConsume": events["usage.consumed"],
        "usageReport": events["usage.reported"],
        "grantCreate": events["grant.created"],
    }
    return [
        f"{name}: {keys[name]} keys, {made[name]} rows, {told[name]} events"
        for name in made
        if not keys[name] == made[name] == told[name]
    ]


def disagreements(books: Books) -> list[str]:
    """Sums and sequences that do not agree."""
    wrong: list[str] = []
    numbers: dict[str, list[int]] = {}
    for each in books.of[EventRow]:
        numbers.setdefault(each["owner_id"], []).append(each["seq"])
    latest = {each["owner_id"]: each["seq"] for each in books.of[SequenceRow]}
    for owner, seen in numbers.items():
        seen.sort()
        whole = (
            owner.startswith("env_") or latest[owner] == seen[-1]
        )  # an environment's is also taken for new customers
        if seen != list(range(seen[0], seen[0] + len(seen))) or not whole:
            wrong.append(f"{owner}: events {seen[0]} to {seen[-1]}, {len(seen)} of them, sequence {latest[owner]}")
    positions = sorted(each["position"] for each in books.of[EventRow] if each["position"] is not None)
    if positions != list(range(1, len(positions) + 1)):
        wrong.append("the environment's positions have a hole or a double")
    counted: Counter[tuple[str, str, str]] = Counter()
    for each in books.of[UsageRow]:
        counted[each["customer_id"], each["feature_id"], each["scope"]] += each["limit_amount"]
    heads = {(each["customer_id"], each["feature_id"], each["scope"]): each["used"] for each in books.of[BalanceRow]}
    wrong += [
        f"{key}: ledger {counted[key]}, head {heads.get(key, 0)}"
        for key in counted
        if counted[key] != heads.get(key, 0)
    ]
    burned: Counter[str] = Counter()
    for each in books.of[UsageBurnRow]:
        burned[each["grant_id"]] += each["amount"]
    wrong += [f"{each['id']}: used {each['used']}" for each in books.of[GrantRow] if each["used"] != burned[each["id"]]]
    consumed = {each["seq"] for each in books.of[UsageRow]}
    told = {each["seq"] for each in books.of[EventRow] if each["type"].startswith("usage.")}
    if consumed != told:
        wrong.append("ledger and events have different numbers")
    return wrong


async def retry(acts: Sequence[Act], books: Books, address: str, secret: str) -> Found:
    """Ask again what was done, or not answered, under its key: the first answer comes, or it is done once."""
    found = Found()
    async with client(address, secret) as http:
        for act in acts:
            if act.refused:
                continue
            again = await _asked_again(http, act)
            found.wrong += _unlike(act, again, known=books.has(act))
            act.answer = again if act.unknown else act.answer
    return found


async def _asked_again(http: httpx2.AsyncClient, act: Act) -> dict[str, Any]:
    """Ask as a client does who is told to ask again: a program that has just begun may be slow at first."""
    again = await asked(http, act)
    for pause in PAUSES:
        if again is None or again.get("code") not in AGAIN:
            break
        await asyncio.sleep(pause)
        again = await asked(http, act)
    assert again is not None, f"{act.key}: no answer to a retry"
    return again


def _unlike(act: Act, again: dict[str, Any], *, known: bool) -> list[str]:
    """What is wrong with the answer to a retry."""
    if act.done:
        expected: object = {**(act.answer or {}), "replayed": True}
        return [] if again == expected else [f"{act.key}: {act.answer}, and again: {again}"]
    if "replayed" in again:
        return [] if again["replayed"] is known else [f"{act.key}: known {known}, and again: {again}"]
    return [f"{act.key}: done, and again: {again}"] if known or again["__typename"] == "Error" else []
