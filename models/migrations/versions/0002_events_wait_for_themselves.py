"""An event without a position is itself what the relay has to do: an index names it, and no outbox row beside it."""

from alembic import op

from models.migrations.operations import partial_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'EVENT_TO_PLACE'")
    partial_index("ix_event_unplaced", "event", ["environment_id", "id"], where="position IS NULL")


def downgrade() -> None:
    op.drop_index("ix_event_unplaced", table_name="event")
    op.execute(
        "INSERT INTO outbox (id, environment_id, kind, subject_id, due_at, attempts) "
        "SELECT 'out_' || substr(id, 5), environment_id, 'EVENT_TO_PLACE', id, recorded_at, 0 "
        "FROM event WHERE position IS NULL"
    )
