"""Instalments: how many a plan is paid in, what a subscription agreed on, and whether customers may end them."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import FLAG, INSTANT, INT64, TEXT
from models.migrations.operations import altering

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AFTER = "access_after_completion"
CHOICE = f"{AFTER} IN ('KEEP', 'END')"
KNOWN = {"plan_version": "instalments", "subscription": "instalments", "self_service_policy": "allow_instalment_cancel"}


def upgrade() -> None:
    with altering("plan_version") as changes:
        changes.add_column(Column("instalments", INT64, nullable=False, server_default="0"))
        changes.add_column(Column(AFTER, TEXT, nullable=False, server_default="KEEP"))
    with altering("subscription") as changes:
        changes.add_column(Column("instalments", INT64, nullable=False, server_default="0"))
        changes.add_column(Column(AFTER, TEXT))
        changes.add_column(Column("completes_at", INSTANT))
    with altering("self_service_policy") as changes:
        changes.add_column(Column("allow_instalment_cancel", FLAG, nullable=False, server_default="0"))
    for table, column in KNOWN.items():
        with altering(table) as changes:
            changes.alter_column(column, server_default=None)
    with altering("plan_version") as changes:
        changes.alter_column(AFTER, server_default=None)
    for table in ("plan_version", "subscription"):
        with altering(table) as changes:
            changes.create_check_constraint(f"ck_{table}_{AFTER}", CHOICE)


def downgrade() -> None:
    waits = "completes_at IS NOT NULL AND ended_at IS NULL AND due_at IS NULL"
    op.execute(f"UPDATE subscription SET due_at = natural_end WHERE {waits}")  # noqa: S608  (words of this file)
    for table in ("subscription", "plan_version"):
        with altering(table) as changes:
            changes.drop_constraint(f"ck_{table}_{AFTER}", type_="check")
    with altering("self_service_policy") as changes:
        changes.drop_column("allow_instalment_cancel")
    with altering("subscription") as changes:
        changes.drop_column("completes_at")
        changes.drop_column(AFTER)
        changes.drop_column("instalments")
    with altering("plan_version") as changes:
        changes.drop_column(AFTER)
        changes.drop_column("instalments")
