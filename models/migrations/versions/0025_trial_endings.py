"""What a trial's end does where there is no payment method, and the reason of an end that it brings."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import FLAG, TEXT
from models.migrations.operations import altering

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ENDINGS = "trial_ending IN ('CREATE_INVOICE', 'CANCEL', 'PAUSE')"
REASONS = (
    "'too_expensive', 'missing_features', 'switched_service', 'unused', 'customer_service', 'too_complex', "
    "'low_quality', 'other', 'replaced', 'payment_failed', 'payment_disputed'"
)


def upgrade() -> None:
    with altering("subscription") as changes:
        changes.add_column(Column("trial_ending", TEXT, nullable=False, server_default="CREATE_INVOICE"))
        changes.add_column(Column("method_missing", FLAG, nullable=False, server_default="0"))
    with altering("subscription") as changes:
        changes.alter_column("trial_ending", server_default=None)
        changes.alter_column("method_missing", server_default=None)
        changes.create_check_constraint("ck_subscription_trial_ending", ENDINGS)
    _allow(f"{REASONS}, 'no_payment_method'")


def downgrade() -> None:
    op.execute("UPDATE subscription SET status = 'TRIALING', due_at = trial_end WHERE status = 'PAUSED'")
    op.execute("UPDATE cancellation SET reason = 'payment_failed' WHERE reason = 'no_payment_method'")
    _allow(REASONS)
    with altering("subscription") as changes:
        changes.drop_constraint("ck_subscription_trial_ending", type_="check")
    with altering("subscription") as changes:
        changes.drop_column("method_missing")
        changes.drop_column("trial_ending")


def _allow(reasons: str) -> None:
    """Let a cancellation have one of these reasons."""
    with altering("cancellation") as changes:
        changes.drop_constraint("ck_cancellation_reason", type_="check")
    with altering("cancellation") as changes:
        changes.create_check_constraint("ck_cancellation_reason", f"reason IN ({reasons})")
