"""Money: invoices with their lines, what keeps time from being billed twice, credit balances and credit notes."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, JSON, TEXT
from models.migrations.operations import altering, partial_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MADE = (
    "invoice",
    "invoice_line",
    "waiver",
    "usage_cursor",
    "document_counter",
    "credit_balance",
    "credit_entry",
    "credit_note",
)


def upgrade() -> None:
    settings()
    invoices()
    invoice_lines()
    waivers()
    usage_cursors()
    document_counters()
    credit_balances()
    credit_entries()
    credit_notes()


def downgrade() -> None:
    for table in reversed(MADE):
        op.drop_table(table)
    with altering("subscription") as changes:
        changes.drop_constraint("ck_subscription_billing_mode", type_="check")
        changes.drop_column("billing_mode")
    with altering("environment") as changes:
        changes.drop_column("billing")


def settings() -> None:
    """How an environment bills, and what a credit of a subscription is a share of."""
    with altering("environment") as changes:
        changes.add_column(Column("billing", JSON, nullable=False, server_default="{}"))
    with altering("environment") as changes:
        changes.alter_column("billing", server_default=None)
    with altering("subscription") as changes:
        changes.add_column(Column("billing_mode", TEXT, nullable=False, server_default="FLEXIBLE"))
    with altering("subscription") as changes:
        changes.alter_column("billing_mode", server_default=None)
        changes.create_check_constraint("ck_subscription_billing_mode", "billing_mode IN ('FLEXIBLE', 'CLASSIC')")


def invoices() -> None:
    op.create_table(
        "invoice",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("number", TEXT),
        Column("status", TEXT, nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("collection_method", TEXT, nullable=False),
        Column("auto_advance", FLAG, nullable=False),
        Column("period_start", INSTANT),
        Column("period_end", INSTANT),
        Column("subtotal", INT64, nullable=False),
        Column("discount", INT64, nullable=False),
        Column("tax", INT64, nullable=False),
        Column("total", INT64, nullable=False),
        Column("balance_applied", INT64, nullable=False),
        Column("credited", INT64, nullable=False),
        Column("paid", INT64, nullable=False),
        Column("remaining", INT64, nullable=False),
        Column("paid_out_of_band", FLAG, nullable=False),
        Column("seller", JSON, nullable=False),
        Column("buyer", JSON, nullable=False),
        Column("memo", TEXT, nullable=False),
        Column("due_at", INSTANT),
        Column("payable_by", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        Column("finalized_at", INSTANT),
        Column("settled_at", INSTANT),
        CheckConstraint(
            "collection_method IN ('CHARGE_AUTOMATICALLY', 'SEND_INVOICE')", name="ck_invoice_collection_method"
        ),
        CheckConstraint(
            "reason IN ('SUBSCRIPTION_START', 'RENEWAL', 'CHANGE', 'CANCELLATION', 'MANUAL')", name="ck_invoice_reason"
        ),
        CheckConstraint("status IN ('DRAFT', 'OPEN', 'PAID', 'VOID', 'UNCOLLECTIBLE')", name="ck_invoice_status"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_invoice_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_invoice_environment_id"),
        PrimaryKeyConstraint("id", name="pk_invoice"),
        UniqueConstraint("environment_id", "number", name="uq_invoice_environment_id_number"),
        sqlite_strict=True,
    )
    op.create_index("ix_invoice_created", "invoice", ["environment_id", "created_at", "id"])
    op.create_index("ix_invoice_customer", "invoice", ["customer_id", "created_at", "id"])
    partial_index("ix_invoice_due", "invoice", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    op.create_index("ix_invoice_subscription", "invoice", ["subscription_id", "created_at", "id"])


def invoice_lines() -> None:
    op.create_table(
        "invoice_line",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("credit_note_id", TEXT, nullable=False),
        Column("position", INT64, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("proration", FLAG, nullable=False),
        Column("plan_id", TEXT, nullable=False),
        Column("price_id", TEXT, nullable=False),
        Column("add_on", FLAG, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("description", TEXT, nullable=False),
        Column("quantity", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("period_start", INSTANT),
        Column("period_end", INSTANT),
        Column("natural_start", INSTANT),
        Column("natural_end", INSTANT),
        Column("gross", INT64, nullable=False),
        Column("discount", INT64, nullable=False),
        Column("net", INT64, nullable=False),
        Column("discount_id", TEXT, nullable=False),
        Column("discount_ppm", INT64),
        Column("discount_amount", INT64),
        Column("credits_line_id", TEXT, nullable=False),
        Column("tax_ppm", INT64),
        Column("tax_name", TEXT, nullable=False),
        Column("tax_country", TEXT, nullable=False),
        Column("tax_inclusive", FLAG, nullable=False),
        Column("tax", INT64, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('PERIOD', 'CREDIT', 'USAGE', 'ITEM')", name="ck_invoice_line_kind"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_invoice_line_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_invoice_line_environment_id"),
        PrimaryKeyConstraint("id", name="pk_invoice_line"),
        sqlite_strict=True,
    )
    op.create_index("ix_invoice_line_billed", "invoice_line", ["subscription_id", "period_end"])
    op.create_index("ix_invoice_line_credits", "invoice_line", ["credits_line_id"])
    op.create_index("ix_invoice_line_invoice", "invoice_line", ["invoice_id", "position"])
    partial_index(
        "ix_invoice_line_pending",
        "invoice_line",
        ["customer_id", "created_at", "id"],
        where="invoice_id = '' AND credit_note_id = ''",
    )


def waivers() -> None:
    op.create_table(
        "waiver",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("stands_on", TEXT, nullable=False),
        Column("plan_id", TEXT, nullable=False),
        Column("price_id", TEXT, nullable=False),
        Column("add_on", FLAG, nullable=False),
        Column("quantity", INT64, nullable=False),
        Column("period_start", INSTANT, nullable=False),
        Column("period_end", INSTANT, nullable=False),
        Column("cause", TEXT, nullable=False),
        Column("change_id", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_waiver_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_waiver_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_waiver_subscription_id"),
        PrimaryKeyConstraint("id", name="pk_waiver"),
        sqlite_strict=True,
    )
    op.create_index("ix_waiver_subscription", "waiver", ["subscription_id", "period_end"])


def usage_cursors() -> None:
    op.create_table(
        "usage_cursor",
        Column("subscription_id", TEXT, nullable=False),
        Column("price_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("billed_until", INSTANT, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_usage_cursor_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_usage_cursor_subscription_id"),
        PrimaryKeyConstraint("subscription_id", "price_id", name="pk_usage_cursor"),
        sqlite_strict=True,
    )


def document_counters() -> None:
    op.create_table(
        "document_counter",
        Column("environment_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("number", INT64, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_document_counter_environment_id"),
        PrimaryKeyConstraint("environment_id", "kind", name="pk_document_counter"),
        sqlite_strict=True,
    )


def credit_balances() -> None:
    op.create_table(
        "credit_balance",
        Column("customer_id", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_credit_balance_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_credit_balance_environment_id"),
        PrimaryKeyConstraint("customer_id", "currency", name="pk_credit_balance"),
        sqlite_strict=True,
    )


def credit_entries() -> None:
    op.create_table(
        "credit_entry",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("after", INT64, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("credit_note_id", TEXT, nullable=False),
        Column("refund_id", TEXT, nullable=False),
        Column("note", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint(
            "kind IN ('NEGATIVE_INVOICE', 'CREDIT_NOTE', 'GRANT', 'APPLIED', 'UNAPPLIED', 'REFUND')",
            name="ck_credit_entry_kind",
        ),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_credit_entry_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_credit_entry_environment_id"),
        PrimaryKeyConstraint("id", name="pk_credit_entry"),
        sqlite_strict=True,
    )
    op.create_index("ix_credit_entry_customer", "credit_entry", ["customer_id", "created_at", "id"])


def credit_notes() -> None:
    op.create_table(
        "credit_note",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("number", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("net", INT64, nullable=False),
        Column("tax", INT64, nullable=False),
        Column("total", INT64, nullable=False),
        Column("reduced", INT64, nullable=False),
        Column("to_balance", INT64, nullable=False),
        Column("refunded", INT64, nullable=False),
        Column("out_of_band", INT64, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_credit_note_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_credit_note_environment_id"),
        ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_credit_note_invoice_id"),
        PrimaryKeyConstraint("id", name="pk_credit_note"),
        UniqueConstraint("environment_id", "number", name="uq_credit_note_environment_id_number"),
        sqlite_strict=True,
    )
    op.create_index("ix_credit_note_customer", "credit_note", ["customer_id", "created_at", "id"])
    op.create_index("ix_credit_note_invoice", "credit_note", ["invoice_id"])
