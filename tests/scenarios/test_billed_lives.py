"""What a whole life was billed, through the database, is the integral of its price over its time. (C17-C19)

Lives are random: other plans and quantities at any second, ends on a date or a period's end, set, moved and undone.
The integral knows nothing of the engine: calendar months, one rate from one instant to the next, exact fractions.
`LIVES=200` tries as many on each database.
"""

from __future__ import annotations

import os
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from billing.invoicing.values import LineKind
from models.rows import rows
from models.tables.base import table
from models.tables.invoice import InvoiceLineRow
from tests.scenarios import documents
from tests.scenarios.ending_money import CANCEL
from tests.scenarios.priced import CATALOG
from tests.scenarios.story import MONTHLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

LIVES = int(os.environ.get("LIVES", "2"))
STEPS = 9
RATES = {"ten": 1000, "twenty": 2000, "thirty": 3000, "seats": 500}
"""What a month of each plan costs one, in cents."""
SECOND = timedelta(seconds=1)


@dataclass
class Life:
    """What was agreed from each instant on, as the one who lives it knows it."""

    chance: Random
    now: datetime = field(default_factory=lambda: instant(2024, 1, 1))
    plan: str = "seats"
    quantity: int = 3
    rates: list[tuple[datetime, int]] = field(default_factory=list[tuple[datetime, int]])
    ends: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def rate(self) -> int:
        """What a month costs now, in cents."""
        return RATES[self.plan] * self.quantity

    def owed(self, until: datetime) -> Fraction:
        """The integral of the price over time, in cents."""
        edges = [*self.rates, (until, 0)]
        pieces = pairwise(edges)
        return sum((rate * months(start, min(end, until)) for (start, rate), (end, _) in pieces), Fraction())


def months(start: datetime, end: datetime) -> Fraction:
    """How many calendar months a time is, each of its own length."""
    found = Fraction()
    while start < end:
        first = start.replace(day=1, hour=0, minute=0, second=0)
        after = first + timedelta(days=monthrange(start.year, start.month)[1])
        found += Fraction((min(end, after) - start) // SECOND, (after - first) // SECOND)
        start = after
    return found


async def _live(shop: Story, life: Life, name: str) -> tuple[int, int]:
    """Live a life to its end; what was billed of it in cents, and in how many lines."""
    own = await shop.subscribe(name, "seats", currency="USD", interval=MONTHLY, quantity=3, **life.more)
    life.rates.append((life.now, life.rate))
    for _ in range(STEPS):
        life.now += timedelta(seconds=life.chance.randrange(1, 25 * 86_400))
        await shop.advance(life.now.isoformat())
        if life.ends is not None and life.ends <= life.now:
            break
        await _act(shop, life, own)
    if life.ends is None or life.ends > life.now:
        life.ends = life.now
        await _done(shop, CANCEL, own, timing="IMMEDIATE", prorate=True, invoiceNow=True)
    async with shop.world.database.reading() as connection:
        lines = table(InvoiceLineRow)
        found = await rows(connection, select(lines.c.kind, lines.c.gross).where(lines.c.subscription_id == own))
    assert {line["kind"] for line in found} <= {LineKind.PERIOD, LineKind.CREDIT}
    return sum(line["gross"] for line in found), len(found)


async def _act(shop: Story, life: Life, own: str) -> None:
    """Do one of the things that are open."""
    what = life.chance.choice(("change", "change", "date", "whole", "undo"))
    if what == "change" and life.ends is None:
        plan, quantity = life.chance.choice(
            [("seats", life.chance.randint(1, 9)), ("ten", 1), ("twenty", 1), ("thirty", 1)]
        )
        if (plan, quantity) != (life.plan, life.quantity):
            life.plan, life.quantity = plan, quantity
            life.rates.append((life.now, life.rate))
            asked = {"planId": plan, "quantity": quantity, "timing": "IMMEDIATE"}
            await _done(shop, documents.CHANGE, own, **asked)
    elif what == "date":
        life.ends = life.now + timedelta(seconds=life.chance.randrange(1, 70 * 86_400))
        await _done(shop, CANCEL, own, timing="ON_DATE", date=life.ends.isoformat())
    elif what == "whole":
        first = life.now.replace(day=1, hour=0, minute=0, second=0)
        life.ends = first + timedelta(days=monthrange(first.year, first.month)[1])
        await _done(shop, CANCEL, own, timing="END_OF_PERIOD")
    elif what == "undo" and life.ends is not None:
        life.ends = None
        await _done(shop, documents.UNDO, own)


async def _done(shop: Story, document: str, own: str, **asked: Any) -> None:
    answer = await shop.act(document, subscriptionId=own, **asked)
    assert "code" not in answer, (asked, answer)


@pytest.mark.parametrize("seed", range(LIVES))
async def test_what_a_life_was_billed_is_the_integral_of_its_price_over_its_time(story: Story, seed: int) -> None:
    await story.catalog(CATALOG)
    life = Life(Random(seed), more={"billingMode": "CLASSIC" if seed % 2 else "FLEXIBLE"})

    billed, lines = await _live(story, life, f"life {seed}")

    assert life.ends is not None
    owed = life.owed(life.ends)
    assert abs(billed - owed) <= Fraction(lines, 2), (billed, float(owed), life.rates, life.ends)
    assert life.ends.tzinfo is UTC
