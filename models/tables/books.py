"""The books: what each document of money moved between accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from billing.books import Booked
from models.tables.base import Row, strict
from models.types import Choice, Instant, Json, Text, checked


class BookingRow(Row, table=True):
    """A document and its postings, which never change; they are read as a whole, and `postings` is a list of them.

    `document_id` is what was booked; `invoice_id` the invoice that it is about, '' where there is none.
    """

    __tablename__ = "booking"
    __table_args__ = strict(
        checked("kind", Booked),
        Index("ix_booking_at", "environment_id", "at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(foreign_key="customer.id", sa_type=Text)
    invoice_id: str = Field(default="", sa_type=Text)
    kind: Booked = Field(sa_type=Choice(Booked))
    document_id: str = Field(sa_type=Text)
    currency: str = Field(sa_type=Text)
    postings: list[Any] = Field(sa_type=Json)
    at: datetime = Field(sa_type=Instant)
