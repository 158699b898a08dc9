"""Bulk work: a job, its items, and what an import has brought in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.lifecycle import Channel
from models.choices import ImportKind, JobItemState, JobKind, JobState
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class JobRow(Row, table=True):
    """One act on many things. Its items are listed in batches, up to `listed_to`; `total` counts them.

    `undo_at` is set once it was asked to take back what it did. A `dry_run` changes nothing but its own items.
    """

    __tablename__ = "job"
    __table_args__ = strict(
        checked("kind", JobKind),
        checked("state", JobState),
        checked("channel", Channel),
        Index("ix_job_created", "environment_id", "created_at", "id"),
        partial("ix_job_open", "created_at", "id", where="state IN ('QUEUED', 'RUNNING')"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    kind: JobKind = Field(sa_type=Choice(JobKind))
    state: JobState = Field(default=JobState.QUEUED, sa_type=Choice(JobState))
    input: dict[str, Any] = Field(sa_type=Json)
    total: int = Field(default=0, sa_type=Int64)
    listed: bool = Field(default=False, sa_type=Flag)
    listed_to: str = Field(default="", sa_type=Text)
    failure: str = Field(default="", sa_type=Text)
    actor: str = Field(default="", sa_type=Text)
    channel: Channel = Field(sa_type=Choice(Channel))
    created_at: datetime = Field(sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    undo_at: datetime | None = Field(default=None, sa_type=Instant)
    dry_run: bool = Field(default=False, sa_type=Flag)


class JobItemRow(Row, table=True):
    """One thing that a job acts on. It is settled in the transaction that acts; `claimed_until` is real time.

    A claim spares workers the same item at once; what makes it happen once is the guarded change of `state`.
    Money is in minor units of `currency`, '' where none was moved.
    """

    __tablename__ = "job_item"
    __table_args__ = strict(
        checked("state", JobItemState),
        UniqueConstraint("job_id", "subject_id"),
        Index("ix_job_item_state", "job_id", "state", "position"),
    )

    job_id: str = Field(foreign_key="job.id", primary_key=True, sa_type=Text)
    position: int = Field(primary_key=True, sa_type=Int64)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    customer_id: str = Field(sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    state: JobItemState = Field(default=JobItemState.PENDING, sa_type=Choice(JobItemState))
    code: str = Field(default="", sa_type=Text)
    message: str = Field(default="", sa_type=Text)
    result: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    currency: str = Field(default="", sa_type=Text)
    invoiced: int = Field(default=0, sa_type=Int64)
    credited: int = Field(default=0, sa_type=Int64)
    refunded: int = Field(default=0, sa_type=Int64)
    waiting: int = Field(default=0, sa_type=Int64)


class ImportedRow(Row, table=True):
    """What an import brought in, by the host's own id: the same id is never brought in twice."""

    __tablename__ = "imported"
    __table_args__ = strict(checked("kind", ImportKind))

    environment_id: str = Field(foreign_key="environment.id", primary_key=True, sa_type=Text)
    kind: ImportKind = Field(primary_key=True, sa_type=Choice(ImportKind))
    key: str = Field(primary_key=True, sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    imported_at: datetime = Field(sa_type=Instant)
