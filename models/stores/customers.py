"""Customers and their trials."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from models.given import among, here, sent
from models.paging import Key, after, cursor_at, instant_and_id_in, ordered, page_of
from models.rows import Runner, add, row, rows, value
from models.tables.base import table
from models.tables.customer import CustomerRow, PersonalTextRow, TrialRow
from models.tables.environment import SequenceRow
from models.views import CustomerView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from models.paging import Page

C = table(CustomerRow)
T = table(TrialRow)
X = table(PersonalTextRow)
BY_ID = select(C).where(C.c.id == bindparam("of"), C.c.environment_id == bindparam("env"))
SAVE = update(C).where(C.c.id == bindparam("of"))
BY_IDS = select(C).where(here(C.c.environment_id), among(C.c.id, "ids"))
BY_EXTERNAL_IDS = select(C).where(C.c.environment_id == bindparam("env"), among(C.c.external_id, "ids"))
BY_EXTERNAL_ID = select(C).where(C.c.environment_id == bindparam("env"), C.c.external_id == bindparam("of"))


class Customers:
    """The customers of one environment."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id

    async def by_id(self, customer_id: str) -> CustomerView | None:
        """Find by our id."""
        found = await row(self._run, BY_ID, {"of": customer_id, "env": self._env})
        return customer_view(found) if found else None

    async def by_external_id(self, external_id: str) -> CustomerView | None:
        """Find by the host's id."""
        found = await row(self._run, BY_EXTERNAL_ID, {"of": external_id, "env": self._env})
        return customer_view(found) if found else None

    async def by_external_ids(self, external_ids: Sequence[str]) -> dict[str, CustomerView]:
        """Find several by the host's ids."""
        found = await rows(self._run, BY_EXTERNAL_IDS, {"env": self._env, "ids": sent(external_ids)})
        return {each["external_id"]: customer_view(each) for each in found}

    async def by_ids(self, ids: Sequence[str]) -> dict[str, CustomerView]:
        """Find several."""
        found = await rows(self._run, BY_IDS, {"env": self._env, "ids": sent(ids)})
        return {each["id"]: customer_view(each) for each in found}

    async def page(
        self,
        first: int,
        cursor: str | None,
        *,
        search: str | None = None,
        archived: bool | None = False,
    ) -> Page[CustomerView]:
        """List newest first; `search` meets the beginning of external id, name or e-mail."""
        keys = (Key(C.c.created_at, descending=True), Key(C.c.id, descending=True))
        listed = select(C).where(C.c.environment_id == self._env)
        if archived is not None:
            listed = listed.where(C.c.archived_at.is_not(None) if archived else C.c.archived_at.is_(None))
        if search:
            starts = [column.istartswith(search, autoescape=True) for column in (C.c.external_id, C.c.name, C.c.email)]
            listed = listed.where(or_(*starts))
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        found = await rows(self._run, ordered(listed, keys).limit(first + 1))
        return page_of(found, first, _cursor, customer_view, began=cursor is not None)

    async def add(self, customer: CustomerRow) -> None:
        """Keep a new customer with a sequence of its own."""
        await add(self._run, customer, SequenceRow(owner_id=customer.id, environment_id=customer.environment_id))

    async def update(self, customer_id: str, values: Mapping[str, object]) -> None:
        """Change some columns."""
        await self._run.execute(SAVE, {"of": customer_id, **values})

    async def had_trial(self, customer_id: str, product_id: str) -> bool:
        """Whether the customer had a trial of the product. (S7)"""
        wanted = select(T.c.started_at).where(T.c.customer_id == customer_id, T.c.product_id == product_id)
        return await value(self._run, wanted) is not None

    async def add_trial(self, trial: TrialRow) -> None:
        """Remember a trial."""
        await add(self._run, trial)

    async def add_text(self, text: PersonalTextRow) -> None:
        """Keep a customer's words."""
        await add(self._run, text)

    async def digest_of_text(self, text_id: str) -> str | None:
        """Answer the salted digest of words, which stays true when they are erased; None where there are none."""
        found = await row(self._run, select(X.c.text, X.c.salt).where(X.c.id == text_id)) if text_id else None
        if found is None or found["text"] is None:
            return None
        return hashlib.sha256(f"{found['salt']}{found['text']}".encode()).hexdigest()


def customer_view(found: Mapping[str, Any]) -> CustomerView:
    """Read a customer."""
    return CustomerView(
        id=found["id"],
        external_id=found["external_id"],
        name=found["name"],
        email=found["email"],
        kind=found["kind"],
        locale=found["locale"],
        zone=found["zone"],
        country=found["country"],
        address=found["address"],
        tax_ids=tuple(found["tax_ids"]),
        currency=found["currency"],
        metadata=found["labels"],
        created_at=found["created_at"],
        archived_at=found["archived_at"],
        tokens_not_before=found["tokens_not_before"],
    )


def _cursor(found: Mapping[str, Any]) -> str:
    return cursor_at(found["created_at"], found["id"])
