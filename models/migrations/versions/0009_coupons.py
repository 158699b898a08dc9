"""Coupons, the codes that give them, and the discounts that were given."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, JSON, TEXT
from models.migrations.operations import partial_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    coupons()
    promotion_codes()
    discounts()


def downgrade() -> None:
    for table in ("discount", "promotion_code", "coupon"):
        op.drop_table(table)


def coupons() -> None:
    op.create_table(
        "coupon",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("duration", TEXT, nullable=False),
        Column("months", INT64),
        Column("ppm", INT64),
        Column("amounts", JSON, nullable=False),
        Column("products", JSON, nullable=False),
        Column("redeem_by", INSTANT),
        Column("maximum", INT64),
        Column("redeemed", INT64, nullable=False),
        Column("archived_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("duration IN ('ONCE', 'MONTHS', 'FOREVER')", name="ck_coupon_duration"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_coupon_environment_id"),
        PrimaryKeyConstraint("id", name="pk_coupon"),
        UniqueConstraint("environment_id", "key", name="uq_coupon_environment_id_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_coupon_created", "coupon", ["environment_id", "created_at", "id"])


def promotion_codes() -> None:
    op.create_table(
        "promotion_code",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("coupon_id", TEXT, nullable=False),
        Column("code", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("first_purchase_only", FLAG, nullable=False),
        Column("expires_at", INSTANT),
        Column("maximum", INT64),
        Column("redeemed", INT64, nullable=False),
        Column("archived_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name="fk_promotion_code_coupon_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_promotion_code_environment_id"),
        PrimaryKeyConstraint("id", name="pk_promotion_code"),
        UniqueConstraint("environment_id", "code", name="uq_promotion_code_environment_id_code"),
        sqlite_strict=True,
    )
    op.create_index("ix_promotion_code_coupon", "promotion_code", ["coupon_id", "created_at", "id"])


def discounts() -> None:
    op.create_table(
        "discount",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("coupon_id", TEXT, nullable=False),
        Column("promotion_code_id", TEXT, nullable=False),
        Column("starts_at", INSTANT, nullable=False),
        Column("ends_at", INSTANT),
        Column("due_at", INSTANT),
        Column("used_by", TEXT, nullable=False),
        Column("ended_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name="fk_discount_coupon_id"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_discount_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_discount_environment_id"),
        PrimaryKeyConstraint("id", name="pk_discount"),
        sqlite_strict=True,
    )
    op.create_index("ix_discount_customer", "discount", ["customer_id", "subscription_id", "created_at", "id"])
    partial_index("ix_discount_due", "discount", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    partial_index(
        "uq_discount_running", "discount", ["customer_id", "subscription_id"], where="ended_at IS NULL", unique=True
    )
