"""Many rows as one: where of each only a key and a value differ, a group of them comes as one object of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.types import Json

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler


class _ByKey(FunctionElement[Any]):
    """The values of a group by its keys."""

    name = "by_key"
    type = Json()
    inherit_cache = True


@compiles(_ByKey, "postgresql")
def _by_key(element: _ByKey, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  (the compiler's own)
    return f"jsonb_object_agg({compiler.process(element.clauses, **more)})"


@compiles(_ByKey, "sqlite")
def _by_key_lite(element: _ByKey, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  (as above)
    return f"json_group_object({compiler.process(element.clauses, **more)})"


def by_key(key: ColumnElement[str], value: ColumnElement[int]) -> ColumnElement[Any]:
    """Gather what the rows of a group say, by what tells them apart: no row of it may have the key of another."""
    return _ByKey(key, value)
