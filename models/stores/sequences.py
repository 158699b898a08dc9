"""How far the sequences of customers and of the environment go: what tells whether something was written about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from models.rows import even, tuples
from models.tables.base import table
from models.tables.customer import CustomerRow
from models.tables.environment import SequenceRow
from models.types import Text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from models.rows import Runner

Q, C = table(SequenceRow), table(CustomerRow)
STANDING = (
    select(Q.c.owner_id, Q.c.seq, Q.c.latest_at, C.c.archived_at, C.c.external_id)
    .select_from(Q.outerjoin(C, C.c.id == Q.c.owner_id))
    .where(Q.c.owner_id.in_(bindparam("owners", type_=Text(), expanding=True)))
)


class Stood(NamedTuple):
    """Where a sequence stood, and the instant of the latest act: None where there was none.

    Of a customer's also what is told of the customer elsewhere, so that it can be seen to be of the same snapshot.
    """

    seq: int
    latest_at: datetime | None
    archived_at: datetime | None = None
    external_id: str | None = None


class Sequences:
    """The sequences of all owners, read and not taken."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection."""
        self._run = run

    async def of(self, owners: Collection[str]) -> dict[str, Stood]:
        """Read where sequences stand, by owner."""
        found = await tuples(self._run, STANDING, {"owners": even(owners)})
        return {owner: Stood(*stood) for owner, *stood in found}
