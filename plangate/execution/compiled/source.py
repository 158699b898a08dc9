"""An operation as Python: one function per object that is asked for, which writes its JSON.

The text of a client is in no line of it. Names are made here, and everything that is not a name is bound as a constant.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# The library's own generics are partly open.

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationType,
    is_abstract_type,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from billing.dataclass import dataclass
from plangate.execution.acted import TYPENAME
from plangate.execution.compiled.arguments import Binder
from plangate.execution.compiled.chosen import Below, Choice, NotCompilable, sets_of
from plangate.execution.compiled.leaves import Unforeseen, is_text, missing, text, writer
from plangate.execution.compiled.lockstep import breath
from plangate.execution.compiled.pieces import Kind, Maker, Piece
from plangate.execution.compiled.running import Asked, Run
from plangate.execution.compiled.views import Views, attribute, how_of
from plangate.execution.pace import AT_ONCE
from schema.promise import Given, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from graphql import (
        FieldNode,
        GraphQLAbstractType,
        GraphQLField,
        GraphQLLeafType,
        GraphQLOutputType,
        OperationDefinitionNode,
        SelectionSetNode,
    )
    from strawberry import Schema
    from strawberry.types.base import StrawberryObjectDefinition

    from plangate.execution.compiled.arguments import Read

    Write: TypeAlias = Callable[[object, Run], Coroutine[Any, Any, str]]

DEFINITION: Final = "strawberry-definition"
BEGIN: Final = ("if v.__class__ is not list and v.__class__ is not tuple: raise Unforeseen", "r.pace.count(len(v))")
"""Looking at a list before its members."""
MOST_NAMES: Final = 2_000
"""An operation that needs more of them is interpreted."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled operation, what reads the arguments of its fields, and how many names it has."""

    write: Write
    read: Sequence[tuple[Read, ...]]
    names: int


def compiled(schema: Schema, choice: Choice, operation: OperationDefinitionNode) -> Compiled:
    """Compile an operation under fixed conditions; raises `NotCompilable`."""
    root = choice.schema.get_root_type(operation.operation)
    if root is None:
        raise NotCompilable("no such root")
    return Source(schema, choice).compile(root, operation)


