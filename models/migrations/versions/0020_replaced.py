"""Which subscription took the place of one that was cancelled."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import TEXT
from models.migrations.operations import altering

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REASONS = (
    "'too_expensive', 'missing_features', 'switched_service', 'unused', 'customer_service', 'too_complex', "
    "'low_quality', 'other'"
)
OWN = "'payment_failed', 'payment_disputed'"


def upgrade() -> None:
    with altering("cancellation") as changes:
        changes.add_column(Column("replaced_by_id", TEXT, nullable=False, server_default=""))
    with altering("cancellation") as changes:
        changes.alter_column("replaced_by_id", server_default=None)
    _allow(f"{REASONS}, 'replaced', {OWN}")


def downgrade() -> None:
    op.execute("UPDATE cancellation SET reason = 'other' WHERE reason = 'replaced'")
    _allow(f"{REASONS}, {OWN}")
    with altering("cancellation") as changes:
        changes.drop_column("replaced_by_id")


def _allow(reasons: str) -> None:
    """Let a cancellation have one of these reasons."""
    with altering("cancellation") as changes:
        changes.drop_constraint("ck_cancellation_reason", type_="check")
    with altering("cancellation") as changes:
        changes.create_check_constraint("ck_cancellation_reason", f"reason IN ({reasons})")
