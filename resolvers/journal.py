"""The journal of a month: what every document of money moved between accounts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from billing.calendar import Period
from billing.refusals import InvalidInput
from resolvers import checks
from resolvers.access import demand

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from zoneinfo import ZoneInfo

    from models.book_views import Booking
    from models.paging import Page
    from resolvers.context import Context
    from resolvers.inputs import PageOf

MONTH = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)
LAST_YEAR, MONTHS = 9998, 12
AT_ONCE = 1_000
"""So many entries are read at once by who wants them all."""


async def journal(ctx: Context, month: str, page: PageOf) -> Page[Booking]:
    """List what was booked in a month of the environment's zone, oldest first."""
    demand(ctx, "journal")
    first, span = checks.page(page.first), month_of(month, ctx.env.zone)
    async with ctx.read() as read:
        return await read.books.page(span, first, page.after)


async def whole_journal(ctx: Context, month: str) -> AsyncGenerator[Booking]:
    """Read all of a month as it was at one instant, some entries at a time."""
    demand(ctx, "journal")
    span, cursor, more = month_of(month, ctx.env.zone), None, True
    async with ctx.read() as read:
        while more:
            page = await read.books.page(span, AT_ONCE, cursor)
            for booking in page.views:
                yield booking
            cursor, more = page.places[-1].cursor if page.has_next else None, page.has_next


def month_of(month: str, zone: ZoneInfo) -> Period:
    """Read a month of a zone's calendar, like 2026-11."""
    read = MONTH.fullmatch(month)
    if read is None or int(read[1]) > LAST_YEAR:
        raise InvalidInput("Name the month as YYYY-MM, like 2026-11.", field="month")
    year, number = int(read[1]), int(read[2])
    start = datetime(year, number, 1, tzinfo=zone)
    end = datetime(year + number // MONTHS, number % MONTHS + 1, 1, tzinfo=zone)
    return Period(start.astimezone(UTC), end.astimezone(UTC))
