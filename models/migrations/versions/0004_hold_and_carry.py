"""Hold amounts for long jobs, carry unspent ones over, and tell of thresholds.

A hold that was made by hand before this holds its whole amount of the counter of its own resource. Which features roll
over is read from what plans give already.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, JSON, TEXT
from models.migrations.operations import altering, partial_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is held, carried over and told of."""
    _features()
    _usage()
    _reservations()
    op.create_table(
        "threshold_mark",
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("scope", TEXT, nullable=False),
        Column("window_start", INSTANT, nullable=False),
        Column("threshold", INT64, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_threshold_mark_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_threshold_mark_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_threshold_mark_feature_id"),
        PrimaryKeyConstraint(
            "customer_id", "feature_id", "scope", "window_start", "threshold", name="pk_threshold_mark"
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away; what was settled is told as consumed, what expired as released."""
    op.drop_table("threshold_mark")
    op.drop_index("ix_reservation_hold_grant", "reservation_hold")
    op.drop_table("reservation_hold")
    op.execute("UPDATE reservation SET state = 'RELEASED' WHERE state = 'EXPIRED'")
    op.drop_index("ix_reservation_due", "reservation")
    with altering("reservation") as changes:
        changes.drop_constraint("ck_reservation_state", type_="check")
        changes.create_check_constraint("ck_reservation_state", "state IN ('HELD', 'SETTLED', 'RELEASED')")
        changes.drop_constraint("fk_reservation_usage_id", type_="foreignkey")
        for name in ("scope", "limit_amount", "place", "settled_amount", "usage_id", "due_at"):
            changes.drop_column(name)
    op.execute("UPDATE usage SET kind = 'CONSUME' WHERE kind = 'SETTLE'")
    with altering("usage") as changes:
        changes.drop_constraint("ck_usage_kind", type_="check")
        changes.create_check_constraint("ck_usage_kind", "kind IN ('CONSUME', 'REPORT', 'SET')")
        changes.drop_column("rolled_amount")
        changes.drop_column("over_amount")
    with altering("feature") as changes:
        changes.drop_column("thresholds")
        changes.drop_column("rolls_over")


def _features() -> None:
    with altering("feature") as changes:
        changes.add_column(Column("thresholds", JSON, nullable=False, server_default="[80,100]"))
        changes.add_column(Column("rolls_over", FLAG, nullable=False, server_default="0"))
    op.execute(
        "UPDATE feature SET rolls_over = TRUE "
        "WHERE id IN (SELECT feature_id FROM plan_entitlement WHERE rollover_maximum IS NOT NULL)"
    )
    with altering("feature") as changes:
        changes.alter_column("thresholds", server_default=None)
        changes.alter_column("rolls_over", server_default=None)


def _usage() -> None:
    with altering("usage") as changes:
        changes.drop_constraint("ck_usage_kind", type_="check")
        changes.create_check_constraint("ck_usage_kind", "kind IN ('CONSUME', 'REPORT', 'SET', 'SETTLE')")
        changes.add_column(Column("rolled_amount", INT64, nullable=False, server_default="0"))
        changes.add_column(Column("over_amount", INT64, nullable=False, server_default="0"))
    with altering("usage") as changes:
        changes.alter_column("rolled_amount", server_default=None)
        changes.alter_column("over_amount", server_default=None)


def _reservations() -> None:
    with altering("reservation") as changes:
        changes.drop_constraint("ck_reservation_state", type_="check")
        changes.create_check_constraint("ck_reservation_state", "state IN ('HELD', 'SETTLED', 'RELEASED', 'EXPIRED')")
        changes.add_column(Column("scope", TEXT, nullable=False, server_default=""))
        changes.add_column(Column("limit_amount", INT64, nullable=False, server_default="0"))
        changes.add_column(Column("place", INT64, nullable=False, server_default="0"))
        changes.add_column(Column("settled_amount", INT64))
        changes.add_column(Column("usage_id", TEXT))
        changes.add_column(Column("due_at", INSTANT))
        changes.create_foreign_key("fk_reservation_usage_id", "usage", ["usage_id"], ["id"])
    op.execute(
        "UPDATE reservation SET scope = resource, limit_amount = amount, "
        "due_at = CASE WHEN state = 'HELD' THEN expires_at END"
    )
    with altering("reservation") as changes:
        for name in ("scope", "limit_amount", "place"):
            changes.alter_column(name, server_default=None)
    partial_index("ix_reservation_due", "reservation", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    op.create_table(
        "reservation_hold",
        Column("reservation_id", TEXT, nullable=False),
        Column("grant_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("position", INT64, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_reservation_hold_environment_id"),
        ForeignKeyConstraint(["grant_id"], ["grant.id"], name="fk_reservation_hold_grant_id"),
        ForeignKeyConstraint(["reservation_id"], ["reservation.id"], name="fk_reservation_hold_reservation_id"),
        PrimaryKeyConstraint("reservation_id", "grant_id", name="pk_reservation_hold"),
        sqlite_strict=True,
    )
    op.create_index("ix_reservation_hold_grant", "reservation_hold", ["grant_id"])
