"""Bulk work: jobs with their items, what an import brought in, and which job asked for a scheduled change."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, JSON, TEXT
from models.migrations.operations import altering, partial_index

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    jobs()
    items()
    imports()
    with altering("scheduled_change") as changes:
        changes.add_column(Column("job_id", TEXT))


def downgrade() -> None:
    with altering("scheduled_change") as changes:
        changes.drop_column("job_id")
    for table in ("imported", "job_item", "job"):
        op.drop_table(table)


def jobs() -> None:
    op.create_table(
        "job",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("input", JSON, nullable=False),
        Column("total", INT64, nullable=False),
        Column("listed", FLAG, nullable=False),
        Column("listed_to", TEXT, nullable=False),
        Column("failure", TEXT, nullable=False),
        Column("actor", TEXT, nullable=False),
        Column("channel", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("started_at", INSTANT),
        Column("ended_at", INSTANT),
        Column("undo_at", INSTANT),
        CheckConstraint("kind IN ('PLAN_MIGRATION')", name="ck_job_kind"),
        CheckConstraint("state IN ('QUEUED', 'RUNNING', 'DONE', 'CANCELED', 'FAILED')", name="ck_job_state"),
        CheckConstraint("channel IN ('API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER')", name="ck_job_channel"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_job_environment_id"),
        PrimaryKeyConstraint("id", name="pk_job"),
        sqlite_strict=True,
    )
    op.create_index("ix_job_created", "job", ["environment_id", "created_at", "id"])
    partial_index("ix_job_open", "job", ["created_at", "id"], where="state IN ('QUEUED', 'RUNNING')")


def items() -> None:
    op.create_table(
        "job_item",
        Column("job_id", TEXT, nullable=False),
        Column("position", INT64, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subject_id", TEXT, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("code", TEXT, nullable=False),
        Column("message", TEXT, nullable=False),
        Column("result", JSON, nullable=False),
        Column("claimed_until", INSTANT),
        Column("settled_at", INSTANT),
        CheckConstraint("state IN ('PENDING', 'DONE', 'SKIPPED', 'FAILED', 'UNDONE')", name="ck_job_item_state"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_job_item_environment_id"),
        ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_item_job_id"),
        PrimaryKeyConstraint("job_id", "position", name="pk_job_item"),
        UniqueConstraint("job_id", "subject_id", name="uq_job_item_job_id_subject_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_job_item_state", "job_item", ["job_id", "state", "position"])


def imports() -> None:
    op.create_table(
        "imported",
        Column("environment_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("subject_id", TEXT, nullable=False),
        Column("imported_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('CUSTOMER', 'SUBSCRIPTION', 'USAGE', 'GRANT')", name="ck_imported_kind"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_imported_environment_id"),
        PrimaryKeyConstraint("environment_id", "kind", "key", name="pk_imported"),
        sqlite_strict=True,
    )
