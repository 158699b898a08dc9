"""The request that asked for an event, and open invoices by currency."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import TEXT
from models.migrations.operations import altering, partial_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("event") as changes:
        changes.add_column(Column("request_id", TEXT, nullable=False, server_default=""))
    with altering("event") as changes:
        changes.alter_column("request_id", server_default=None)
    partial_index("ix_invoice_open", "invoice", ["environment_id", "currency"], where="status = 'OPEN'")


def downgrade() -> None:
    op.drop_index("ix_invoice_open", "invoice")
    with altering("event") as changes:
        changes.drop_column("request_id")
