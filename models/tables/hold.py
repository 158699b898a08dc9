"""What is held back from going out."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.choices import OutwardChannel
from models.tables.base import Row, partial, strict
from models.types import Choice, Instant, Text, checked


class HoldRow(Row, table=True):
    """A channel that is held, in one environment or everywhere (`environment_id` is NULL); kept after its release."""

    __tablename__ = "hold"
    __table_args__ = strict(
        checked("channel", OutwardChannel),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
        partial("uq_hold_everywhere", "channel", unique=True, where="environment_id IS NULL AND released_at IS NULL"),
        partial(
            "uq_hold_environment",
            "environment_id",
            "channel",
            unique=True,
            where="environment_id IS NOT NULL AND released_at IS NULL",
        ),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str | None = Field(default=None, foreign_key="environment.id", sa_type=Text)
    channel: OutwardChannel = Field(sa_type=Choice(OutwardChannel))
    reason: str = Field(default="", sa_type=Text)
    held_at: datetime = Field(sa_type=Instant)
    held_by: str = Field(sa_type=Text)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    released_by: str | None = Field(default=None, sa_type=Text)
