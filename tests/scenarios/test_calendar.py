"""The calendar: what each file says beforehand is what comes, however the clock gets there. (issue 4, proof d)"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from models.session import Database
from tests.databases import apart
from tests.scenarios.almanac import Became, at_once, case, cases, in_steps, walked, write
from tests.scenarios.templates import copied

if TYPE_CHECKING:
    from tests.scenarios.templates import PostgresWorlds, SqliteWorlds

LEAST = 40


@pytest.mark.parametrize("name", cases())
def test_what_is_written_comes_at_once_or_step_by_step(sqlite_worlds: SqliteWorlds, name: str) -> None:
    said = case(name)
    if os.environ.get("PLANGATE_WRITE_GOLDEN"):
        write(name, sqlite_worlds.walked(partial(walked, case=said, stops=at_once)))
        case.cache_clear()
        said = case(name)

    became = sqlite_worlds.walked(partial(walked, case=said, stops=at_once))

    assert (became.invoices, became.balance, became.events) == (said.invoices, said.balance, said.events)
    assert sqlite_worlds.walked(partial(walked, case=said, stops=in_steps)).whole == became.whole


@pytest.mark.parametrize("about", sorted({name.partition("/")[0] for name in cases()}))
def test_the_first_of_each_kind_comes_on_postgresql_too(postgresql_worlds: PostgresWorlds, about: str) -> None:
    said = case(next(name for name in cases() if name.startswith(f"{about}/")))
    url = postgresql_worlds.fresh()

    async def through() -> Became:
        database = Database(url)
        try:
            return await walked(copied(database, postgresql_worlds.places), said, at_once)
        finally:
            await database.close()

    became = apart(through())
    postgresql_worlds.drop(url)

    assert (became.invoices, became.balance, became.events) == (said.invoices, said.balance, said.events)


def test_there_are_as_many_as_were_asked_for() -> None:
    assert len(cases()) >= LEAST
