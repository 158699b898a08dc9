"""What counters hold of features that are no sums is found in the ledger anew: it was added up until now."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

LEVELS = "SELECT id FROM feature WHERE aggregation <> 'SUM'"


def upgrade() -> None:
    op.execute(f"DELETE FROM balance WHERE feature_id IN ({LEVELS})")  # noqa: S608  (words of this file)


def downgrade() -> None:
    op.execute(f"DELETE FROM balance WHERE feature_id IN ({LEVELS})")  # noqa: S608  (as above)
