"""Bulk work as it leaves the stores: jobs, their items, and what these did in money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from billing.entitlements.sources import Json
    from billing.lifecycle import Channel
    from models.choices import JobItemState, JobKind, JobState


@dataclass(frozen=True, slots=True)
class JobView:
    """One act on many things; `total` counts the items listed so far, `listed` says whether these are all.

    A `dry_run` changes nothing but its own items, which say what would happen.
    """

    id: str
    environment_id: str
    kind: JobKind
    state: JobState
    input: dict[str, Json]
    total: int
    listed: bool
    listed_to: str
    failure: str
    actor: str
    channel: Channel
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undo_at: datetime | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """What an act did in money, in minor units of `currency`: '' where it did nothing.

    `invoiced` is the total of invoices made at once, `credited` of credit notes, `refunded` of what goes back, and
    `waiting` of what then waits for the next invoice, before tax.
    """

    currency: str = ""
    invoiced: int = 0
    credited: int = 0
    refunded: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class JobItemView:
    """One thing that a job acts on; `code` and `message` name the refusal that skipped it or kept it from its undo."""

    job_id: str
    position: int
    customer_id: str
    subject_id: str
    state: JobItemState
    code: str
    message: str
    result: dict[str, Json]
    settled_at: datetime | None
    money: MoneyMoved
