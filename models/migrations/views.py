"""Views for people who read the database: names in place of ids, and instants as timestamps.

They describe the newest revision only, so they have no history: a migration drops every view whose name ends in
`_readable` before its revisions, which may then change any table, and makes these at the end. The program reads none.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import inspect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

SUFFIX = "_readable"

# `instant(column)` stands for the timestamp that each database makes of microseconds since 1970.
VIEWS: Mapping[str, str] = MappingProxyType(
    {
        "customer_readable": """
            SELECT c.id, e.key AS environment, c.external_id, c.name, c.email, c.kind, c.locale, c.zone, c.country,
                c.currency, instant(c.created_at) AS created_at, instant(c.archived_at) AS archived_at
            FROM customer c
            JOIN environment e ON e.id = c.environment_id
        """,
        "subscription_readable": """
            SELECT s.id, e.key AS environment, s.customer_id, c.external_id AS customer, p.key AS product,
                s.resource_id, s.external_id, l.key AS plan, v.version AS plan_version, s.status, s.currency,
                instant(s.starts_at) AS starts_at, instant(s.trial_end) AS trial_end,
                instant(s.period_start) AS period_start, instant(s.period_end) AS period_end,
                instant(s.cancel_at) AS cancel_at, instant(s.access_until) AS access_until,
                instant(s.ended_at) AS ended_at, s.ended_cause, instant(s.due_at) AS due_at,
                s.billed_by, s.collection, instant(s.created_at) AS created_at
            FROM subscription s
            JOIN environment e ON e.id = s.environment_id
            JOIN customer c ON c.id = s.customer_id
            JOIN product p ON p.id = s.product_id
            JOIN plan l ON l.id = s.plan_id
            JOIN plan_version v ON v.id = s.plan_version_id
        """,
        "scheduled_change_readable": """
            SELECT h.id, e.key AS environment, h.customer_id, c.external_id AS customer, h.subscription_id, h.kind,
                h.item, h.status, instant(h.applies_at) AS applies_at, h.local_time, h.zone, h.quantity,
                instant(h.requested_at) AS requested_at, h.channel, h.actor, instant(h.settled_at) AS settled_at
            FROM scheduled_change h
            JOIN environment e ON e.id = h.environment_id
            JOIN customer c ON c.id = h.customer_id
        """,
        "usage_readable": """
            SELECT u.id, e.key AS environment, u.customer_id, c.external_id AS customer, f.key AS feature, f.unit,
                u.resource, u.seq, u.kind, u.amount, f.scale, instant(u.occurred_at) AS occurred_at,
                instant(u.recorded_at) AS recorded_at, u.reason
            FROM "usage" u
            JOIN environment e ON e.id = u.environment_id
            JOIN customer c ON c.id = u.customer_id
            JOIN feature f ON f.id = u.feature_id
        """,
        "event_readable": """
            SELECT v.id, e.key AS environment, v.owner_id, c.external_id AS customer, v.seq, v.position, v.type,
                v.subject_id, instant(v.occurred_at) AS occurred_at, instant(v.recorded_at) AS recorded_at,
                v.cause, v.channel, v.actor, v.before, v.after
            FROM event v
            JOIN environment e ON e.id = v.environment_id
            LEFT JOIN customer c ON c.id = v.owner_id
        """,
    },
)

_PART = "(({0} % 1000000) + 1000000) % 1000000"
INSTANTS: Mapping[str, str] = MappingProxyType(
    {
        "sqlite": (
            f"strftime('%Y-%m-%dT%H:%M:%S', ({{0}} - {_PART}) / 1000000, 'unixepoch') || printf('.%06dZ', {_PART})"
        ),
        "postgresql": "to_timestamp({0} / 1000000) + ({0} % 1000000) * interval '1 microsecond'",
    },
)
"""How each database writes microseconds since 1970: text as in ISO 8601, or timestamptz; exact on both."""


def drop_views(connection: Connection) -> None:
    """Drop every view of ours, of any revision."""
    for name in inspect(connection).get_view_names():
        if name.endswith(SUFFIX):
            connection.exec_driver_sql(f"DROP VIEW {name}")


def make_views(connection: Connection) -> None:
    """Make the views of the newest revision."""
    instant = INSTANTS[connection.dialect.name]
    for name, query in VIEWS.items():
        written = re.sub(r"instant\((\S+?)\)", lambda found: instant.format(found[1]), query)
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {written}")
