"""`plangate journal`: a month of the books, for an accountant's program."""

import csv
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from billing.books import Posting
from billing.money import Money
from models.book_views import Booking
from plangate.cli.opening import act
from plangate.cli.options import EnvironmentKey
from plangate.cli.shown import camelled
from resolvers.context import Context
from resolvers.journal import whole_journal

commands = typer.Typer()
COLUMNS = (
    *("entry", "at", "kind", "document", "number", "customer", "customer_id", "account", "debit", "credit"),
    *("currency", "period_start", "period_end"),
)
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a cell begins that a spreadsheet would run."""


class Format(StrEnum):
    """How the journal is written."""

    CSV = "csv"
    JSON = "json"


@commands.command("journal")
def export(
    typed: typer.Context,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Which month, by the environment's calendar.")],
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.CSV,
    environment: EnvironmentKey = None,
) -> None:
    """Write every posting of a month: what was sold, taxed, paid and given back. Those of an entry sum to nothing."""

    async def asked(ctx: Context) -> None:
        await (_as_csv if form is Format.CSV else _as_json)(ctx, month)

    act(typed, environment, asked)


async def _as_csv(ctx: Context, month: str) -> None:
    """Write a row for each posting, as it is read; nothing in it is run by a spreadsheet."""
    written, headed = csv.writer(sys.stdout, lineterminator="\n"), False
    async for booking in whole_journal(ctx, month):
        if not headed:
            written.writerow(COLUMNS)
        headed = True
        written.writerows([_quiet(cell) for cell in row] for row in rows_of(booking))
    if not headed:
        written.writerow(COLUMNS)


async def _as_json(ctx: Context, month: str) -> None:
    """Write a list with an object for each posting, one a line."""
    begun = "["
    async for booking in whole_journal(ctx, month):
        for row in rows_of(booking):
            told = camelled(dict(zip(COLUMNS, (cell or None for cell in row), strict=True)))
            sys.stdout.write(f"{begun}\n{orjson.dumps(told).decode()}")
            begun = ","
    sys.stdout.write("[]\n" if begun == "[" else "\n]\n")


def rows_of(booking: Booking) -> Iterator[tuple[str, ...]]:
    """Write each posting in the order of `COLUMNS`; what there is nothing of is ''."""
    for posting in booking.postings:
        yield _row(booking, posting)


def _row(booking: Booking, posting: Posting) -> tuple[str, ...]:
    amount, period = Money(abs(posting.amount), booking.currency).format(), posting.period
    return (
        booking.id,
        _instant(booking.at),
        booking.kind.value,
        booking.document_id,
        booking.number,
        booking.customer,
        booking.customer_id,
        posting.account.value,
        amount if posting.amount > 0 else "",
        amount if posting.amount < 0 else "",
        booking.currency,
        _instant(period.start) if period else "",
        _instant(period.end) if period else "",
    )


def _quiet(cell: str) -> str:
    return f"'{cell}" if cell.startswith(ACTIVE) else cell


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
