"""The rows of the table are the fields of the schema, and agree with the table of access."""

from __future__ import annotations

from graphql import parse

from plangate.execution.plans import core_schema
from resolvers.access import ACCESS
from schema.build import schema
from tests.resolvers.root_fields import ACTS, MANY, QUESTIONS, ROOT_FIELDS


def test_every_field_of_the_schema_has_its_row() -> None:
    promised = core_schema(schema)
    assert promised.query_type
    assert promised.mutation_type
    assert set(promised.query_type.fields) == {each.name for each in QUESTIONS}
    assert set(promised.mutation_type.fields) == {each.name for each in (*ACTS, *MANY)}
    assert all(parse(each.document) for each in ROOT_FIELDS.values())


def test_the_rows_and_the_table_of_access_agree() -> None:
    assert {name: (ACCESS[name].scope, ACCESS[name].customer, ACCESS[name].public) for name in ROOT_FIELDS} == {
        name: (each.scope, each.customer, each.public) for name, each in ROOT_FIELDS.items()
    }
