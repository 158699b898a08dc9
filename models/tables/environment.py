"""Environments, their sequences, and the credentials that open them."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from billing.policies import CancellationMode
from models.choices import EnvironmentKind, KeyKind, PolicyScope
from models.tables.base import Row, partial, strict
from models.types import Choice, Flag, Instant, Int64, Json, Text, checked


class EnvironmentRow(Row, table=True):
    """An isolated world. `clock_at` is a test clock's present, `clock_target` where it is being advanced to."""

    __tablename__ = "environment"
    __table_args__ = strict(checked("kind", EnvironmentKind), UniqueConstraint("key"))

    id: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    kind: EnvironmentKind = Field(sa_type=Choice(EnvironmentKind))
    zone: str = Field(default="UTC", sa_type=Text)
    locale: str = Field(default="en", sa_type=Text)
    clock_at: datetime | None = Field(default=None, sa_type=Instant)
    clock_target: datetime | None = Field(default=None, sa_type=Instant)
    position: int = Field(default=0, sa_type=Int64)
    grace_days: int = Field(default=14, sa_type=Int64)
    idempotency_days: int = Field(default=30, sa_type=Int64)
    require_actor: bool = Field(default=False, sa_type=Flag)
    return_urls: list[str] = Field(default_factory=list, sa_type=Json)
    widgets: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    billing: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class SequenceRow(Row, table=True):
    """The one counter of a customer or an environment; every unit of work that writes about it bumps it first.

    `latest_at` is the instant of the latest such work: the next one does not happen before it. `taken` is PostgreSQL's
    number of its transaction, by which other programs notice whom it was about (`models/lookout.py`).
    """

    __tablename__ = "sequence"
    __table_args__ = strict(partial("ix_sequence_taken", "taken", where="taken IS NOT NULL"))

    owner_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    seq: int = Field(default=0, sa_type=Int64)
    latest_at: datetime | None = Field(default=None, sa_type=Instant)
    taken: int | None = Field(default=None, sa_type=Int64)


class ApiKeyRow(Row, table=True):
    """A secret or publishable key; only its digest is kept."""

    __tablename__ = "api_key"
    __table_args__ = strict(checked("kind", KeyKind), UniqueConstraint("digest"))

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", index=True, sa_type=Text)
    kind: KeyKind = Field(sa_type=Choice(KeyKind))
    name: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    hint: str = Field(sa_type=Text)
    scopes: list[str] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class SigningKeyRow(Row, table=True):
    """The EdDSA key that signs an environment's customer tokens; the private half is encrypted."""

    __tablename__ = "signing_key"
    __table_args__ = strict()

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", index=True, sa_type=Text)
    public: str = Field(sa_type=Text)
    private_encrypted: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class RevokedTokenRow(Row, table=True):
    """A customer token that was revoked by its `jti`; kept until the token would have expired."""

    __tablename__ = "revoked_token"
    __table_args__ = strict()

    environment_id: str = Field(foreign_key="environment.id", primary_key=True, sa_type=Text)
    jti: str = Field(primary_key=True, sa_type=Text)
    expires_at: datetime = Field(sa_type=Instant)


class PolicyRow(Row, table=True):
    """What customers may do themselves; `scope_id` is '' for the environment's own row."""

    __tablename__ = "self_service_policy"
    __table_args__ = strict(
        checked("scope", PolicyScope),
        checked("mode", CancellationMode),
        UniqueConstraint("environment_id", "scope", "scope_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(foreign_key="environment.id", sa_type=Text)
    scope: PolicyScope = Field(sa_type=Choice(PolicyScope))
    scope_id: str = Field(default="", sa_type=Text)
    allow_cancel: bool = Field(default=True, sa_type=Flag)
    allow_change: bool = Field(default=True, sa_type=Flag)
    mode: CancellationMode = Field(sa_type=Choice(CancellationMode))
    instructions: str | None = Field(default=None, sa_type=Text)
    allow_instalment_cancel: bool = Field(default=False, sa_type=Flag)
