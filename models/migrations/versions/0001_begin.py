"""The first tables: what is sold, who bought it, what was used, and what happened."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from models.migrations.columns import FLAG, INSTANT, INT64, JSON, TEXT
from models.migrations.operations import partial_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "environment",
    "sequence",
    "api_key",
    "signing_key",
    "revoked_token",
    "self_service_policy",
    "product",
    "feature",
    "plan",
    "plan_version",
    "price",
    "plan_entitlement",
    "customer",
    "personal_text",
    "trial",
    "portal_session",
    "subscription",
    "subscription_item",
    "scheduled_change",
    "subscription_history",
    "cancellation",
    "grant",
    "override",
    "usage",
    "usage_burn",
    "balance",
    "reservation",
    "event",
    "outbox",
    "idempotency",
)


def upgrade() -> None:
    environments()
    catalog()
    customers()
    subscriptions()
    entitlements()
    journal()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def environments() -> None:
    op.create_table(
        "environment",
        Column("id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("zone", TEXT, nullable=False),
        Column("locale", TEXT, nullable=False),
        Column("clock_at", INSTANT),
        Column("clock_target", INSTANT),
        Column("position", INT64, nullable=False),
        Column("grace_days", INT64, nullable=False),
        Column("idempotency_days", INT64, nullable=False),
        Column("require_actor", FLAG, nullable=False),
        Column("return_urls", JSON, nullable=False),
        Column("widgets", JSON, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('TEST', 'LIVE')", name="ck_environment_kind"),
        PrimaryKeyConstraint("id", name="pk_environment"),
        UniqueConstraint("key", name="uq_environment_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "sequence",
        Column("owner_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("seq", INT64, nullable=False),
        Column("latest_at", INSTANT),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_sequence_environment_id"),
        PrimaryKeyConstraint("owner_id", name="pk_sequence"),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("digest", TEXT, nullable=False),
        Column("hint", TEXT, nullable=False),
        Column("scopes", JSON, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("revoked_at", INSTANT),
        CheckConstraint("kind IN ('SECRET', 'PUBLISHABLE')", name="ck_api_key_kind"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_api_key_environment_id"),
        PrimaryKeyConstraint("id", name="pk_api_key"),
        UniqueConstraint("digest", name="uq_api_key_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_api_key_environment_id", "api_key", ["environment_id"])
    op.create_table(
        "signing_key",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("public", TEXT, nullable=False),
        Column("private_encrypted", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("retired_at", INSTANT),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_signing_key_environment_id"),
        PrimaryKeyConstraint("id", name="pk_signing_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_signing_key_environment_id", "signing_key", ["environment_id"])
    op.create_table(
        "revoked_token",
        Column("environment_id", TEXT, nullable=False),
        Column("jti", TEXT, nullable=False),
        Column("expires_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_revoked_token_environment_id"),
        PrimaryKeyConstraint("environment_id", "jti", name="pk_revoked_token"),
        sqlite_strict=True,
    )
    op.create_table(
        "self_service_policy",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("scope", TEXT, nullable=False),
        Column("scope_id", TEXT, nullable=False),
        Column("allow_cancel", FLAG, nullable=False),
        Column("allow_change", FLAG, nullable=False),
        Column("mode", TEXT, nullable=False),
        Column("instructions", TEXT),
        CheckConstraint("mode IN ('END_OF_PERIOD', 'IMMEDIATE')", name="ck_self_service_policy_mode"),
        CheckConstraint("scope IN ('ENVIRONMENT', 'PRODUCT', 'PLAN')", name="ck_self_service_policy_scope"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_self_service_policy_environment_id"),
        PrimaryKeyConstraint("id", name="pk_self_service_policy"),
        UniqueConstraint(
            "environment_id", "scope", "scope_id", name="uq_self_service_policy_environment_id_scope_scope_id"
        ),
        sqlite_strict=True,
    )


def catalog() -> None:
    op.create_table(
        "product",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("description", TEXT, nullable=False),
        Column("default_plan_id", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("archived_at", INSTANT),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_product_environment_id"),
        PrimaryKeyConstraint("id", name="pk_product"),
        UniqueConstraint("environment_id", "key", name="uq_product_environment_id_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "feature",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("description", TEXT, nullable=False),
        Column("product_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("unit", TEXT, nullable=False),
        Column("scale", INT64, nullable=False),
        Column("aggregation", TEXT, nullable=False),
        Column("config_type", TEXT),
        Column("allowed_values", JSON, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("archived_at", INSTANT),
        CheckConstraint("aggregation IN ('SUM', 'MAX', 'LAST')", name="ck_feature_aggregation"),
        CheckConstraint("config_type IN ('NUMBER', 'ENUM', 'JSON')", name="ck_feature_config_type"),
        CheckConstraint("kind IN ('BOOLEAN', 'CONFIG', 'METERED')", name="ck_feature_kind"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_feature_environment_id"),
        PrimaryKeyConstraint("id", name="pk_feature"),
        UniqueConstraint("environment_id", "key", name="uq_feature_environment_id_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "plan",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("product_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("add_on", FLAG, nullable=False),
        Column("latest_version", INT64, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("archived_at", INSTANT),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_plan_environment_id"),
        ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_plan_product_id"),
        PrimaryKeyConstraint("id", name="pk_plan"),
        UniqueConstraint("environment_id", "key", name="uq_plan_environment_id_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_plan_product_id", "plan", ["product_id"])
    op.create_table(
        "plan_version",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("plan_id", TEXT, nullable=False),
        Column("version", INT64, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("name", TEXT, nullable=False),
        Column("description", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("rank", INT64, nullable=False),
        Column("trial_days", INT64, nullable=False),
        Column("hidden", FLAG, nullable=False),
        Column("base_plan", TEXT, nullable=False),
        Column("includes", JSON, nullable=False),
        Column("add_on_keys", JSON, nullable=False),
        Column("labels", JSON, nullable=False),
        Column("digest", TEXT, nullable=False),
        Column("published_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('FREE', 'PAID', 'CUSTOM', 'EMPTY')", name="ck_plan_version_kind"),
        CheckConstraint("status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')", name="ck_plan_version_status"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_plan_version_environment_id"),
        ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_version_plan_id"),
        PrimaryKeyConstraint("id", name="pk_plan_version"),
        UniqueConstraint("plan_id", "version", name="uq_plan_version_plan_id_version"),
        sqlite_strict=True,
    )
    op.create_table(
        "price",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("plan_version_id", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("position", INT64, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("every", TEXT, nullable=False),
        Column("count", INT64, nullable=False),
        Column("model", TEXT, nullable=False),
        Column("usage", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("unit_amount", INT64),
        Column("package_size", INT64),
        Column("tiers", JSON, nullable=False),
        CheckConstraint("every IN ('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR')", name="ck_price_every"),
        CheckConstraint(
            "model IN ('FLAT', 'PER_UNIT', 'TIERED_GRADUATED', 'TIERED_VOLUME', 'PACKAGE')", name="ck_price_model"
        ),
        CheckConstraint("usage IN ('LICENSED', 'METERED')", name="ck_price_usage"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_price_environment_id"),
        ForeignKeyConstraint(["plan_version_id"], ["plan_version.id"], name="fk_price_plan_version_id"),
        PrimaryKeyConstraint("id", name="pk_price"),
        UniqueConstraint("plan_version_id", "key", name="uq_price_plan_version_id_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "plan_entitlement",
        Column("plan_version_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("position", INT64, nullable=False),
        Column("granted", FLAG, nullable=False),
        Column("value", JSON),
        Column("limit", INT64),
        Column("hard", FLAG, nullable=False),
        Column("reset", TEXT, nullable=False),
        Column("reset_anchor", TEXT, nullable=False),
        Column("per_quantity", FLAG, nullable=False),
        Column("behaviour", TEXT, nullable=False),
        Column("priority", INT64, nullable=False),
        Column("rollover_minimum", INT64),
        Column("rollover_maximum", INT64),
        CheckConstraint("behaviour IN ('ADD', 'REPLACE')", name="ck_plan_entitlement_behaviour"),
        CheckConstraint(
            "reset IN ('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR', 'SUBSCRIPTION_PERIOD', 'NEVER')",
            name="ck_plan_entitlement_reset",
        ),
        CheckConstraint("reset_anchor IN ('SUBSCRIPTION', 'CALENDAR')", name="ck_plan_entitlement_reset_anchor"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_plan_entitlement_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_plan_entitlement_feature_id"),
        ForeignKeyConstraint(["plan_version_id"], ["plan_version.id"], name="fk_plan_entitlement_plan_version_id"),
        PrimaryKeyConstraint("plan_version_id", "feature_id", name="pk_plan_entitlement"),
        sqlite_strict=True,
    )


def customers() -> None:
    op.create_table(
        "customer",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("external_id", TEXT),
        Column("name", TEXT),
        Column("email", TEXT),
        Column("kind", TEXT, nullable=False),
        Column("locale", TEXT),
        Column("zone", TEXT),
        Column("country", TEXT),
        Column("address", JSON),
        Column("tax_ids", JSON, nullable=False),
        Column("currency", TEXT),
        Column("labels", JSON, nullable=False),
        Column("tokens_not_before", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        Column("archived_at", INSTANT),
        CheckConstraint("kind IN ('CONSUMER', 'BUSINESS', 'UNKNOWN')", name="ck_customer_kind"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_customer_environment_id"),
        PrimaryKeyConstraint("id", name="pk_customer"),
        UniqueConstraint("environment_id", "external_id", name="uq_customer_environment_id_external_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_created", "customer", ["environment_id", "created_at", "id"])
    op.create_table(
        "personal_text",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("text", TEXT),
        Column("salt", TEXT, nullable=False),
        Column("erased_at", INSTANT),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_personal_text_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_personal_text_environment_id"),
        PrimaryKeyConstraint("id", name="pk_personal_text"),
        sqlite_strict=True,
    )
    op.create_index("ix_personal_text_customer_id", "personal_text", ["customer_id"])
    op.create_table(
        "trial",
        Column("customer_id", TEXT, nullable=False),
        Column("product_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("started_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_trial_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_trial_environment_id"),
        ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_trial_product_id"),
        PrimaryKeyConstraint("customer_id", "product_id", name="pk_trial"),
        sqlite_strict=True,
    )
    op.create_table(
        "portal_session",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("flow", TEXT, nullable=False),
        Column("return_url", TEXT),
        Column("locale", TEXT),
        Column("link_digest", TEXT, nullable=False),
        Column("expires_at", INSTANT, nullable=False),
        Column("spent_at", INSTANT),
        Column("session_digest", TEXT),
        Column("session_expires_at", INSTANT),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_portal_session_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_portal_session_environment_id"),
        PrimaryKeyConstraint("id", name="pk_portal_session"),
        UniqueConstraint("link_digest", name="uq_portal_session_link_digest"),
        UniqueConstraint("session_digest", name="uq_portal_session_session_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_portal_session_customer_id", "portal_session", ["customer_id"])


def subscriptions() -> None:
    op.create_table(
        "subscription",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("product_id", TEXT, nullable=False),
        Column("plan_id", TEXT, nullable=False),
        Column("plan_version_id", TEXT, nullable=False),
        Column("resource_id", TEXT, nullable=False),
        Column("external_id", TEXT),
        Column("status", TEXT, nullable=False),
        Column("currency", TEXT, nullable=False),
        Column("every", TEXT, nullable=False),
        Column("count", INT64, nullable=False),
        Column("zone", TEXT, nullable=False),
        Column("anchor", INSTANT, nullable=False),
        Column("starts_at", INSTANT, nullable=False),
        Column("trial_end", INSTANT),
        Column("period_start", INSTANT, nullable=False),
        Column("period_end", INSTANT, nullable=False),
        Column("natural_end", INSTANT, nullable=False),
        Column("cancel_at", INSTANT),
        Column("access_until", INSTANT),
        Column("ended_at", INSTANT),
        Column("ended_cause", TEXT),
        Column("billed_by", TEXT, nullable=False),
        Column("collection", TEXT, nullable=False),
        Column("due_at", INSTANT),
        Column("labels", JSON, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("billed_by IN ('BUILT_IN', 'STRIPE')", name="ck_subscription_billed_by"),
        CheckConstraint("collection IN ('ON', 'PAUSED')", name="ck_subscription_collection"),
        CheckConstraint("ended_cause IN ('REQUEST', 'AUTOMATIC')", name="ck_subscription_ended_cause"),
        CheckConstraint("every IN ('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR')", name="ck_subscription_every"),
        CheckConstraint(
            "status IN ('NOT_STARTED', 'INCOMPLETE', 'INCOMPLETE_EXPIRED', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'UNPAID', 'PAUSED', 'CANCELING', 'CANCELED', 'COMPLETED')",
            name="ck_subscription_status",
        ),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_subscription_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_subscription_environment_id"),
        ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_subscription_plan_id"),
        ForeignKeyConstraint(["plan_version_id"], ["plan_version.id"], name="fk_subscription_plan_version_id"),
        ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_subscription_product_id"),
        PrimaryKeyConstraint("id", name="pk_subscription"),
        UniqueConstraint("environment_id", "external_id", name="uq_subscription_environment_id_external_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_subscription_created", "subscription", ["environment_id", "created_at", "id"])
    op.create_index("ix_subscription_customer", "subscription", ["customer_id"])
    partial_index("ix_subscription_due", "subscription", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    op.create_index("ix_subscription_plan", "subscription", ["plan_id"])
    partial_index(
        "uq_subscription_live",
        "subscription",
        ["customer_id", "product_id", "resource_id"],
        where="ended_at IS NULL",
        unique=True,
    )
    op.create_table(
        "subscription_item",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("plan_id", TEXT, nullable=False),
        Column("plan_version_id", TEXT, nullable=False),
        Column("price_id", TEXT, nullable=False),
        Column("quantity", INT64, nullable=False),
        Column("add_on", FLAG, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_subscription_item_environment_id"),
        ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_subscription_item_plan_id"),
        ForeignKeyConstraint(["plan_version_id"], ["plan_version.id"], name="fk_subscription_item_plan_version_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_subscription_item_subscription_id"),
        PrimaryKeyConstraint("id", name="pk_subscription_item"),
        UniqueConstraint(
            "subscription_id", "plan_id", "price_id", name="uq_subscription_item_subscription_id_plan_id_price_id"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "scheduled_change",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("item", TEXT, nullable=False),
        Column("status", TEXT, nullable=False),
        Column("applies_at", INSTANT, nullable=False),
        Column("zone", TEXT, nullable=False),
        Column("local_time", TEXT, nullable=False),
        Column("target", JSON),
        Column("quantity", INT64),
        Column("requested_at", INSTANT, nullable=False),
        Column("actor", TEXT, nullable=False),
        Column("channel", TEXT, nullable=False),
        Column("settled_at", INSTANT),
        CheckConstraint(
            "channel IN ('API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER')", name="ck_scheduled_change_channel"
        ),
        CheckConstraint(
            "kind IN ('CANCEL', 'PAUSE', 'RESUME', 'PLAN_CHANGE', 'QUANTITY')", name="ck_scheduled_change_kind"
        ),
        CheckConstraint(
            "status IN ('PENDING', 'APPLIED', 'UNDONE', 'REPLACED', 'DROPPED')", name="ck_scheduled_change_status"
        ),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_scheduled_change_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_scheduled_change_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_scheduled_change_subscription_id"),
        PrimaryKeyConstraint("id", name="pk_scheduled_change"),
        sqlite_strict=True,
    )
    op.create_index("ix_scheduled_change_subscription", "scheduled_change", ["subscription_id", "status"])
    partial_index(
        "uq_scheduled_change_pending",
        "scheduled_change",
        ["subscription_id", "kind", "item"],
        where="status = 'PENDING'",
        unique=True,
    )
    op.create_table(
        "subscription_history",
        Column("subscription_id", TEXT, nullable=False),
        Column("seq", INT64, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("since", INSTANT, nullable=False),
        Column("facts", JSON, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_subscription_history_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_subscription_history_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_subscription_history_subscription_id"),
        PrimaryKeyConstraint("subscription_id", "seq", name="pk_subscription_history"),
        sqlite_strict=True,
    )
    op.create_index("ix_subscription_history_customer_id", "subscription_history", ["customer_id"])
    op.create_table(
        "cancellation",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("subscription_id", TEXT, nullable=False),
        Column("scheduled_change_id", TEXT, nullable=False),
        Column("timing", TEXT, nullable=False),
        Column("reason", TEXT),
        Column("comment_id", TEXT, nullable=False),
        Column("actor", TEXT, nullable=False),
        Column("channel", TEXT, nullable=False),
        Column("requested_at", INSTANT, nullable=False),
        Column("effective_at", INSTANT, nullable=False),
        Column("undone_at", INSTANT),
        CheckConstraint("channel IN ('API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER')", name="ck_cancellation_channel"),
        CheckConstraint(
            "reason IN ('too_expensive', 'missing_features', 'switched_service', 'unused', 'customer_service', 'too_complex', 'low_quality', 'other')",
            name="ck_cancellation_reason",
        ),
        CheckConstraint("timing IN ('IMMEDIATE', 'END_OF_PERIOD', 'ON_DATE')", name="ck_cancellation_timing"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_cancellation_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_cancellation_environment_id"),
        ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_cancellation_subscription_id"),
        PrimaryKeyConstraint("id", name="pk_cancellation"),
        sqlite_strict=True,
    )
    op.create_index("ix_cancellation_subscription_id", "cancellation", ["subscription_id"])


def entitlements() -> None:
    op.create_table(
        "grant",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("resource", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("used", INT64, nullable=False),
        Column("value", JSON),
        Column("priority", INT64, nullable=False),
        Column("starts_at", INSTANT, nullable=False),
        Column("expires_at", INSTANT),
        Column("revoked_at", INSTANT),
        Column("due_at", INSTANT),
        Column("reason", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        CheckConstraint("kind IN ('PROMOTIONAL', 'PURCHASED', 'ROLLED_OVER')", name="ck_grant_kind"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_grant_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_grant_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_grant_feature_id"),
        PrimaryKeyConstraint("id", name="pk_grant"),
        sqlite_strict=True,
    )
    op.create_index("ix_grant_customer", "grant", ["customer_id", "feature_id"])
    partial_index("ix_grant_due", "grant", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    op.create_table(
        "override",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("resource", TEXT, nullable=False),
        Column("revoked", FLAG, nullable=False),
        Column("limit", INT64),
        Column("hard", FLAG, nullable=False),
        Column("value", JSON),
        Column("starts_at", INSTANT, nullable=False),
        Column("ends_at", INSTANT),
        Column("cleared_at", INSTANT),
        Column("due_at", INSTANT),
        Column("reason", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_override_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_override_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_override_feature_id"),
        PrimaryKeyConstraint("id", name="pk_override"),
        sqlite_strict=True,
    )
    op.create_index("ix_override_customer", "override", ["customer_id", "feature_id"])
    partial_index("ix_override_due", "override", ["environment_id", "due_at"], where="due_at IS NOT NULL")
    partial_index(
        "uq_override_set",
        "override",
        ["customer_id", "feature_id", "resource"],
        where="cleared_at IS NULL",
        unique=True,
    )
    op.create_table(
        "usage",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("resource", TEXT, nullable=False),
        Column("scope", TEXT, nullable=False),
        Column("seq", INT64, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("limit_amount", INT64, nullable=False),
        Column("occurred_at", INSTANT, nullable=False),
        Column("recorded_at", INSTANT, nullable=False),
        Column("reason", TEXT, nullable=False),
        CheckConstraint("kind IN ('CONSUME', 'REPORT', 'SET')", name="ck_usage_kind"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_usage_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_usage_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_usage_feature_id"),
        PrimaryKeyConstraint("id", name="pk_usage"),
        UniqueConstraint("customer_id", "seq", name="uq_usage_customer_id_seq"),
        sqlite_strict=True,
    )
    op.create_index("ix_usage_counter", "usage", ["customer_id", "feature_id", "scope", "occurred_at"])
    op.create_table(
        "usage_burn",
        Column("usage_id", TEXT, nullable=False),
        Column("grant_id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("occurred_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_usage_burn_environment_id"),
        ForeignKeyConstraint(["grant_id"], ["grant.id"], name="fk_usage_burn_grant_id"),
        ForeignKeyConstraint(["usage_id"], ["usage.id"], name="fk_usage_burn_usage_id"),
        PrimaryKeyConstraint("usage_id", "grant_id", name="pk_usage_burn"),
        sqlite_strict=True,
    )
    op.create_index("ix_usage_burn_grant", "usage_burn", ["grant_id", "occurred_at"])
    op.create_table(
        "balance",
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("scope", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("window_start", INSTANT),
        Column("window_end", INSTANT),
        Column("used", INT64, nullable=False),
        Column("latest_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_balance_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_balance_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_balance_feature_id"),
        PrimaryKeyConstraint("customer_id", "feature_id", "scope", name="pk_balance"),
        sqlite_strict=True,
    )
    op.create_table(
        "reservation",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("customer_id", TEXT, nullable=False),
        Column("feature_id", TEXT, nullable=False),
        Column("resource", TEXT, nullable=False),
        Column("amount", INT64, nullable=False),
        Column("state", TEXT, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("expires_at", INSTANT, nullable=False),
        Column("settled_at", INSTANT),
        CheckConstraint("state IN ('HELD', 'SETTLED', 'RELEASED')", name="ck_reservation_state"),
        ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_reservation_customer_id"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_reservation_environment_id"),
        ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_reservation_feature_id"),
        PrimaryKeyConstraint("id", name="pk_reservation"),
        sqlite_strict=True,
    )
    op.create_index("ix_reservation_customer", "reservation", ["customer_id", "feature_id"])


def journal() -> None:
    op.create_table(
        "event",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("owner_id", TEXT, nullable=False),
        Column("seq", INT64, nullable=False),
        Column("type", TEXT, nullable=False),
        Column("subject_id", TEXT, nullable=False),
        Column("occurred_at", INSTANT, nullable=False),
        Column("recorded_at", INSTANT, nullable=False),
        Column("cause", TEXT, nullable=False),
        Column("channel", TEXT, nullable=False),
        Column("actor", TEXT, nullable=False),
        Column("before", JSON, nullable=False),
        Column("after", JSON, nullable=False),
        Column("position", INT64),
        CheckConstraint("cause IN ('REQUEST', 'AUTOMATIC')", name="ck_event_cause"),
        CheckConstraint("channel IN ('API', 'CUSTOMER', 'PORTAL', 'CLI', 'WORKER')", name="ck_event_channel"),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_event_environment_id"),
        PrimaryKeyConstraint("id", name="pk_event"),
        UniqueConstraint("owner_id", "seq", name="uq_event_owner_id_seq"),
        sqlite_strict=True,
    )
    op.create_index("ix_event_subject", "event", ["subject_id"])
    partial_index(
        "uq_event_position", "event", ["environment_id", "position"], where="position IS NOT NULL", unique=True
    )
    op.create_table(
        "outbox",
        Column("id", TEXT, nullable=False),
        Column("environment_id", TEXT, nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("subject_id", TEXT, nullable=False),
        Column("due_at", INSTANT, nullable=False),
        Column("attempts", INT64, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_outbox_environment_id"),
        PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at", "id"])
    op.create_table(
        "idempotency",
        Column("environment_id", TEXT, nullable=False),
        Column("mutation", TEXT, nullable=False),
        Column("principal", TEXT, nullable=False),
        Column("key", TEXT, nullable=False),
        Column("fingerprint", TEXT, nullable=False),
        Column("outcome", JSON, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("expires_at", INSTANT, nullable=False),
        ForeignKeyConstraint(["environment_id"], ["environment.id"], name="fk_idempotency_environment_id"),
        PrimaryKeyConstraint("environment_id", "mutation", "principal", "key", name="pk_idempotency"),
        sqlite_strict=True,
    )
    op.create_index("ix_idempotency_expires", "idempotency", ["expires_at"])
