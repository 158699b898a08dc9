"""The column types of the revisions. They are frozen: a type that changes gets a new name here, never a new meaning."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text of any length: ids, keys and enums too; sorted by code point on every database."""

INT64 = BigInteger().with_variant(Integer(), "sqlite")
"""A signed 64-bit integer: amounts, money, counters."""

INSTANT = INT64
"""Microseconds since 1970 UTC."""

FLAG = Boolean().with_variant(Integer(), "sqlite")
"""Yes or no; 1 or 0 on SQLite."""

JSON = Text().with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document."""
