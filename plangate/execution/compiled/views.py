"""Objects that are not made: what is asked of them is written off their views, those of a level together.

Making an object of each view, and calling a function for each object and field, took ten times what the writing takes.
A level is one function: it takes the views of all its objects, has each field below that needs a read or is a list
written for all of them at once, and then writes each object in one expression.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Protocol, cast

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType

from plangate.execution.acted import TYPENAME
from plangate.execution.compiled.chosen import NotCompilable, sets_of
from plangate.execution.compiled.pieces import Kind, Maker, Piece
from plangate.execution.compiled.running import lists, perhaps
from schema.promise import SHOWN, Given, Shown, Together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import FieldNode, GraphQLField, GraphQLOutputType, SelectionSetNode

    from plangate.execution.compiled.chosen import Choice


class Names(Protocol):
    """What writes the Python of an operation."""

    def constant(self, value: object) -> str:
        """Bind a value to a name."""
        ...

    def define(self, kind: Kind, body: Sequence[str]) -> Maker:
        """Write a function of a value and the run."""
        ...

    def completed(self, of: GraphQLOutputType, value: str, sets: Sequence[SelectionSetNode]) -> Piece:
        """Write a value that is no view."""
        ...

    def asked(self, nodes: Sequence[FieldNode]) -> str:
        """Make what a resolver sees of a field."""
        ...


class Views:
    """Writes levels."""

    def __init__(self, choice: Choice, names: Names) -> None:
        """Write what this choice asks for."""
        self._choice = choice
        self._names = names
        self._levels: dict[object, Maker | None] = {}

    def read(self, how: Shown, view: str) -> str:
        """Read a field off a view."""
        return attribute(view, how.of) if isinstance(how.of, str) else f"{self._names.constant(how.of)}({view})"

    def inline(self, of: GraphQLOutputType, sets: Sequence[SelectionSetNode], view: str) -> str | None:
        """Write the object that is made of a view in one expression; None where that takes more than its view."""
        inner = of.of_type if isinstance(of, GraphQLNonNull) else None
        parts = self._parts(inner, sets, view, None) if isinstance(inner, GraphQLObjectType) else None
        return None if parts is None else f'f"""{parts}"""'

    def column(self, of: GraphQLObjectType, nodes: Sequence[FieldNode], views: str) -> Piece | None:
        """Write a field of several objects, given their views; None where it takes more than those."""
        field = of.fields[nodes[0].name.value]
        how = how_of(field)
        completed = None if how is None or isinstance(how, Given) else self.completed(field.type, sets_of(nodes))
        if completed is None:
            return None
        if isinstance(how, Together):
            read = f"await {self._names.constant(how.read)}({self._names.asked(nodes)}, {views})"
            return Piece(completed.of(read), Kind.WAITS)
        found = self.read(cast("Shown", how), "m")
        return Piece(completed.of(f"[{found} for m in {views}]"), completed.kind)

    def completed(self, of: GraphQLOutputType, sets: Sequence[SelectionSetNode]) -> Maker | None:
        """Write what was found for several objects: a view for each, or None, or a list of views."""
        inner: Any = of.of_type if isinstance(of, GraphQLNonNull) else of
        listed = isinstance(inner, GraphQLList)
        if listed:
            inner = inner.of_type.of_type if isinstance(inner.of_type, GraphQLNonNull) else None
        level = self._level(inner, sets) if isinstance(inner, GraphQLObjectType) else None
        if level is None or (isinstance(of, GraphQLNonNull) and not listed):
            return level
        return Maker(level.name, level.kind, self._names.constant(lists if listed else perhaps))

    def _level(self, of: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Maker | None:
        key = (of.name, *map(id, sets))
        if key not in self._levels:
            self._levels[key] = self._written(of, sets)
        return self._levels[key]

    def _written(self, of: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Maker | None:
        below: list[Piece] = []
        parts = self._parts(of, sets, "m", below)
        if parts is None:
            return None
        names = [f"w{number}" for number in range(len(below))]
        each = ", ".join(["m", *names])
        body = [
            *self._beside(dict(zip(names, below, strict=True))),
            f"rows = zip({', '.join(['v', *names])}, strict=True)" if below else "rows = iter(v)",
            "made = []",
            "for since in range(0, len(v), at_once):",
            "    if since and r.pace.due(): await breath()",
            f'    made += [f"""{parts}""" for {each} in islice(rows, at_once)]',
            "return made",
        ]
        return self._names.define(max((each.kind for each in below), default=Kind.PACED), body)

    def _beside(self, below: Mapping[str, Piece]) -> list[str]:
        """Have the fields below written first: those that wait side by side."""
        waiting = {name: each for name, each in below.items() if each.kind is Kind.WAITS}
        if len(waiting) <= 1:
            return [f"{name} = {each.text}" for name, each in below.items()]
        makers = [self._names.define(each.kind, [f"return {each.text}"]).name for each in waiting.values()]
        abreast = f"await r.lockstep.abreast(each(v, r) for each in ({', '.join(makers)}))"
        alone = [f"{name} = {each.text}" for name, each in below.items() if name not in waiting]
        return [f"{', '.join(waiting)} = {abreast}", *alone]

    def _parts(
        self,
        of: GraphQLObjectType,
        sets: Sequence[SelectionSetNode],
        view: str,
        below: list[Piece] | None,
    ) -> str | None:
        """Write an object as the inside of a formatted text; what has to be written first is put `below`.

        None where it takes more than that.
        """
        parts: list[str] = []
        for name, nodes in self._choice.fields(of, sets).items():
            part = self._part(of, nodes, view, below)
            if part is None:
                return None
            key = self._names.constant(f'{"," if parts else "{"}"{name}":')
            parts.append(f"{{{key}}}{part}")
        return "".join(parts) + "}}" if parts else "{{}}"

    def _part(
        self, of: GraphQLObjectType, nodes: Sequence[FieldNode], view: str, below: list[Piece] | None
    ) -> str | None:
        if nodes[0].name.value == TYPENAME:
            own = self._names.constant(f'"{of.name}"')
            return f"{{{own}}}"
        field = of.fields.get(nodes[0].name.value)
        if field is None:
            raise NotCompilable("a question about the schema")
        how = how_of(field)
        inner: Any = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if isinstance(how, Shown) and how.leaf:
            piece = self._names.completed(field.type, self.read(how, view), sets_of(nodes))
            return None if piece.kind else f"{{{piece.text}}}"
        required = isinstance(field.type, GraphQLNonNull)
        if isinstance(how, Shown) and required and isinstance(inner, GraphQLObjectType) and isinstance(how.of, str):
            return self._parts(inner, sets_of(nodes), self.read(how, view), below)
        views = "v" if view == "m" else f"[{view} for m in v]"
        made = self.column(of, nodes, views) if below is not None else None
        if made is None or below is None:
            return None
        below.append(made)
        return f"{{w{len(below) - 1}}}"


def how_of(field: GraphQLField) -> Shown | Together | Given | None:
    """Say how a field is read off a view, or what gives its views; None where it has to be resolved."""
    definition = (field.extensions or {}).get("strawberry-definition")
    resolver = getattr(definition, "base_resolver", None)
    return cast("Shown | Together | Given | None", getattr(getattr(resolver, "wrapped_func", None), SHOWN, None))


def attribute(value: str, path: str) -> str:
    """Follow a path of attributes."""
    if not all(part.isidentifier() and not iskeyword(part) for part in path.split(".")):
        raise NotCompilable("an attribute without a name")
    return f"{value}.{path}"
