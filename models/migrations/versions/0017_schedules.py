"""Schedules: pending changes that belong together, and what they say of a subscription's end."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint

from models.migrations.columns import INSTANT, JSON, TEXT
from models.migrations.operations import altering, partial_index

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KINDS = "'CANCEL', 'PAUSE', 'RESUME', 'PLAN_CHANGE', 'QUANTITY'"
PENDING = "schedule_id IS NOT NULL AND status = 'PENDING'"
LAST = "subscription_id IN (SELECT id FROM subscription WHERE last_phase_at IS NULL)"
_NEXT = "CASE status WHEN 'NOT_STARTED' THEN starts_at WHEN 'TRIALING' THEN trial_end ELSE natural_end END"
DUE = f"CASE WHEN cancel_at < {_NEXT} THEN cancel_at ELSE {_NEXT} END"
"""What is due next without phases. The end of a last phase stays as a plain cancellation."""


def upgrade() -> None:
    with altering("subscription") as changes:
        changes.add_column(Column("schedule_cancel_at", INSTANT))
        changes.add_column(Column("last_phase_at", INSTANT))
    with altering("scheduled_change") as changes:
        changes.add_column(Column("schedule_id", TEXT))
        changes.add_column(Column("phase", JSON))
        changes.add_column(Column("trial_end", INSTANT))
    _allow(f"{KINDS}, 'RELEASE'")
    _schedules()


def downgrade() -> None:
    op.drop_table("subscription_schedule")
    op.execute(f"UPDATE scheduled_change SET item = '' WHERE kind = 'CANCEL' AND {PENDING} AND {LAST}")  # noqa: S608  (words of this file)
    op.execute(f"UPDATE subscription SET due_at = {DUE} WHERE last_phase_at IS NOT NULL")  # noqa: S608  (words of this file)
    op.execute(f"DELETE FROM scheduled_change WHERE kind = 'RELEASE' OR ({PENDING} AND item <> '')")  # noqa: S608  (words of this file)
    _allow(KINDS)
    with altering("scheduled_change") as changes:
        changes.drop_column("trial_end")
        changes.drop_column("phase")
        changes.drop_column("schedule_id")
    with altering("subscription") as changes:
        changes.drop_column("last_phase_at")
        changes.drop_column("schedule_cancel_at")


def _allow(kinds: str) -> None:
    """Let a scheduled change be of these kinds."""
    with altering("scheduled_change") as changes:
        changes.drop_constraint("ck_scheduled_change_kind", type_="check")
    with altering("scheduled_change") as changes:
        changes.create_check_constraint("ck_scheduled_change_kind", f"kind IN ({kinds})")


def _schedules() -> None:
    op.create_table(
        "subscription_schedule",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("end_behavior", TEXT, nullable=False),
        Column("ends_at", INSTANT, nullable=False),
        Column("actor", TEXT, nullable=False),
        Column("channel", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("settled_at", INSTANT),
        CheckConstraint(
            "channel IN ('API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER')", name="ck_subscription_schedule_channel"
        ),
        CheckConstraint("end_behavior IN ('RELEASE', 'CANCEL')", name="ck_subscription_schedule_end_behavior"),
        CheckConstraint(
            "status IN ('ACTIVE', 'COMPLETED', 'RELEASED', 'CANCELED')", name="ck_subscription_schedule_status"
        ),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_subscription_schedule_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_subscription_schedule_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_subscription_schedule_subscription_id"),
        PrimaryKeyConstraint("id", name="pk_subscription_schedule"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_subscription_schedule_subscription", "subscription_schedule", ["subscription_id", "created_at", "id"]
    )
    partial_index(
        "uq_subscription_schedule_active",
        "subscription_schedule",
        ["subscription_id"],
        where="status = 'ACTIVE'",
        unique=True,
    )
