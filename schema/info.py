"""What a resolver sees of a request: its context, and which fields are wanted of its answer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import strawberry

from resolvers.context import Context


class Info(strawberry.Info[Context, None]):
    """The context of the call, and the fields that are wanted; a compiled operation brings another of its kind."""

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the fields selected one level down, those of fragments included, skipped ones left out."""
        return frozenset(node.name.value for node in self._nodes(self._raw.field_nodes))

    def below(self, *names: str) -> frozenset[str]:
        """The names of the fields selected below those of these names, each below the one before it."""
        chosen = self._raw.field_nodes
        for name in names:
            chosen = [node for node in self._nodes(chosen) if node.name.value == name]
        return frozenset(node.name.value for node in self._nodes(chosen))

    @property
    def _raw(self) -> Any:  # noqa: ANN401  (the executor's own, which nothing else here may see)
        return cast("Any", self._raw_info)  # pyright: ignore[reportUnknownMemberType]  (the library leaves it open)

    def _nodes(self, fields: Iterable[Any]) -> Iterator[Any]:
        """Walk what is selected below fields as it is met; a named fragment that is met twice is walked once."""
        waiting: list[Any] = [node for each in fields if each.selection_set for node in each.selection_set.selections]
        met: set[str] = set()
        while waiting:
            node = waiting.pop()
            if not _stays(node, self.variable_values):
                continue
            if node.kind == "field":
                yield node
            elif node.kind == "inline_fragment":
                waiting.extend(node.selection_set.selections)
            elif node.name.value not in met:
                met.add(node.name.value)
                waiting.extend(self._raw.fragments[node.name.value].selection_set.selections)


def _stays(node: Any, variables: Mapping[str, object]) -> bool:  # noqa: ANN401  (a node of the document)
    """Whether neither `@skip` nor `@include` takes the selection away."""
    for directive in node.directives or ():
        name = directive.name.value
        if name in ("skip", "include") and _condition(directive, variables) is (name == "skip"):
            return False
    return True


def _condition(directive: Any, variables: Mapping[str, object]) -> bool:  # noqa: ANN401  (a node of the document)
    value = directive.arguments[0].value
    return bool(variables.get(value.name.value) if value.kind == "variable" else value.value)
