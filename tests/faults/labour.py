"""A worker that is killed at its commits, again and again, beside one that never is: the books have to agree.

The town has somebody of every kind: who pays, fails at first, never pays, pays late, uses more, leaves, and is sent
back what was paid. Nobody is billed, charged or paid back twice or never, whatever was killed.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import orjson
from sqlalchemy import select

from models.rows import rows
from models.session import Database
from models.stores.environments import Environments
from models.tables.base import table
from models.tables.credit import CreditBalanceRow, CreditNoteRow
from models.tables.customer import CustomerRow
from models.tables.invoice import InvoiceLineRow, InvoiceRow
from models.tables.journal import EventRow
from models.tables.payment import PaymentRow, RefundRow, SandboxEntryRow
from models.tables.subscription import SubscriptionRow
from tests.faults.gateway import ROOT
from tests.scenarios.cancelling_many import START as CANCEL_MANY
from tests.scenarios.documents import CANCEL, UPSERT
from tests.scenarios.paying import ADD
from tests.scenarios.priced import REPORT
from tests.world import World

if TYPE_CHECKING:
    from random import Random
    from types import TracebackType

TERMS: dict[str, Any] = {"currency": "USD", "interval": {"unit": "MONTH"}, "quantity": 3}
METHODS = {
    "pays": "sandbox_succeeds",
    "fails": "sandbox_fails_2_times",
    "never": "sandbox_declines_insufficient_funds",
    "late": "sandbox_settles_late",
    "uses": "sandbox_succeeds",
    "leaves": "sandbox_succeeds",
    "goes": "sandbox_succeeds",
}
DUNNING = {"retry_days": [3, 10]}
DAYS = (datetime(2024, 1, 5, tzinfo=UTC), datetime(2024, 1, 13, tzinfo=UTC), datetime(2024, 2, 3, tzinfo=UTC))
"""When a worker wakes: for the second attempt, for the last, and after a renewal."""

Books = dict[str, dict[str, Any]]


@dataclass
class Labour:
    """The program that starts a worker for each line."""

    seed: int = 0
    killed: int = 0

    def __enter__(self) -> Self:
        """Start it."""
        command = (sys.executable, "-m", "tests.faults.labourer")
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        """End it."""
        self._process.communicate(timeout=20)

    def work(self, url: str, at: datetime, number: int = 0, *, before: bool = False) -> bool:
        """Let a worker work until nothing is due, or until its commit of that number; whether it was killed."""
        self.seed += 1
        asked = {"url": url, "at": at.isoformat(), "number": number, "before": before, "seed": self.seed}
        pipes = self._process
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(orjson.dumps(asked) + b"\n")
        pipes.stdin.flush()
        said = pipes.stdout.readline().decode().strip()
        assert said in ("killed", "done"), said
        self.killed += said == "killed"
        return said == "killed"

    def interrupted(self, url: str, chance: Random, most: int) -> None:
        """Wake workers and kill each at one of its first `most` commits, before or after it, until one is done.

        Each wakes two minutes later, so that what the one before had claimed is free.
        """
        for day in DAYS:
            at, before = day, False
            while self.work(url, at, chance.randint(1, most), before=before):
                at, before = at + timedelta(minutes=2), not before

    def undisturbed(self, url: str) -> None:
        """Wake workers that are left alone."""
        for day in DAYS:
            self.work(url, day)


async def settled(url: str) -> None:
    """Let the town live in a fresh database, on the real clock."""
    database = Database(url)
    try:
        world = await World.begin(database)
        environment = world.places["main"].environment.id
        async with database.working() as session:
            await Environments(session).update(environment, {"clock_at": None, "billing": {"dunning": DUNNING}})
        ids = {name: await _moves_in(world, name, method) for name, method in METHODS.items()}
        used = {"customer": {"externalId": "uses"}, "feature": "actions_minutes", "idempotencyKey": "once"}
        await world.ask(REPORT, input={**used, "value": "9000"})
        leaving = {"subscriptionId": ids["leaves"], "timing": "ON_DATE", "date": "2024-01-20T12:00:00Z"}
        shown = (await world.ask(CANCEL, input=leaving))["answer"]
        token = shown["cancellationPreview"]["money"]["token"]
        left = (await world.ask(CANCEL, input={**leaving, "previewToken": token}))["answer"]
        assert left["__typename"] == "SubscriptionCanceled", left
        await world.worker().catch_up()
        going = {"subscriptions": {"ids": [ids["goes"]]}, "timing": "IMMEDIATE", "refund": "LAST_PAYMENT"}
        started = await world.ask(CANCEL_MANY, input=going)
        assert "job" in started["answer"], started
    finally:
        await database.close()


async def _moves_in(world: World, name: str, method: str) -> str:
    await world.ask(UPSERT, input={"externalId": name})
    added = await world.ask(ADD, input={"customer": {"externalId": name}, "reference": method})
    assert "paymentMethod" in added["answer"], added
    return await world.subscribed(name, "team", **TERMS)


async def books(url: str) -> Books:
    """Tell of everybody what was billed, charged, paid back and is left, without ids and real instants."""
    database = Database(url)
    try:
        async with database.reading() as connection:
            found = {
                each: [dict(one) for one in await rows(connection, select(table(each)))]
                for each in (CustomerRow, SubscriptionRow, InvoiceRow, InvoiceLineRow, CreditNoteRow, CreditBalanceRow,
                             PaymentRow, RefundRow, SandboxEntryRow, EventRow)
            }  # fmt: skip
    finally:
        await database.close()
    names = {each["id"]: each["external_id"] for each in found[CustomerRow] if each["external_id"] in METHODS}
    told: Books = {name: defaultdict(list) for name in METHODS}
    lines: dict[str, list[Any]] = defaultdict(list)
    for each in found[InvoiceLineRow]:
        lines[each["invoice_id"]].append((each["kind"], each["net"], each["quantity"], each["period_start"]))
    charged: dict[str, int] = defaultdict(int)
    owners = {each["id"]: each for each in found[PaymentRow]}
    for each in found[SandboxEntryRow]:
        if each["kind"] == "CHARGE" and each["outcome"] == "SUCCEEDED":
            charged[owners[each["key"]]["invoice_id"]] += each["amount"]
    for each in found[SubscriptionRow]:
        period = (each["period_start"].date(), each["period_end"].date())
        told[names[each["customer_id"]]]["subscription"].append((each["status"], *period))
    for each in found[InvoiceRow]:
        kept = [each[name] for name in ("status", "reason", "total", "paid", "remaining", "credited", "period_start")]
        told[names[each["customer_id"]]]["invoices"].append(
            (*kept, charged[each["id"]], sorted(lines[each["id"]], key=str), each["number"] is not None)
        )
    for kind, columns in (
        (CreditNoteRow, ("total", "reduced", "to_balance")),
        (CreditBalanceRow, ("currency", "amount")),
        (PaymentRow, ("number", "status", "amount", "refunded")),
        (RefundRow, ("status", "amount")),
    ):
        for each in found[kind]:
            told[names[each["customer_id"]]][kind.__name__].append(tuple(each[name] for name in columns))
    for each in found[EventRow]:
        if each["owner_id"] in names:
            told[names[each["owner_id"]]]["events"].append(each["type"])
    return {name: {part: sorted(each, key=str) for part, each in of.items()} for name, of in told.items()}
