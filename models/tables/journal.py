"""What happened, what was answered to a key, and what still has to be carried out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from billing.lifecycle import Cause, Channel
from models.tables.base import Row, partial, strict
from models.types import Choice, Instant, Int64, Json, Text, checked


class EventRow(Row, table=True):
    """What happened. `owner_id` is the customer, or the environment for catalog and keys; one sequence per owner.

    `position` is given after commit by the relay, in order, across the whole environment; NULL waits for it.
    `request_id` is '' where no request asked for it: time, a job, the command line. (C15)
    """

    __tablename__ = "event"
    __table_args__ = strict(
        checked("cause", Cause),
        checked("channel", Channel),
        UniqueConstraint("owner_id", "seq"),
        Index("ix_event_subject", "subject_id"),
        partial("uq_event_position", "environment_id", "position", unique=True, where="position IS NOT NULL"),
        partial("ix_event_unplaced", "environment_id", "id", where="position IS NULL"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    owner_id: str = Field(sa_type=Text)
    seq: int = Field(sa_type=Int64)
    type: str = Field(sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    occurred_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    cause: Cause = Field(sa_type=Choice(Cause))
    channel: Channel = Field(sa_type=Choice(Channel))
    actor: str = Field(default="", sa_type=Text)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    position: int | None = Field(default=None, sa_type=Int64)
    request_id: str = Field(default="", sa_type=Text)


class OutboxRow(Row, table=True):
    """An act to carry out after commit, written in the transaction that decided it."""

    __tablename__ = "outbox"
    __table_args__ = strict(Index("ix_outbox_due", "due_at", "id"), Index("ix_outbox_lane", "kind", "subject_id", "id"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    kind: str = Field(sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    due_at: datetime = Field(sa_type=Instant)
    attempts: int = Field(default=0, sa_type=Int64)


class IdempotencyRow(Row, table=True):
    """What an act answered, under its key: the fingerprint of its input and its outcome, never a secret."""

    __tablename__ = "idempotency"
    __table_args__ = strict(Index("ix_idempotency_expires", "expires_at"))

    environment_id: str = Field(foreign_key="environment.id", primary_key=True, sa_type=Text)
    mutation: str = Field(primary_key=True, sa_type=Text)
    principal: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    outcome: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
