"""How many instalments were paid before a subscription was brought in."""

from sqlalchemy import Column

from models.migrations.columns import INT64
from models.migrations.operations import altering

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("subscription") as changes:
        changes.add_column(Column("instalments_before", INT64, nullable=False, server_default="0"))
    with altering("subscription") as changes:
        changes.alter_column("instalments_before", server_default=None)


def downgrade() -> None:
    with altering("subscription") as changes:
        changes.drop_column("instalments_before")
