"""The books of an environment: written with what they book, and read by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from billing.books import Account, Posting
from billing.calendar import Period
from models.book_views import Booking
from models.paging import Key, after, cursor_at, instant_and_id_in, ordered, page_of
from models.rows import Runner, add_all, rows
from models.tables.base import table
from models.tables.books import BookingRow
from models.tables.credit import CreditNoteRow
from models.tables.customer import CustomerRow
from models.tables.invoice import InvoiceRow
from models.types import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from models.paging import Page

B = table(BookingRow)
V = table(InvoiceRow)
N = table(CreditNoteRow)
C = table(CustomerRow)


class Books:
    """The bookings of one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._kept: list[dict[str, Any]] = []

    def keep(self, booking: Booking) -> None:
        """Keep a booking that moves something; it is written when the work closes."""
        if not booking.postings:
            return
        self._kept.append(
            {
                "id": booking.id,
                "environment_id": self._env,
                "customer_id": booking.customer_id,
                "invoice_id": booking.invoice_id,
                "kind": booking.kind,
                "document_id": booking.document_id,
                "currency": booking.currency,
                "postings": [_written(each) for each in booking.postings],
                "at": booking.at,
            }
        )

    async def flush(self) -> None:
        """Write what was kept back, together."""
        if self._kept:
            await add_all(self._run, BookingRow, self._kept)
        self._kept = []

    async def page(self, span: Period, first: int, cursor: str | None) -> Page[Booking]:
        """List what was booked in a span of time, oldest first."""
        keys = (Key(B.c.at), Key(B.c.id))
        numbers = V.c.number.label("invoice_number"), N.c.number.label("note_number")
        listed = (
            select(B, *numbers, C.c.external_id.label("customer"))
            .join(C, C.c.id == B.c.customer_id)
            .outerjoin(V, V.c.id == B.c.invoice_id)
            .outerjoin(N, N.c.id == B.c.document_id)
            .where(B.c.environment_id == self._env, B.c.at >= span.start, B.c.at < span.end)
        )
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(found, first, lambda row: cursor_at(row["at"], row["id"]), _booking, began=cursor is not None)


def _booking(found: Mapping[str, Any]) -> Booking:
    return Booking(
        id=found["id"],
        customer_id=found["customer_id"],
        invoice_id=found["invoice_id"],
        kind=found["kind"],
        document_id=found["document_id"],
        currency=found["currency"],
        postings=tuple(_read(each) for each in found["postings"]),
        at=found["at"],
        number=found["note_number"] or found["invoice_number"] or "",
        customer=found["customer"] or "",
    )


def _written(posting: Posting) -> list[Any]:
    period = posting.period
    times = [to_microseconds(period.start), to_microseconds(period.end)] if period else []
    return [posting.account.value, posting.amount, *times]


def _read(written: Sequence[Any]) -> Posting:
    account, amount, *times = written
    period = Period(*(from_microseconds(each) for each in times)) if times else None
    return Posting(Account(account), amount, period)
