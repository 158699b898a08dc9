"""Every query answered twice, compiled and by graphql-core, and held to be the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from graphql import OperationType

from plangate.execution.compiled.plan import CompiledPlan
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import OperationDefinitionNode

    from plangate.execution.compiled.plan import Tally
    from plangate.execution.documents import Document
    from plangate.execution.measure import Measure
    from plangate.execution.plans import Outcome, Plan


class Twin:
    """A plan that runs both ways, and fails where they differ."""

    def __init__(self, compiled: CompiledPlan, interpreted: Plan, text: str) -> None:
        """Hold both to each other."""
        self.kind = compiled.kind
        self.measure = compiled.measure
        self._both = (compiled, interpreted)
        self._text = text

    async def run(self, variables: Mapping[str, object], context: object, extensions: Mapping[str, object]) -> Outcome:
        """Answer as graphql-core did."""
        ours, theirs = [await _answered(plan, variables, context, extensions) for plan in self._both]
        assert _plain(ours) == _plain(theirs), (self._text, variables)
        if isinstance(theirs, RequestRefused):
            raise theirs
        return theirs


class TwinEndpoint(GraphQLEndpoint):
    """An endpoint whose every query has a twin."""

    @property
    def tally(self) -> Tally:
        """What became of the compiled ones."""
        return self._compiler.tally

    def _made(self, document: Document, operation: OperationDefinitionNode, measure: Measure) -> Plan:
        interpreted = self._interpreted(document, operation, measure)
        if operation.operation is not OperationType.QUERY or measure.introspects:
            return interpreted
        compiled = CompiledPlan(self._compiler, document.tree, operation, interpreted, asked=True)
        return Twin(compiled, interpreted, operation.loc.source.body if operation.loc else "")


async def _answered(
    plan: Plan, variables: Mapping[str, object], context: object, extensions: Mapping[str, object]
) -> Outcome | RequestRefused:
    try:
        return await plan.run(variables, context, extensions)
    except RequestRefused as refused:
        return refused


def _plain(answer: Outcome | RequestRefused) -> object:
    """Give the bytes; the ids of incidents apart, which are made anew each time."""
    if isinstance(answer, RequestRefused):
        return answer.shown
    if answer.complete:
        return answer.body
    told = orjson.loads(answer.body)
    for error in told.get("errors", ()):
        if error["extensions"]["code"] == "INTERNAL":
            error["extensions"].pop("id")
    return told
