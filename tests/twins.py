"""Every operation answered twice, compiled and by graphql-core, and held to be the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from plangate.execution.acted import Acted
from plangate.execution.compiled.plan import CompiledPlan
from plangate.execution.endpoint import GraphQLEndpoint
from plangate.execution.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import OperationDefinitionNode

    from plangate.execution.compiled.plan import Tally
    from plangate.execution.documents import Document
    from plangate.execution.measure import Measure
    from plangate.execution.plans import InterpretedPlan, Outcome, Plan


class Twin:
    """A plan that runs both ways, and fails where they differ."""

    def __init__(self, compiled: CompiledPlan, interpreted: InterpretedPlan, text: str) -> None:
        """Hold both to each other."""
        self.kind = compiled.kind
        self.measure = compiled.measure
        self._both = (compiled, interpreted)
        self._text = text

    async def run(self, variables: Mapping[str, object], context: object, extensions: Mapping[str, object]) -> Outcome:
        """Answer as graphql-core did."""
        acted = Acted()
        ours = await _answered(self._both[0], variables, context, extensions, acted)
        told = acted if acted.begun else None  # who acted already does not act again
        theirs = await _answered(self._both[1], variables, context, extensions, told)
        assert plain(ours) == plain(theirs), (self._text, variables)
        if isinstance(theirs, RequestRefused):
            raise theirs
        return theirs


class TwinEndpoint(GraphQLEndpoint):
    """An endpoint whose every operation has a twin."""

    @property
    def tally(self) -> Tally:
        """What became of the compiled ones."""
        return self._compiler.tally

    def _made(self, document: Document, operation: OperationDefinitionNode, measure: Measure) -> Plan:
        interpreted = self._interpreted(document, operation, measure)
        if measure.introspects:
            return interpreted
        compiled = CompiledPlan(self._compiler, document.tree, operation, interpreted, asked=True)
        return Twin(compiled, interpreted, operation.loc.source.body if operation.loc else "")


async def _answered(
    plan: CompiledPlan | InterpretedPlan,
    variables: Mapping[str, object],
    context: object,
    extensions: Mapping[str, object],
    acted: Acted | None,
) -> Outcome | RequestRefused:
    try:
        return await plan.run(variables, context, extensions, acted)
    except RequestRefused as refused:
        return refused


def plain(answer: Outcome | RequestRefused) -> object:
    """Give the bytes; of errors neither the ids of incidents nor the order, which differ each time."""
    if isinstance(answer, RequestRefused):
        return answer.shown
    if answer.complete:
        return answer.body
    told = orjson.loads(answer.body)
    for error in told.get("errors", ()):
        if error["extensions"]["code"] == "INTERNAL":
            error["extensions"].pop("id")
    told["errors"].sort(key=orjson.dumps)
    return told
