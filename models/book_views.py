"""What was booked, as it leaves the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from billing.books import Booked, Posting


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked; `number` is the document's, or else that of the invoice which it is about."""

    id: str
    customer_id: str
    invoice_id: str
    kind: Booked
    document_id: str
    currency: str
    postings: tuple[Posting, ...]
    at: datetime
    number: str = ""
    customer: str = ""
