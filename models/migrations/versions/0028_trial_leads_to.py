"""Where the end of a trial leads that finds no payment method. (S7)"""

from sqlalchemy import Column

from models.migrations.columns import JSON
from models.migrations.operations import altering

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("subscription") as changes:
        changes.add_column(Column("trial_leads_to", JSON))


def downgrade() -> None:
    with altering("subscription") as changes:
        changes.drop_column("trial_leads_to")
