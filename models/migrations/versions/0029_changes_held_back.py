"""What waits until no more is used than it leads to, and what held it back. (S6)"""

from sqlalchemy import Column

from models.migrations.columns import FLAG, INSTANT, JSON
from models.migrations.operations import altering

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("scheduled_change") as changes:
        changes.add_column(Column("until_fits", FLAG, nullable=False, server_default="0"))
        changes.add_column(Column("held_back_at", INSTANT))
        changes.add_column(Column("blocked_by", JSON))
    with altering("scheduled_change") as changes:
        changes.alter_column("until_fits", server_default=None)


def downgrade() -> None:
    with altering("scheduled_change") as changes:
        changes.drop_column("blocked_by")
        changes.drop_column("held_back_at")
        changes.drop_column("until_fits")
