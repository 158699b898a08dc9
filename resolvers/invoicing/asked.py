"""How a change of a subscription speaks of money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Proration:
    """Whether the piece that is cut or added is charged and credited, and whether that is invoiced at once. (C6, C18)

    `since` is the instant from which it counts, where a preview showed one; None is the work's own. `change_id` is the
    pending change that it belongs to: undoing that takes back what was let go for it.
    """

    prorate: bool = True
    invoice_now: bool = False
    since: datetime | None = None
    change_id: str = ""


LATER = Proration()
"""Prorated, and invoiced with the next period. (CREATE_PRORATIONS)"""

AT_ONCE = Proration(invoice_now=True)
"""Prorated and invoiced at once. (ALWAYS_INVOICE)"""

NOTHING = Proration(prorate=False)
"""Nothing is charged or credited for time that is billed already. (NONE)"""

ENDED_BY_MERCHANT = Proration(prorate=False, invoice_now=True)
"""What a merchant's immediate cancel means unless it says otherwise: usage is billed, unused days are not credited."""
