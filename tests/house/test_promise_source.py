"""The schema is made to be compiled: a compiled operation calls resolvers directly, so nothing may stand in between."""

from __future__ import annotations

import ast

from tests.house.repository import dotted, imports, sources, tree, where

BETWEEN = frozenset({"extensions", "permission_classes", "exception_handlers", "directives"})
NOT_COMPILABLE = ("strawberry.extensions", "strawberry.permission", "strawberry.relay", "strawberry.field_extensions")
INSIDES = frozenset({"GraphQLResolveInfo", "SchemaExtension", "BasePermission", "FieldExtension"})


def test_nothing_stands_between_a_field_and_its_resolver() -> None:
    found: list[str] = []
    for file in sources("schema"):
        module = tree(file)
        found += [f"{where(file, node)} {name}" for node, name in imports(module) if name.startswith(NOT_COMPILABLE)]
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and dotted(node.func).startswith("strawberry"):
                found += [f"{where(file, node)} {word.arg}=" for word in node.keywords if word.arg in BETWEEN]

    assert found == []


def test_schema_and_resolvers_see_the_context_and_never_graphql_insides() -> None:
    found = [
        f"{where(file, node)} {name}"
        for file in sources("schema", "resolvers")
        for node, name in imports(tree(file))
        if name.split(".")[-1] in INSIDES
    ]

    assert found == []
