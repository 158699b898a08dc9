"""The hold switch: which outward channels are held, everywhere or in one environment, since when, by whom and why."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint

from models.migrations.columns import INSTANT, TEXT
from models.migrations.operations import partial_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT),
        Column("channel", TEXT, nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("held_at", INSTANT, nullable=False),
        Column("held_by", TEXT, nullable=False),
        Column("released_at", INSTANT),
        Column("released_by", TEXT),
        CheckConstraint("channel IN ('PAYMENTS', 'MAIL', 'WEBHOOKS')", name="ck_hold_channel"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="ck_hold_released"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_hold_environment_id"),
        PrimaryKeyConstraint("id", name="pk_hold"),
        sqlite_strict=True,
    )
    partial_index(
        "uq_hold_everywhere", "hold", ["channel"], unique=True, where="environment_id IS NULL AND released_at IS NULL"
    )
    partial_index(
        "uq_hold_environment",
        "hold",
        ["environment_id", "channel"],
        unique=True,
        where="environment_id IS NOT NULL AND released_at IS NULL",
    )
    op.create_index("ix_outbox_lane", "outbox", ["kind", "subject_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_lane", table_name="outbox")
    op.drop_table("hold")
