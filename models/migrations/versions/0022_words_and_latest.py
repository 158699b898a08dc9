"""Words know by which way they were said, and what is said of many stands once; the latest is found by an index."""

from alembic import op
from sqlalchemy import Column

from models.migrations.columns import TEXT
from models.migrations.operations import altering, partial_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHANNELS = "'API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER'"
SAID = "UPDATE personal_text SET channel = (SELECT MAX(channel) FROM cancellation WHERE comment_id = personal_text.id)"
WHERE_SAID = "WHERE id IN (SELECT comment_id FROM cancellation)"

MOVE = {
    "sqlite": (
        (
            "INSERT INTO personal_text (id, environment_id, text, salt, channel)"
            " SELECT 'txt_' || substr(id, 5), environment_id, json_extract(input, '$.comment'), lower(hex(randomblob(16))),"
            " channel FROM job WHERE kind = 'CANCELLATION' AND json_extract(input, '$.comment') IS NOT NULL"
        ),
        (
            "UPDATE job SET input = json_remove(json_set(input, '$.comment_id', CASE WHEN json_extract(input, '$.comment')"
            " IS NULL THEN '' ELSE 'txt_' || substr(id, 5) END), '$.comment') WHERE kind = 'CANCELLATION'"
        ),
    ),
    "postgresql": (
        (
            "INSERT INTO personal_text (id, environment_id, text, salt, channel)"
            " SELECT 'txt_' || substr(id, 5), environment_id, input ->> 'comment', gen_random_uuid()::text, channel"
            " FROM job WHERE kind = 'CANCELLATION' AND input ->> 'comment' IS NOT NULL"
        ),
        (
            "UPDATE job SET input = (input - 'comment') || jsonb_build_object('comment_id', CASE WHEN input ->> 'comment'"
            " IS NULL THEN '' ELSE 'txt_' || substr(id, 5) END) WHERE kind = 'CANCELLATION'"
        ),
    ),
}
"""A job's comment stood in plain words in what it was asked."""

BACK = {
    "sqlite": "UPDATE job SET input = json_remove(json_set(input, '$.comment', (SELECT text FROM personal_text"
    " WHERE id = json_extract(job.input, '$.comment_id'))), '$.comment_id') WHERE kind = 'CANCELLATION'",
    "postgresql": "UPDATE job SET input = (input - 'comment_id') || jsonb_build_object('comment', (SELECT text FROM"
    " personal_text WHERE id = job.input ->> 'comment_id')) WHERE kind = 'CANCELLATION'",
}


def upgrade() -> None:
    with altering("personal_text") as changes:
        changes.alter_column("customer_id", existing_type=TEXT, nullable=True)
        changes.add_column(Column("channel", TEXT, nullable=False, server_default="API"))
    op.execute(f"{SAID} {WHERE_SAID}")
    with altering("personal_text") as changes:
        changes.alter_column("channel", server_default=None)
        changes.create_check_constraint("ck_personal_text_channel", f"channel IN ({CHANNELS})")
    for each in MOVE[op.get_bind().dialect.name]:
        op.execute(each)
    op.drop_index("ix_cancellation_subscription_id", "cancellation")
    op.create_index("ix_cancellation_latest", "cancellation", ["subscription_id", "undone_at", "requested_at", "id"])
    op.create_index("ix_cancellation_change", "cancellation", ["scheduled_change_id"])
    partial_index("ix_invoice_line_discount", "invoice_line", ["discount_id"], where="discount_id <> ''")


def downgrade() -> None:
    op.drop_index("ix_invoice_line_discount", "invoice_line")
    op.drop_index("ix_cancellation_change", "cancellation")
    op.drop_index("ix_cancellation_latest", "cancellation")
    op.create_index("ix_cancellation_subscription_id", "cancellation", ["subscription_id"])
    op.execute(BACK[op.get_bind().dialect.name])
    op.execute("DELETE FROM personal_text WHERE customer_id IS NULL")
    with altering("personal_text") as changes:
        changes.drop_constraint("ck_personal_text_channel", type_="check")
    with altering("personal_text") as changes:
        changes.drop_column("channel")
        changes.alter_column("customer_id", existing_type=TEXT, nullable=False)
