"""A line of usage keeps what was measured as it was called, and its unit."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import TEXT
from models.migrations.operations import altering

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEPT = ("name", "unit")


def upgrade() -> None:
    with altering("invoice_line") as changes:
        for each in KEPT:
            changes.add_column(Column(each, TEXT, nullable=False, server_default=""))
    for each in KEPT:
        found = f"SELECT {each} FROM feature WHERE feature.id = invoice_line.feature_id"  # noqa: S608  (names of ours)
        op.execute(f"UPDATE invoice_line SET {each} = ({found}) WHERE feature_id <> ''")  # noqa: S608  (names of ours)
    with altering("invoice_line") as changes:
        for each in KEPT:
            changes.alter_column(each, server_default=None)


def downgrade() -> None:
    with altering("invoice_line") as changes:
        for each in reversed(KEPT):
            changes.drop_column(each)
