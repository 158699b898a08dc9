"""Asking for the month's journal."""

from typing import Annotated

import strawberry

from resolvers import journal as resolved
from schema.info import Info
from schema.objects.journal import JournalEntry
from schema.promise import field, part_type
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import text


@part_type
class JournalQuery:
    """The journal."""

    @field
    async def journal(
        self,
        info: Info,
        month: Annotated[
            str, strawberry.argument(description="Which month, like `2026-11`, by the environment's calendar.")
        ],
        first: First = FIRST,
        after: After = strawberry.UNSET,
    ) -> Connection[JournalEntry]:
        """What every document of money moved in a month, oldest first: double entry. Merchants only."""
        page = page_of(first, after)
        return connection(await resolved.journal(info.context, text(month, "month"), page), JournalEntry.of)
