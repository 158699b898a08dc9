"""A plan that runs a compiled operation, and has graphql-core answer wherever that is not plain sailing."""

from __future__ import annotations

from collections import OrderedDict
from itertools import count
from typing import TYPE_CHECKING, Final

import orjson
from graphql import FragmentDefinitionNode, get_variable_values

from billing.dataclass import dataclass
from plangate.execution.acted import Acted
from plangate.execution.compiled.chosen import Choice, NotCompilable, conditions
from plangate.execution.compiled.running import Run
from plangate.execution.compiled.source import compiled
from plangate.execution.compiled.variables import KnownVariables
from plangate.execution.errors import RequestRefused
from plangate.execution.pace import Pace
from plangate.execution.plans import Outcome, core_schema
from plangate.http.metrics import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, OperationDefinitionNode
    from graphql.execution.values import VariableValues
    from strawberry import Schema

    from plangate.execution.compiled.source import Compiled
    from plangate.execution.limits import ExecutionLimits
    from plangate.execution.plans import InterpretedPlan

MOST_VARIANTS: Final = 8
"""Of one operation so many are made: one for each way in which its conditions hold."""
MOST_NAMES: Final = 50_000
"""So many names all compiled operations have together; those unused for longest are forgotten, and made anew."""


@dataclass(slots=True)
class Tally:
    """How often operations were compiled or left alone, and how compiled ones were answered."""

    compiled: int = 0
    not_compilable: int = 0
    answered: int = 0
    given_up: int = 0

    def counts(self) -> list[Count]:
        """Tell them under the names that they are watched by."""
        return [
            Count("plangate_operations_compiled_total", "Operations that were compiled.", self.compiled),
            Count("plangate_operations_not_compilable_total", "Operations left to graphql-core.", self.not_compilable),
            Count("plangate_compiled_answers_total", "Requests a compiled operation answered.", self.answered),
            Count("plangate_compiled_given_up_total", "Compiled answers graphql-core gave instead.", self.given_up),
        ]


class Compiler:
    """Compiles the operations of one schema, and counts."""

    def __init__(self, schema: Schema, limits: ExecutionLimits, *, suggestions: bool) -> None:
        """Prepare for one schema."""
        self.tally: Final = Tally()
        self.limits: Final = limits
        self.numbers: Final = count()
        self._kept: OrderedDict[tuple[object, ...], Compiled] = OrderedDict()
        self._names = 0
        self._schema = schema
        self._core = core_schema(schema)
        self._hide_suggestions = not suggestions

    def get(self, key: tuple[object, ...]) -> Compiled | None:
        """Find what was compiled, and count it as used now."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def compile(
        self,
        key: tuple[object, ...],
        operation: OperationDefinitionNode,
        tree: DocumentNode,
        holds: Mapping[str, bool],
    ) -> Compiled:
        """Compile an operation under fixed conditions, and keep it; raises `NotCompilable`."""
        made = compiled(self._schema, Choice(self._core, fragments_of(tree), holds), operation)
        self._kept[key] = made
        self._names += made.names
        while self._names > MOST_NAMES and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self._names -= forgotten.names
        return made

    def known(self, operation: OperationDefinitionNode) -> KnownVariables:
        """Find out what the variables of an operation may be."""
        return KnownVariables(self._core, operation.variable_definitions or ())

    def coerced(self, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> VariableValues:
        """Coerce the variables, or refuse them as graphql-core does."""
        values = get_variable_values(
            self._core,
            operation.variable_definitions or (),
            dict(variables),
            max_errors=self.limits.reported_errors,
            hide_suggestions=self._hide_suggestions,
        )
        if isinstance(values, list):
            raise RequestRefused.of("BAD_USER_INPUT", values)
        return values


class CompiledPlan:
    """An operation that is compiled when it is asked a second time.

    A run that meets anything unforeseen is given up, and graphql-core answers: a query writes nothing and is asked
    again; of a mutation the one act is not carried out again, only told. Errors are told by graphql-core alone.
    """

    def __init__(
        self,
        compiler: Compiler,
        tree: DocumentNode,
        operation: OperationDefinitionNode,
        other: InterpretedPlan,
        *,
        asked: bool = False,
    ) -> None:
        """Stand before `other`, which can answer everything; `asked` has it compiled the first time already."""
        self.kind = other.kind
        self.measure = other.measure
        self._compiler = compiler
        self._tree = tree
        self._operation = operation
        self._other = other
        self._asked = asked
        self._number = next(compiler.numbers)
        self._compilable: dict[tuple[bool, ...], bool] = {}
        self._conditions: tuple[str, ...] | None = None
        self._variables: KnownVariables | None = None

    async def run(
        self,
        variables: Mapping[str, object],
        context: object,
        extensions: Mapping[str, object],
        acted: Acted | None = None,
    ) -> Outcome:
        """Run what was compiled for such conditions; `acted` remembers the act of a mutation."""
        if not self._asked:
            self._asked = True
            return await self._other.run(variables, context, extensions)
        if self._variables is None:
            self._variables = self._compiler.known(self._operation)
        values = self._variables.coerced(variables) or self._compiler.coerced(self._operation, variables)
        ready, acted = self._variant(values), acted or Acted()
        if ready is not None:
            try:
                run = Run(context, values, Pace(self._compiler.limits.answer_members), ready.read, acted)
                data = (await run.lockstep.carry_out(ready.write(None, run))).encode()
            except Exception:  # noqa: BLE001  (whatever it was, graphql-core meets it again and tells it)
                self._compiler.tally.given_up += 1
            else:
                return self._outcome(data, extensions)
        return await self._other.run(variables, context, extensions, acted if acted.begun else None)

    def _outcome(self, data: bytes, extensions: Mapping[str, object]) -> Outcome:
        beside = b',"extensions":' + orjson.dumps(extensions, option=orjson.OPT_UTC_Z) if extensions else b""
        self._compiler.tally.answered += 1
        return self._other.bounded(Outcome(b'{"data":' + data + beside + b"}", complete=True), extensions)

    def _variant(self, values: VariableValues) -> Compiled | None:
        """Find or make what was compiled for these conditions; None where graphql-core is to answer."""
        try:
            if self._conditions is None:
                self._conditions = conditions(self._operation, fragments_of(self._tree))
            holds = {name: bool(values.coerced[name]) for name in self._conditions}
        except (NotCompilable, KeyError):
            return None
        variant = tuple(holds.values())
        if not self._compilable.get(variant, len(self._compilable) < MOST_VARIANTS):
            return None
        key = (self._number, *variant)
        made = self._compiler.get(key) or self._compiled(key, holds)
        self._compilable[variant] = made is not None
        return made

    def _compiled(self, key: tuple[object, ...], holds: Mapping[str, bool]) -> Compiled | None:
        try:
            made = self._compiler.compile(key, self._operation, self._tree, holds)
        except Exception:  # noqa: BLE001  (an operation that cannot be compiled is answered all the same, and counted)
            self._compiler.tally.not_compilable += 1
            return None
        self._compiler.tally.compiled += 1
        return made


def fragments_of(tree: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """List a document's fragments by name."""
    return {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
