"""Which transaction took a sequence last: other programs on PostgreSQL notice by it whom something was written about."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import INT64
from models.migrations.operations import altering, partial_index

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("sequence") as changes:
        changes.add_column(Column("taken", INT64))
    partial_index("ix_sequence_taken", "sequence", ["taken"], where="taken IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_sequence_taken", "sequence")
    with altering("sequence") as changes:
        changes.drop_column("taken")
