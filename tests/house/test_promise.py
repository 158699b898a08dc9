"""The printed schema is the manual of the API: complete, and the one that is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    ObjectTypeDefinitionNode,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    parse,
    print_ast,
)

from schema.build import schema
from tests.house.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLNamedType

PRINTED = schema.as_str()
PROMISED = build_schema(PRINTED)


def own_types() -> list[GraphQLNamedType]:
    """The types that we promise, the language's own left out."""
    types = PROMISED.type_map.values()
    return [kind for kind in types if not is_introspection_type(kind) and not is_specified_scalar_type(kind)]


def described(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """A type and everything in it that a reader can ask about, with what is said of it."""
    yield kind.name, kind.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.description
            yield from ((f"{kind.name}.{name}({word}:)", argument.description) for word, argument in field.args.items())
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
    elif isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())


def test_everything_that_is_promised_is_described() -> None:
    assert [name for kind in own_types() for name, text in described(kind) if not (text or "").strip()] == []


def test_the_committed_schema_is_what_the_code_promises() -> None:
    assert (ROOT / "schema" / "schema.graphql").read_text().strip() == PRINTED.strip()


def answers() -> dict[str, str]:
    """What every mutation answers, by name."""
    roots = [node for node in parse(PRINTED).definitions if isinstance(node, ObjectTypeDefinitionNode)]
    fields = [field for root in roots if root.name.value == "Mutation" for field in root.fields or ()]
    return {field.name.value: print_ast(field.type).rstrip("!") for field in fields}


DECISIONS = {"EntitlementDenied"}
"""Answers beside the payload that are no refusals: a denial is a decision."""


def odd(answer: object) -> str | None:
    """What is wrong with a mutation's answer."""
    if not isinstance(answer, GraphQLUnionType):
        return "is not a union"
    refusals = [kind for kind in answer.types if "UserError" in {face.name for face in kind.interfaces}]
    payloads = [kind.name for kind in answer.types if kind not in refusals and kind.name not in DECISIONS]
    return None if len(payloads) == 1 else "is not one payload and refusals"


def test_every_mutation_answers_one_payload_or_a_named_refusal() -> None:
    found = {name: odd(PROMISED.type_map[answer]) for name, answer in answers().items()}

    assert found
    assert {name: text for name, text in found.items() if text} == {}
