"""What a write leaves in its owner's sequence, so that others can notice it. (ADR 25)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class Transaction(FunctionElement[int]):
    """The number of the transaction that writes it; SQLite has none, and tells of writes in another way."""

    name = "transaction"
    inherit_cache = True


@compiles(Transaction, "postgresql")
def _transaction(_element: Transaction, _compiler: SQLCompiler, **_more: Any) -> str:  # noqa: ANN401  (the compiler's own)
    return "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"


@compiles(Transaction, "sqlite")
def _transaction_lite(_element: Transaction, _compiler: SQLCompiler, **_more: Any) -> str:  # noqa: ANN401  (as above)
    return "NULL"
