"""Usage that is billed oftener than its subscription: when it is due, and whose it is."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import INSTANT, TEXT
from models.migrations.operations import altering, partial_index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("usage_cursor") as changes:
        changes.add_column(Column("customer_id", TEXT, nullable=False, server_default=""))
        changes.add_column(Column("due_at", INSTANT))
    found = "SELECT customer_id FROM subscription WHERE subscription.id = usage_cursor.subscription_id"
    op.execute(f"UPDATE usage_cursor SET customer_id = ({found})")  # noqa: S608  (words of this file)
    with altering("usage_cursor") as changes:
        changes.alter_column("customer_id", server_default=None)
        changes.create_foreign_key("fk_usage_cursor_customer_id", "customer", ["customer_id"], ["id"])
    partial_index("ix_usage_cursor_due", "usage_cursor", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    partial_index("ix_usage_cursor_customer", "usage_cursor", ["customer_id", "due_at"], where="due_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_usage_cursor_customer", "usage_cursor")
    op.drop_index("ix_usage_cursor_due", "usage_cursor")
    with altering("usage_cursor") as changes:
        changes.drop_constraint("fk_usage_cursor_customer_id", type_="foreignkey")
        changes.drop_column("due_at")
        changes.drop_column("customer_id")