class Source:
    """The Python of one operation."""

    def __init__(self, schema: Schema, choice: Choice) -> None:
        """Bind what every operation uses."""
        self._choice = choice
        self._binder = Binder(schema)
        self._lines: list[str] = []
        self._names: dict[str, Any] = {
            "at_once": AT_ONCE,
            "islice": islice,
            "text": text,
            "Asked": Asked,
            "Unforeseen": Unforeseen,
            "missing": missing,
            "breath": breath,
        }
        self._read: list[tuple[Read, ...]] = []
        self._views = Views(choice, self)
        self._objects: dict[object, Maker] = {}
        self._acts: GraphQLObjectType | None = None

    def compile(self, root: GraphQLObjectType, operation: OperationDefinitionNode) -> Compiled:
        """Write the operation, and make it a function of nothing but its run."""
        if operation.operation is OperationType.MUTATION:
            self._acts = root
            self._demand_one_act(root, operation)
        top = self._object(root, (operation.selection_set,))
        self._lines += ["async def operation(v, r):", f"    return {top.of('v')}"]
        exec(compile("\n".join(self._lines), "<operation>", "exec"), self._names)  # noqa: S102  (no line is a client's)
        return Compiled(cast("Write", self._names["operation"]), tuple(self._read), len(self._names))

    def _demand_one_act(self, root: GraphQLObjectType, operation: OperationDefinitionNode) -> None:
        """Leave what acts twice to graphql-core: one act is remembered where its answer is given up."""
        asked = self._choice.fields(root, (operation.selection_set,)).values()
        if sum(nodes[0].name.value != TYPENAME for nodes in asked) != 1:
            raise NotCompilable("several acts")

    def constant(self, value: object) -> str:
        """Bind a value to a name."""
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def define(self, kind: Kind, body: Sequence[str]) -> Maker:
        """Write a function of a value and the run."""
        if len(self._names) > MOST_NAMES:
            raise NotCompilable("too many functions")
        name = self.constant(None)
        self._lines.append(f"{'async ' if kind else ''}def {name}(v, r):")
        self._lines += [f"    {line}" for line in body]
        return Maker(name, kind)

    def _object(self, of: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Maker:
        """Write the function that makes an object of this type, once."""
        key = (of.name, *map(id, sets))
        made = self._objects.get(key)
        if made is None:
            made = self._objects[key] = self._written(of, sets)
        return made

    def _written(self, of: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Maker:
        fields = {name: self._field(of, nodes) for name, nodes in self._choice.fields(of, sets).items()}
        kind = max((piece.kind for piece in fields.values()), default=Kind.PLAIN)
        body = self._checked(of)
        waiting = [number for number, piece in enumerate(fields.values()) if piece.kind is Kind.WAITS]
        if len(waiting) > 1:
            makers = [
                self.define(piece.kind, [f"return {piece.text}"])
                for piece in fields.values()
                if piece.kind is Kind.WAITS
            ]
            calls = ", ".join(each.name for each in makers)
            found = ", ".join(f"t{number}" for number in waiting)
            body.append(f"{found} = await r.lockstep.abreast(each(v, r) for each in ({calls}))")
        else:
            waiting = []
        body += [f"t{number} = {piece.text}" for number, piece in enumerate(fields.values()) if number not in waiting]
        names = (self.constant(f'{"," if number else "{"}"{name}":') for number, name in enumerate(fields))
        pieces = "".join(f"{{{name}}}{{t{number}}}" for number, name in enumerate(names))
        body.append(f"return f'{pieces}}}}}'" if pieces else "return '{}'")
        return self.define(kind, body)

    def _checked(self, of: GraphQLObjectType) -> list[str]:
        """Leave to graphql-core what may not be of this type."""
        if of.is_type_of is None:
            return []
        cls, is_type = self.constant(_definition(of).origin), self.constant(of.is_type_of)
        return [f"if v.__class__ is not {cls} and not {is_type}(v, None): raise Unforeseen"]

    def _field(self, of: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Piece:
        """Make a field of `v` one expression: what it resolves to, and how that is written."""
        name = nodes[0].name.value
        if name == TYPENAME:
            return Piece(self.constant(f'"{of.name}"'), Kind.PLAIN)
        known = of.fields.get(name)
        if known is None:
            raise NotCompilable("a question about the schema")
        off_view = self._off_view(of, known, nodes)
        if off_view is not None:
            return off_view
        resolved = self._resolved(known, nodes, acts=of is self._acts)
        done = self.completed(known.type, resolved.text, sets_of(nodes))
        return Piece(done.text, max(resolved.kind, done.kind))

    def _off_view(self, owner: GraphQLObjectType, of: GraphQLField, nodes: Sequence[FieldNode]) -> Piece | None:
        """Make a field without the objects below it, where all that is asked of them is found by their views."""
        how, sets = how_of(of), sets_of(nodes)
        if isinstance(how, Shown) and how.leaf:
            return self.completed(of.type, self._views.read(how, "v.view"), sets)
        if isinstance(how, Given):
            written = self._views.completed(of.type, sets)
            called = self._resolved(of, nodes, acts=False, by=how.views) if written else None
            return Piece(f"({written.of(f'[{called.text}]')})[0]", Kind.WAITS) if written and called else None
        if isinstance(how, Shown) and (text := self._views.inline(of.type, sets, self._views.read(how, "v.view"))):
            return Piece(text, Kind.PLAIN)
        made = self._views.column(owner, nodes, "[v.view]")
        return Piece(f"({made.text})[0]", made.kind) if made else None

    def asked(self, nodes: Sequence[FieldNode]) -> str:
        """Make what a resolver sees of a field."""
        return f"Asked(r.context, {self.constant(Below(self._choice, sets_of(nodes)))})"

    def _resolved(
        self, of: GraphQLField, nodes: Sequence[FieldNode], *, acts: bool, by: Callable[..., Any] | None = None
    ) -> Piece:
        """Read an attribute, or call the resolver or `by` as Strawberry would; what `acts` is remembered."""
        field = (of.extensions or {}).get(DEFINITION)
        if not isinstance(field, StrawberryField) or field.extensions:
            raise NotCompilable("a field that is not ours")
        resolver = field.base_resolver
        if acts and (resolver is None or not field.is_async):
            raise NotCompilable("an act that is not awaited")
        if resolver is None:
            return Piece(attribute("v", field.python_name), Kind.PLAIN)
        if resolver.parent_parameter or resolver.root_parameter:
            raise NotCompilable("a resolver that takes its parent by name")
        given = ["v"] if resolver.self_parameter else []
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}={self.asked(nodes)}")
        always, read = self._binder.bind(of, field, nodes[0])
        if always:
            given.append(f"**{self.constant(always)}")
        if read:
            given.append(f"**r.arguments({len(self._read)})")
            self._read.append(read)
        call = f"{self.constant(by or resolver.wrapped_func)}({', '.join(given)})"
        if acts:
            call = f"r.acted.carry_out({call})"
        return Piece(f"(await {call})", Kind.WAITS) if field.is_async else Piece(call, Kind.PLAIN)

    def completed(self, of: GraphQLOutputType, value: str, sets: Sequence[SelectionSetNode]) -> Piece:
        """Write a value, given as an expression that is evaluated once."""
        required = isinstance(of, GraphQLNonNull)
        inner = of.of_type if isinstance(of, GraphQLNonNull) else of
        if is_leaf_type(inner):
            return self._leaf(inner, value, required=required)
        if isinstance(inner, GraphQLList):
            made = self._list(inner, sets)
        elif is_abstract_type(inner):
            made = self._dispatched(inner, sets)
        else:
            made = self._object(cast("GraphQLObjectType", inner), sets)
        otherwise = "missing(a)" if required else "'null'"
        return Piece(f"({made.of('a')} if (a := {value}) is not None else {otherwise})", made.kind)

    def _leaf(self, of: GraphQLLeafType, value: str, *, required: bool) -> Piece:
        write = self.constant(writer(of))
        if is_text(of):
            other = f"{write}(a)" if required else f"('null' if a is None else {write}(a))"
            return Piece(f"(text(a) if (a := {value}).__class__ is str else {other})", Kind.PLAIN)
        if required:
            return Piece(f"{write}({value})", Kind.PLAIN)
        return Piece(f"('null' if (a := {value}) is None else {write}(a))", Kind.PLAIN)

    def _dispatched(self, of: GraphQLAbstractType, sets: Sequence[SelectionSetNode]) -> Maker:
        """Write an object of whichever type it is, by its class."""
        makers: dict[type, Maker] = {}
        for each in self._choice.schema.get_possible_types(of):
            origin = _definition(each).origin
            if origin in makers:
                raise NotCompilable("two types of one class")
            makers[origin] = self._object(each, sets)
        kind = max(made.kind for made in makers.values())
        table = self.constant({})
        of_class = {origin: made if made.kind or not kind else self._awaited(made) for origin, made in makers.items()}
        lines = [f"{table}[{self.constant(origin)}] = {made.name}" for origin, made in of_class.items()]
        self._lines += lines
        call = f"{table}[v.__class__](v, r)"
        return self.define(kind, [f"return {'await ' if kind else ''}{call}"])

    def _awaited(self, made: Maker) -> Maker:
        return self.define(Kind.PACED, [f"return {made.name}(v, r)"])

    def _list(self, of: GraphQLList[Any], sets: Sequence[SelectionSetNode]) -> Maker:
        """Write the members of a list: at once, in turns, or side by side where they wait."""
        item = self.completed(of.of_type, "m", sets)
        if is_leaf_type(_named(of)):
            return self.define(Kind.PLAIN, [*BEGIN, f"return '[' + ','.join([{item.text} for m in v]) + ']'"])
        if item.kind is Kind.WAITS:
            one = self.define(Kind.WAITS, ["m = v", f"return {item.text}"])
            made = f"await r.lockstep.abreast({one.name}(m, r) for m in v)"
            return self.define(Kind.WAITS, [*BEGIN, f"return '[' + ','.join({made}) + ']'"])
        return self._in_turns(item.text)

    def _in_turns(self, item: str) -> Maker:
        turns = [
            f"made = [{item} for m in v[:at_once]]",
            "for since in range(at_once, len(v), at_once):",
            "    if r.pace.due(): await breath()",
            f"    made += [{item} for m in v[since:since + at_once]]",
        ]
        return self.define(Kind.PACED, [*BEGIN, *turns, "return '[' + ','.join(made) + ']'"])


def _definition(of: GraphQLObjectType) -> StrawberryObjectDefinition:
    """Find what Strawberry made a type of; a class that stands for several types is no help here."""
    found = (of.extensions or {}).get(DEFINITION)
    if found is None or found.concrete_of is not None or found.is_graphql_generic or found.origin is None:
        raise NotCompilable("a type without a class of its own")
    return cast("StrawberryObjectDefinition", found)


def _named(of: GraphQLOutputType) -> object:
    while isinstance(of, GraphQLNonNull | GraphQLList):
        of = of.of_type
    return of
