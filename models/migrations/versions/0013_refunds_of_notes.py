"""A refund names the credit note that it is of."""

from sqlalchemy import Column

from models.migrations.columns import TEXT
from models.migrations.operations import altering

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("refund") as changes:
        changes.add_column(Column("credit_note_id", TEXT, nullable=False, server_default=""))
    with altering("refund") as changes:
        changes.alter_column("credit_note_id", server_default=None)


def downgrade() -> None:
    with altering("refund") as changes:
        changes.drop_column("credit_note_id")
