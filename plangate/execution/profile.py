"""What a deployment shows of itself to those who ask over GraphQL."""

from __future__ import annotations

from billing.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`get_queries`: a plain GET may run a query (else only with `GraphQL-Require-Preflight`).

    `introspection`: `__schema` and `__type` are answered; `suggestions`: validation errors say "did you mean".
    `unprocessable`: the status of a well-formed request that validation or coercion refuses, for clients that
    accept `application/graphql-response+json` (400 as the server audits ask, 422 as the draft says).
    """

    get_queries: bool
    introspection: bool
    suggestions: bool
    unprocessable: int


DEVELOPMENT = Profile(get_queries=True, introspection=True, suggestions=True, unprocessable=400)
PRODUCTION = Profile(get_queries=False, introspection=False, suggestions=False, unprocessable=422)
