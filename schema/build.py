"""The schema itself, and how it is printed."""

from typing import Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.info import Info
from schema.refusals import TOLD_OF_ROWS
from schema.roots import Mutation, Query
from schema.scalars import SCALARS

schema: Final = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=TOLD_OF_ROWS,
    config=StrawberryConfig(info_class=Info, scalar_map=SCALARS),
)


def printed() -> str:
    """Print the schema as `schema/schema.graphql` keeps it."""
    return schema.as_str().strip() + "\n"
