"""What a customer token opened in the portal ends with the token. Sessions from before this were of at most an hour."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import INSTANT, TEXT
from models.migrations.operations import altering

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal_session", Column("token_id", TEXT))
    op.add_column("portal_session", Column("token_expires_at", INSTANT))


def downgrade() -> None:
    with altering("portal_session") as changes:
        changes.drop_column("token_expires_at")
        changes.drop_column("token_id")
