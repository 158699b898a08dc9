"""The parameters of one GraphQL request, from a JSON body or a query string, and nothing that is not meant."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeGuard
from urllib.parse import parse_qsl

import orjson

from billing.dataclass import dataclass
from plangate.execution.measure import exceeded
from plangate.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plangate.execution.limits import ExecutionLimits

_MOST_PARAMETERS: Final = 20
_MOST_LISTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A document's text, the operation to run of it, and the values of its variables."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict[str, object])


def bad_request(message: str) -> Problem:
    """Say why a request is not a GraphQL request (400)."""
    return Problem("BAD_REQUEST", message, 400)


def from_body(body: bytes) -> GraphQLRequest:
    """Read a POST's JSON object; arrays (batches), scalars and null are refused."""
    if body.count(b"[") > _MOST_LISTS:  # lists cost the collector more than their bytes
        raise bad_request("The body holds too many lists.")
    try:
        content: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request("The body is not valid JSON.") from None
    if not _is_object(content):
        raise bad_request("The body must be a JSON object with `query`; batches are not served.")
    return _request(content)


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """Read a GET's parameters; `variables` and `extensions` are JSON objects."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
        parameters: dict[str, object] = dict(pairs)
        for name in ("variables", "extensions"):
            if text := parameters.pop(name, None):
                parameters[name] = orjson.loads(str(text))
    except ValueError:
        raise bad_request("The query string does not hold valid parameters.") from None
    if not parameters.get("operationName"):
        parameters.pop("operationName", None)
    return _request(parameters)


def check_variables(variables: Mapping[str, object], limits: ExecutionLimits, *, uses: int = 1) -> None:
    """Refuse variables that hold too many values, or nest too deeply, before any of them is looked at.

    Each of `uses` root fields may read every value again, so the values count that often.
    """
    level: list[object] = list(variables.values())
    count = depth = 0
    while level:
        depth += 1
        count += len(level)
        if count * uses > limits.variable_values:
            raise exceeded("variableValues", limits.variable_values)
        if depth > limits.variable_depth:
            raise exceeded("variableDepth", limits.variable_depth)
        level = _below(level, limits.variable_values)


def _below(level: list[object], enough: int) -> list[object]:
    found: list[object] = []
    for value in level:
        if _is_object(value):
            found.extend(value.values())
        elif _is_list(value):
            found.extend(value)
        if len(found) > enough:
            break
    return found


def _request(content: dict[str, object]) -> GraphQLRequest:
    query = content.get("query")
    name = content.get("operationName")
    variables = content.get("variables")
    extensions = content.get("extensions")
    if not isinstance(query, str):
        raise bad_request("`query` must be a string with a GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise bad_request("`operationName` must be a string or null.")
    if variables is not None and not _is_object(variables):
        raise bad_request("`variables` must be an object or null.")
    if extensions is not None and not _is_object(extensions):
        raise bad_request("`extensions` must be an object or null.")
    return GraphQLRequest(query, name, variables or {})


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
