"""Payments: methods, attempts, refunds, disputes, the sandbox's books; grace, pausing collection, and why it ended."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, TEXT
from models.migrations.operations import altering, partial_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MADE = ("payment_method", "payment", "refund", "dispute", "sandbox_entry")
GIVEN = (
    "'too_expensive', 'missing_features', 'switched_service', 'unused', 'customer_service', 'too_complex', "
    "'low_quality', 'other'"
)
MOVED = "'NEGATIVE_INVOICE', 'CREDIT_NOTE', 'GRANT', 'APPLIED', 'UNAPPLIED', 'REFUND'"


def upgrade() -> None:
    payment_methods()
    payments()
    refunds()
    disputes()
    sandbox_entries()
    subscriptions()
    _allow("cancellation", "reason", f"{GIVEN}, 'payment_failed', 'payment_disputed'")
    _allow("credit_entry", "kind", f"{MOVED}, 'OVERPAID'")


def downgrade() -> None:
    op.execute("UPDATE cancellation SET reason = NULL WHERE reason IN ('payment_failed', 'payment_disputed')")
    op.execute("UPDATE credit_entry SET kind = 'GRANT' WHERE kind = 'OVERPAID'")
    _allow("credit_entry", "kind", MOVED)
    _allow("cancellation", "reason", GIVEN)
    with altering("subscription") as changes:
        changes.drop_constraint("ck_subscription_collection_behavior", type_="check")
        for column in ("grace_until", "collection_resumes_at", "collection_behavior"):
            changes.drop_column(column)
    for table in reversed(MADE):
        op.drop_table(table)


def _allow(table: str, column: str, values: str) -> None:
    """Let a column have these values."""
    with altering(table) as changes:
        changes.drop_constraint(f"ck_{table}_{column}", type_="check")
    with altering(table) as changes:
        changes.create_check_constraint(f"ck_{table}_{column}", f"{column} IN ({values})")


def subscriptions() -> None:
    """Pausing collection, and until when a late payment leaves the access."""
    behaviors = "'KEEP_AS_DRAFT', 'MARK_UNCOLLECTIBLE', 'VOID'"
    with altering("subscription") as changes:
        changes.add_column(Column("collection_behavior", TEXT))
        changes.add_column(Column("collection_resumes_at", INSTANT))
        changes.add_column(Column("grace_until", INSTANT))
    with altering("subscription") as changes:
        changes.create_check_constraint("ck_subscription_collection_behavior", f"collection_behavior IN ({behaviors})")


def payment_methods() -> None:
    op.create_table(
        "payment_method",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("provider", TEXT, nullable=False),
        Column("reference", TEXT, nullable=False),
        Column("label", TEXT, nullable=False),
        Column("is_default", FLAG, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("removed_at", INSTANT),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_payment_method_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_payment_method_environment_id"),
        PrimaryKeyConstraint("id", name="pk_payment_method"),
        sqlite_strict=True,
    )
    op.create_index("ix_payment_method_customer", "payment_method", ["customer_id", "created_at", "id"])
    partial_index("uq_payment_method_default", "payment_method", ["customer_id"], where="is_default", unique=True)


def payments() -> None:
    op.create_table(
        "payment",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("method_id", TEXT, nullable=False),
        Column("provider", TEXT, nullable=False),
        Column("number", INT64, nullable=False),
        Column("manual", FLAG, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("refunded", INT64, nullable=False),
        Column("disputed", INT64, nullable=False),
        Column("code", TEXT, nullable=False),
        Column("action_url", TEXT, nullable=False),
        Column("scheduled_at", INSTANT, nullable=False),
        Column("made_at", INSTANT),
        Column("settled_at", INSTANT),
        Column("due_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint(
            "status IN ('PENDING', 'NEEDS_ACTION', 'SUCCEEDED', 'FAILED', 'DROPPED')", name="ck_payment_status"
        ),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_payment_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_payment_environment_id"),
        ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_payment_invoice_id"),
        PrimaryKeyConstraint("id", name="pk_payment"),
        UniqueConstraint("invoice_id", "number", name="uq_payment_invoice_id_number"),
        sqlite_strict=True,
    )
    op.create_index("ix_payment_customer", "payment", ["customer_id", "created_at", "id"])
    partial_index("ix_payment_due", "payment", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    partial_index(
        "uq_payment_open", "payment", ["invoice_id"], where="status IN ('PENDING', 'NEEDS_ACTION')", unique=True
    )


def refunds() -> None:
    op.create_table(
        "refund",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("payment_id", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("code", TEXT, nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("due_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        Column("settled_at", INSTANT),
        CheckConstraint("status IN ('PENDING', 'SUCCEEDED', 'FAILED')", name="ck_refund_status"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_refund_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_refund_environment_id"),
        ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_refund_invoice_id"),
        ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_refund_payment_id"),
        PrimaryKeyConstraint("id", name="pk_refund"),
        sqlite_strict=True,
    )
    partial_index("ix_refund_due", "refund", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    op.create_index("ix_refund_payment", "refund", ["payment_id", "created_at", "id"])


def disputes() -> None:
    op.create_table(
        "dispute",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("payment_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("whole", FLAG, nullable=False),
        Column("effect", TEXT, nullable=False),
        Column("opened_at", INSTANT, nullable=False),
        CheckConstraint("effect IN ('NOTHING', 'CANCEL_NOW', 'CANCEL_AT_PERIOD_END')", name="ck_dispute_effect"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_dispute_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_dispute_environment_id"),
        ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_dispute_invoice_id"),
        ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_dispute_payment_id"),
        PrimaryKeyConstraint("id", name="pk_dispute"),
        UniqueConstraint("payment_id", name="uq_dispute_payment_id"),
        sqlite_strict=True,
    )


def sandbox_entries() -> None:
    op.create_table(
        "sandbox_entry",
        Column("environment_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("charge_key", TEXT, nullable=False),
        Column("method", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("outcome", TEXT, nullable=False),
        Column("code", TEXT, nullable=False),
        Column("disputed", INT64, nullable=False),
        Column("later", TEXT),
        Column("later_code", TEXT, nullable=False),
        Column("later_disputed", INT64, nullable=False),
        Column("later_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('CHARGE', 'REFUND')", name="ck_sandbox_entry_kind"),
        CheckConstraint("later IN ('SUCCEEDED', 'FAILED', 'NEEDS_ACTION', 'PENDING')", name="ck_sandbox_entry_later"),
        CheckConstraint(
            "outcome IN ('SUCCEEDED', 'FAILED', 'NEEDS_ACTION', 'PENDING')", name="ck_sandbox_entry_outcome"
        ),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_sandbox_entry_environment_id"),
        PrimaryKeyConstraint("environment_id", "key", name="pk_sandbox_entry"),
        sqlite_strict=True,
    )
