"""The books: what each document of money moved between accounts."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint

from models.migrations.columns import INSTANT, JSON, TEXT

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = (
    "'INVOICE', 'INVOICE_VOIDED', 'INVOICE_GIVEN_UP', 'INVOICE_PAID_OUT_OF_BAND', 'CREDIT_NOTE', 'BALANCE_ENTRY', "
    "'PAYMENT', 'REFUND', 'DISPUTE'"
)


def upgrade() -> None:
    op.create_table(
        "booking",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("invoice_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("document_id", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("postings", JSON, nullable=False),
        Column("at", INSTANT, nullable=False),
        CheckConstraint(f"kind IN ({KINDS})", name="ck_booking_kind"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_booking_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_booking_environment_id"),
        PrimaryKeyConstraint("id", name="pk_booking"),
        sqlite_strict=True,
    )
    op.create_index("ix_booking_at", "booking", ["environment_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("booking")
