"""A plan is one operation of one document, ready to run as often as it is asked."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType
from strawberry.execution import optimized_is_awaitable

from billing.dataclass import dataclass
from plangate.execution.errors import RequestRefused, show_all
from plangate.execution.pace import Pace, PacedExecutor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeGuard

    from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode
    from strawberry import Schema
    from structlog.typing import FilteringBoundLogger

    from plangate.execution.acted import Acted
    from plangate.execution.limits import ExecutionLimits
    from plangate.execution.measure import Measure
    from plangate.execution.profile import Profile

_EXECUTOR: Final[Any] = PacedExecutor
_JSON_OPTIONS: Final = orjson.OPT_UTC_Z
_IS_AWAITABLE: Final = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The JSON of an executed operation; `complete` when it holds no errors."""

    body: bytes
    complete: bool


def core_schema(schema: Schema) -> GraphQLSchema:
    """Give the graphql-core schema inside a Strawberry schema, which has no public name for it."""
    return schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (as said)


class Plan(Protocol):
    """What the endpoint runs; a compiled operation is another implementation of this."""

    @property
    def kind(self) -> OperationType:
        """Query or mutation."""
        ...

    @property
    def measure(self) -> Measure:
        """What the operation amounts to."""
        ...

    async def run(self, variables: Mapping[str, object], context: object, extensions: Mapping[str, object]) -> Outcome:
        """Coerce the variables (`RequestRefused` where they do not fit) and execute; `extensions` join the answer."""
        ...


class InterpretedPlan:
    """A plan that graphql-core executes: right for everything that is valid, and the measure of faster ones."""

    def __init__(
        self,
        schema: Schema,
        tree: DocumentNode,
        operation: OperationDefinitionNode,
        measure: Measure,
        *,
        limits: ExecutionLimits,
        profile: Profile,
        log: FilteringBoundLogger,
    ) -> None:
        """Bind an operation; `schema` is the schema that `tree` is valid for."""
        self.kind = operation.operation
        self.measure = measure
        self._schema = schema
        self._tree = tree
        self._name = operation.name.value if operation.name else None
        self._limits = limits
        self._hide_suggestions = not profile.suggestions
        self._log = log
        if self.kind is OperationType.SUBSCRIPTION:
            message = "Subscriptions are not served over a plain request."
            raise RequestRefused.of("OPERATION_NOT_SUPPORTED", [GraphQLError(message)])

    async def run(
        self,
        variables: Mapping[str, object],
        context: object,
        extensions: Mapping[str, object],
        acted: Acted | None = None,
    ) -> Outcome:
        """Execute as Strawberry would without extensions, at our pace; what was `acted` is only told."""
        executor: Any = _EXECUTOR.build(
            core_schema(self._schema),
            self._tree,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=self._name,
            max_coercion_errors=self._limits.reported_errors,
            is_awaitable=_IS_AWAITABLE,
            hide_suggestions=self._hide_suggestions,
            middleware=[acted] if acted is not None else None,
            operation_extensions=None,
        )
        if isinstance(executor, list):
            raise RequestRefused.of("BAD_USER_INPUT", cast("list[GraphQLError]", executor))
        executor.pace = Pace(self._limits.answer_members)
        result: Any = executor.execute_operation()
        if isawaitable(result):
            result = await result
        return self._outcome(result, extensions)

    def _outcome(self, result: ExecutionResult, extensions: Mapping[str, object]) -> Outcome:
        answer: dict[str, object] = {"data": result.data}
        if result.errors:
            answer["errors"] = show_all(result.errors, self._log)
        if extensions:
            answer["extensions"] = extensions
        body = orjson.dumps(answer, option=_JSON_OPTIONS)
        return self.bounded(Outcome(body, not result.errors), extensions)

    def bounded(self, outcome: Outcome, extensions: Mapping[str, object]) -> Outcome:
        """Refuse an answer that is too long to be sent."""
        if len(outcome.body) <= self._limits.answer_bytes:
            return outcome
        told = {"errors": [_too_large(self._limits.answer_bytes, self.kind)], "extensions": extensions}
        return Outcome(orjson.dumps(told, option=_JSON_OPTIONS), complete=False)


def _too_large(most: int, kind: OperationType) -> dict[str, object]:
    done = " The act was done: repeat it with the same idempotency key." if kind is OperationType.MUTATION else ""
    message = f"The answer is longer than {most} bytes: ask for less at once.{done}"
    return {"message": message, "extensions": {"code": "ANSWER_TOO_LARGE", "maximum": most}}
