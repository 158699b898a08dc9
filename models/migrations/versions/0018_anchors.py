"""Anchors: whether one was chosen, which cancel date it follows, and what it was before."""

from sqlalchemy import Column

from models.migrations.columns import FLAG, INSTANT
from models.migrations.operations import altering

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with altering("subscription") as changes:
        changes.add_column(Column("anchor_chosen", FLAG, nullable=False, server_default="0"))
        changes.add_column(Column("anchor_follows", INSTANT))
        changes.add_column(Column("anchor_before", INSTANT))
    with altering("subscription") as changes:
        changes.alter_column("anchor_chosen", server_default=None)


def downgrade() -> None:
    with altering("subscription") as changes:
        changes.drop_column("anchor_before")
        changes.drop_column("anchor_follows")
        changes.drop_column("anchor_chosen")
