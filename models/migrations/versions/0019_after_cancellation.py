"""Where the end of a subscription leads, and when it did."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import INSTANT, TEXT
from models.migrations.operations import altering

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("product") as changes:
        changes.add_column(Column("after_plan_id", TEXT, nullable=False, server_default=""))
    with altering("product") as changes:
        changes.alter_column("after_plan_id", server_default=None)
    with altering("subscription") as changes:
        changes.add_column(Column("went_on_at", INSTANT))


def downgrade() -> None:
    op.execute("UPDATE scheduled_change SET target = NULL WHERE kind = 'CANCEL'")
    with altering("subscription") as changes:
        changes.drop_column("went_on_at")
    with altering("product") as changes:
        changes.drop_column("after_plan_id")
