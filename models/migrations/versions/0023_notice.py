"""A cancellation may take effect after a notice."""

from alembic import op

from models.migrations.operations import altering

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TIMINGS = "'IMMEDIATE', 'END_OF_PERIOD', 'ON_DATE', 'AFTER_CYCLES'"


def upgrade() -> None:
    _allow(f"{TIMINGS}, 'AFTER_NOTICE'")


def downgrade() -> None:
    op.execute("UPDATE cancellation SET timing = 'ON_DATE' WHERE timing = 'AFTER_NOTICE'")
    _allow(TIMINGS)


def _allow(timings: str) -> None:
    """Let a cancellation have these timings."""
    with altering("cancellation") as changes:
        changes.drop_constraint("ck_cancellation_timing", type_="check")
    with altering("cancellation") as changes:
        changes.create_check_constraint("ck_cancellation_timing", f"timing IN ({timings})")
