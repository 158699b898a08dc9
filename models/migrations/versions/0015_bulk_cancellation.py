"""A job may cancel, or only try; its items say what they did in money."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import FLAG, INT64, TEXT
from models.migrations.operations import altering

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AMOUNTS = ("invoiced", "credited", "refunded", "waiting")
KINDS = "'PLAN_MIGRATION'"


def upgrade() -> None:
    with altering("job") as changes:
        changes.drop_constraint("ck_job_kind", type_="check")
        changes.create_check_constraint("ck_job_kind", f"kind IN ({KINDS}, 'CANCELLATION')")
        changes.add_column(Column("dry_run", FLAG, nullable=False, server_default="0"))
    with altering("job_item") as changes:
        changes.add_column(Column("currency", TEXT, nullable=False, server_default=""))
        for name in AMOUNTS:
            changes.add_column(Column(name, INT64, nullable=False, server_default="0"))
    with altering("job") as changes:
        changes.alter_column("dry_run", server_default=None)
    with altering("job_item") as changes:
        for name in ("currency", *AMOUNTS):
            changes.alter_column(name, server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM job_item WHERE job_id IN (SELECT id FROM job WHERE kind = 'CANCELLATION')")
    op.execute("DELETE FROM job WHERE kind = 'CANCELLATION'")
    with altering("job_item") as changes:
        for name in ("currency", *AMOUNTS):
            changes.drop_column(name)
    with altering("job") as changes:
        changes.drop_constraint("ck_job_kind", type_="check")
        changes.create_check_constraint("ck_job_kind", f"kind IN ({KINDS})")
        changes.drop_column("dry_run")
