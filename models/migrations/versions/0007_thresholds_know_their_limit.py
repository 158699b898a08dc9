"""A threshold is told again of a raised limit: keep of which limit it was told. What was told before this is of 0."""

from sqlalchemy import Column

from models.migrations.columns import INT64
from models.migrations.operations import altering

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("threshold_mark") as changes:
        changes.add_column(Column("limit", INT64, nullable=False, server_default="0"))
    with altering("threshold_mark") as changes:
        changes.alter_column("limit", server_default=None)


def downgrade() -> None:
    with altering("threshold_mark") as changes:
        changes.drop_column("limit")
