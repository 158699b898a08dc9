"""What somebody would write by hand who answers these questions from these tables without GraphQL.

As few statements as the answers need, each with its own columns only; nothing is remembered between requests. Rows are
taken as they stand: what is due is made permanent by a worker. Of what decides about a feature the limits of plans and
add-ons, grants, overrides, reservations and counters are read; resources and what is rolled over are left out.
"""

from __future__ import annotations

KEY = """SELECT k.environment_id, k.scopes, k.revoked_at, e.clock_at
  FROM api_key k JOIN environment e ON e.id = k.environment_id WHERE k.digest = ?"""

CUSTOMER = "SELECT id, external_id, name FROM customer WHERE environment_id = ? AND external_id = ?"

LIMITS = """SELECT f.id, f.key, f.kind, f.scale, b.window_start, b.window_end, b.used,
    s.id, s.created_at, s.period_start, s.period_end, i.add_on, i.quantity, g."limit", g.hard, g.reset, g.per_quantity,
    g.feature_id, c.id
  FROM customer c
  JOIN feature f ON f.environment_id = c.environment_id AND f.key = ? AND f.archived_at IS NULL
  LEFT JOIN balance b ON b.customer_id = c.id AND b.feature_id = f.id AND b.scope = ''
  LEFT JOIN subscription s ON s.customer_id = c.id AND s.ended_at IS NULL AND s.status IN ('ACTIVE', 'TRIALING')
  LEFT JOIN subscription_item i ON i.subscription_id = s.id
  LEFT JOIN plan_entitlement g ON g.plan_version_id = i.plan_version_id AND g.feature_id = f.id
  WHERE c.environment_id = ? AND c.external_id = ? AND c.archived_at IS NULL"""

SUBSCRIPTIONS = """SELECT s.id, s.status, p.key, v.name, s.ended_at, s.created_at, s.period_start, s.period_end,
    i.plan_version_id, i.add_on, i.quantity
  FROM subscription s
  JOIN plan_version v ON v.id = s.plan_version_id
  JOIN plan p ON p.id = v.plan_id
  JOIN subscription_item i ON i.subscription_id = s.id
  WHERE s.customer_id = ? ORDER BY s.created_at DESC, s.id DESC"""

FEATURES = """SELECT f.id, f.key, f.kind, f.scale, b.window_start, b.window_end, b.used,
    g."limit", g.hard, g.reset, g.per_quantity, g.plan_version_id
  FROM feature f
  LEFT JOIN balance b ON b.customer_id = ? AND b.feature_id = f.id AND b.scope = ''
  LEFT JOIN plan_entitlement g ON g.feature_id = f.id AND g.plan_version_id IN ({versions})
  WHERE f.environment_id = ? AND f.key IN ({features}) AND f.archived_at IS NULL"""

BESIDE = """SELECT 'grant', feature_id, amount - used - coalesce((
      SELECT sum(h.amount) FROM reservation_hold h JOIN reservation r ON r.id = h.reservation_id
      WHERE h.grant_id = "grant".id AND r.settled_at IS NULL AND r.expires_at > ?), 0), 0
    FROM "grant" WHERE customer_id = ? AND feature_id IN ({features}) AND revoked_at IS NULL AND starts_at <= ?
      AND (expires_at IS NULL OR expires_at > ?)
  UNION ALL SELECT CASE WHEN revoked THEN 'revoked' ELSE 'override' END, feature_id, "limit",
      CAST(hard AS INTEGER)
    FROM override WHERE customer_id = ? AND feature_id IN ({features}) AND starts_at <= ?
      AND (ends_at IS NULL OR ends_at > ?) AND (cleared_at IS NULL OR cleared_at > ?)
  UNION ALL SELECT 'reserved', feature_id, sum(limit_amount), 0
    FROM reservation WHERE customer_id = ? AND feature_id IN ({features}) AND settled_at IS NULL AND expires_at > ?
    GROUP BY feature_id"""

LEDGER = """SELECT coalesce(sum(limit_amount), 0) FROM usage
  WHERE customer_id = ? AND feature_id = ? AND scope = '' AND occurred_at >= ? AND occurred_at < ?"""

INVOICES = """SELECT id, number, status FROM invoice
  WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 5"""

PLANS = """SELECT v.id, p.key, v.name
  FROM plan p JOIN plan_version v ON v.plan_id = p.id AND v.version = p.latest_version
  WHERE p.environment_id = ? AND p.archived_at IS NULL AND NOT p.add_on AND NOT v.hidden ORDER BY v.rank, p.key"""

PRICES = "SELECT plan_version_id, key, currency FROM price WHERE plan_version_id IN ({versions}) ORDER BY position"

GIVES = """SELECT g.plan_version_id, g.granted, f.key
  FROM plan_entitlement g JOIN feature f ON f.id = g.feature_id
  WHERE g.plan_version_id IN ({versions}) ORDER BY g.position"""
