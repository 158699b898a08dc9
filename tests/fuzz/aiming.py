"""Turns what Schemathesis wrote into what reaches deep: real things at their places, or a known act with oddities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import (
    ArgumentNode,
    FieldNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.fuzz.values import literal

if TYPE_CHECKING:
    import random

MOST_ODDITIES = 2
N = TypeVar("N", ArgumentNode, ObjectFieldNode)


@dataclass
class Aim:
    """Of four documents one stays as it is, one gets real things, two are the known question or act with oddities.

    `pool` is what exists, by names of places; `known` the arguments that do it; `number` makes keys unique.
    """

    pool: dict[str, tuple[Any, ...]]
    known: dict[str, Any]
    chance: random.Random
    number: int = 0

    def __call__(self, document: str) -> str:
        """Aim one document."""
        self.number += 1
        parsed = parse(document, no_location=True)
        (operation,) = parsed.definitions
        assert isinstance(operation, OperationDefinitionNode)
        (asked,) = operation.selection_set.selections
        assert isinstance(asked, FieldNode)
        how = self.chance.randrange(4)
        if how == 1:
            asked = visit(asked, _Placing(self.pool, self.chance))
        elif how > 1:
            asked = replace(asked, arguments=self._known_with_oddities(asked))
        if asked.selection_set is not None:
            typename = FieldNode(name=NameNode(value="__typename"))
            within = replace(asked.selection_set, selections=(typename, *asked.selection_set.selections))
            asked = replace(asked, selection_set=within)
        return print_ast(replace(operation, selection_set=replace(operation.selection_set, selections=(asked,))))

    def _known_with_oddities(self, asked: FieldNode) -> tuple[ArgumentNode, ...]:
        odd = {each.name.value: each.value for each in asked.arguments or ()}
        taken: dict[str, Any] = dict(self.known)
        if "input" not in taken:
            return tuple(_argument(name, each) for name, each in self._mixed(taken, odd).items())
        known, generated = taken["input"], odd["input"]
        assert isinstance(known, ObjectValueNode)
        assert isinstance(generated, ObjectValueNode)
        fields = self._mixed(_fields(known), _fields(generated))
        fields["idempotencyKey"] = literal(f"fuzz {self.number} {self.chance.getrandbits(48):x}")
        written = (ObjectFieldNode(name=NameNode(value=name), value=each) for name, each in fields.items())
        return (_argument("input", replace(known, fields=tuple(written))),)

    def _mixed(self, known: dict[str, Any], generated: dict[str, Any]) -> dict[str, Any]:
        odd = sorted(generated)
        self.chance.shuffle(odd)
        return known | {name: generated[name] for name in odd[: self.chance.randrange(MOST_ODDITIES + 1)]}


class _Placing(Visitor):
    """Puts what exists where a name asks for it, three times in four."""

    def __init__(self, pool: dict[str, tuple[Any, ...]], chance: random.Random) -> None:
        super().__init__()
        self.pool = pool
        self.chance = chance

    def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        return self._placed(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:
        return self._placed(node)

    def _placed(self, node: N) -> N | None:
        if node.name.value not in self.pool or self.chance.random() >= 0.75:
            return None
        return replace(node, value=literal(self.chance.choice(self.pool[node.name.value])))


def _fields(of: ObjectValueNode) -> dict[str, Any]:
    return {each.name.value: each.value for each in of.fields or ()}


def _argument(name: str, value: Any) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)
