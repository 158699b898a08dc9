"""A cancellation keeps its terms, which count when it takes effect, and may end after a number of periods."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import JSON
from models.migrations.operations import altering

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIMINGS = "'IMMEDIATE', 'END_OF_PERIOD', 'ON_DATE'"


def upgrade() -> None:
    with altering("cancellation") as changes:
        changes.add_column(Column("terms", JSON))
    _allow(f"{TIMINGS}, 'AFTER_CYCLES'")


def downgrade() -> None:
    op.execute("UPDATE cancellation SET timing = 'ON_DATE' WHERE timing = 'AFTER_CYCLES'")
    _allow(TIMINGS)
    with altering("cancellation") as changes:
        changes.drop_column("terms")


def _allow(timings: str) -> None:
    """Let a cancellation have these timings."""
    with altering("cancellation") as changes:
        changes.drop_constraint("ck_cancellation_timing", type_="check")
    with altering("cancellation") as changes:
        changes.create_check_constraint("ck_cancellation_timing", f"timing IN ({timings})")
