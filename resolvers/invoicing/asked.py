"""How a change of a subscription speaks of money."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.ending import EndTerms

if TYPE_CHECKING:
    from datetime import datetime

    from billing.subscriptions import Facts


@dataclass(frozen=True, slots=True)
class Proration:
    """Whether the piece that is cut or added is charged and credited, and whether that is invoiced at once. (C6, C18)

    `since` is the instant from which it counts, and up to which usage is measured, where a preview showed one; None is
    the work's own. `change_id` is the
    pending change that it belongs to: undoing that takes back what was let go for it. `undoes` is a pending change that
    is taken back or moved: what was let go for it counts again. `end` is how a subscription ends, where it does.
    `billed` are the facts that were billed last, where something else happened first at the same instant. `ended` are
    the facts of an end: where the subscription goes on on another plan, what it had is settled as if it had ended. (S7)
    `free_from` is from when time that no line has billed is let go, though all before it is prorated. (C18)
    """

    prorate: bool = True
    invoice_now: bool = False
    since: datetime | None = None
    change_id: str = ""
    undoes: str = ""
    end: EndTerms = field(default_factory=EndTerms)
    billed: Facts | None = None
    ended: Facts | None = None
    free_from: datetime | None = None


LATER = Proration()
"""Prorated, and invoiced with the next period. (CREATE_PRORATIONS)"""

AT_ONCE = Proration(invoice_now=True)
"""Prorated and invoiced at once. (ALWAYS_INVOICE)"""
