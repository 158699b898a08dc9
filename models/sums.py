"""Sums of amounts that stay exact where they outgrow a 64-bit integer: SQLite would refuse them, PostgreSQL would not.

An amount is summed in two halves, high * 2^32 + low with 0 <= low < 2^32; each half of more rows than any ledger has
fits. What is put together again in Python is exact on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import cast, func, literal_column

from models.types import Int64

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import ColumnElement

Halves: TypeAlias = "tuple[ColumnElement[int], ColumnElement[int]]"
BITS = 32
_BITS: ColumnElement[int] = literal_column(str(BITS))
_LOW: ColumnElement[int] = literal_column(str(2**BITS - 1))


def halved(amount: ColumnElement[int]) -> Halves:
    """The two halves of one amount."""
    return amount.bitwise_rshift(_BITS), amount.bitwise_and(_LOW)


def halves_of(amount: ColumnElement[int]) -> Halves:
    """The sums of the halves."""
    high, low = halved(amount)
    return func.sum(high), func.sum(low)


def running(amount: ColumnElement[int], by: ColumnElement[Any], of: ColumnElement[Any] | None = None) -> Halves:
    """Halves of the sums that run along groups of rows, carried so that comparing them in order compares the sums."""
    high, low = (cast(func.sum(each).over(partition_by=of, order_by=by), Int64) for each in halves_of(amount))
    return high + low.bitwise_rshift(_BITS), low.bitwise_and(_LOW)


def whole(high: Decimal | int | None, low: Decimal | int | None) -> int:
    """The sum that two summed halves are; of no rows it is 0."""
    return (int(high or 0) << BITS) + int(low or 0)
