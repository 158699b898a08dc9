"""Units of work side by side: each is answered as it would be alone, and what they ask alike is asked once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, func, select, update

from billing.refusals import TemporarilyUnavailable
from models.abreast import Abreast
from models.given import among, sent
from models.rows import add, add_all, changed, row, rows, value
from models.tables.base import table
from models.tables.environment import RevokedTokenRow
from tests.world import World

if TYPE_CHECKING:
    from models.rows import Runner
    from models.session import Database

START = datetime(2024, 1, 1, tzinfo=UTC)
TOKEN = table(RevokedTokenRow)
BY_NAME = select(TOKEN).where(TOKEN.c.jti == bindparam("of"))
ALL = select(TOKEN.c.jti).where(among(TOKEN.c.jti, "names")).order_by(TOKEN.c.jti.desc())
LATER = update(TOKEN).where(TOKEN.c.jti == bindparam("of"))
TELLING = LATER.values(expires_at=bindparam("to", type_=TOKEN.c.expires_at.type)).returning(TOKEN.c.expires_at)
COUNT = select(func.count()).select_from(TOKEN).where(among(TOKEN.c.jti, "names"))


async def lived(run: Runner, env: str, name: str, *, more: bool) -> list[object]:
    """Everything that a unit of work asks a database, and what it was told."""
    names = [f"{name}-{each}" for each in "abc"]
    told: list[object] = []
    await add(run, RevokedTokenRow(jti=names[0], environment_id=env, expires_at=START))
    kept = [{"jti": each, "environment_id": env, "expires_at": START} for each in names[1:]]
    await add_all(run, RevokedTokenRow, kept)
    if more:
        told.append(await value(run, select(TOKEN.c.jti).where(TOKEN.c.jti == names[0])))
        told.append(await row(run, BY_NAME, {"of": names[2]}))
    told.append(await row(run, BY_NAME, {"of": names[0]}))
    told.append(await row(run, BY_NAME, {"of": "nobody"}))
    told.append([each["jti"] for each in await rows(run, ALL, {"names": sent([names[0], names[2]])})])
    told.append(await value(run, TELLING, {"of": names[1], "to": START + timedelta(days=1)}))
    await run.execute(LATER, {"of": names[2], "expires_at": START + timedelta(days=2)})
    told.append(await changed(run, LATER, {"of": "nobody", "expires_at": START}))
    told.append(await value(run, COUNT, {"names": sent(names)}))
    told += [dict(each) for each in await rows(run, ALL, {"names": sent(names)})]
    return [dict(each) if hasattr(each, "keys") else each for each in told]  # type: ignore[call-overload]  # a row or a mapping


async def test_each_is_answered_as_alone_and_what_is_asked_alike_is_asked_once(database: Database) -> None:
    env = (await World.begin(database)).places["main"].environment.id
    statements: list[str] = []
    database.heard_by(statements.append)
    async with database.working() as connection:
        alone = [await lived(connection, env, f"{number}", more=number == 1) for number in range(5)]
        one_by_one = len(statements)
        statements.clear()
        await connection.execute(TOKEN.delete())
        abreast = Abreast(connection)
        acts = [lived(abreast, env, f"{number}", more=number == 1) for number in range(5)]
        together = await abreast.together(acts)

    assert together == alone
    kinds, own, counting, forgetting, committing = 9, 2, 5, 1, 1
    asked = kinds + own + counting + forgetting + committing
    assert len(statements) == asked, "the one who asks more caught up with the others"
    assert one_by_one > 5 * kinds


async def test_what_one_raises_ends_all_and_nothing_is_kept(database: Database) -> None:
    env = (await World.begin(database)).places["main"].environment.id
    ended: list[str] = []

    async def one(run: Runner, name: str, again: str) -> None:
        try:
            await add(run, RevokedTokenRow(jti=name, environment_id=env, expires_at=START))
            await add(run, RevokedTokenRow(jti=again, environment_id=env, expires_at=START))
        finally:
            ended.append(name)

    async def both() -> None:
        async with database.working() as connection:
            abreast = Abreast(connection)
            await abreast.together([one(abreast, "a", "b"), one(abreast, "c", "a")])

    with pytest.raises(TemporarilyUnavailable):
        await both()

    assert sorted(ended) == ["a", "c"]
    async with database.reading() as connection:
        assert await value(connection, COUNT, {"names": sent(["a", "b", "c"])}) == 0


async def test_nothing_but_statements_is_awaited(sqlite_database: Database) -> None:
    async def sleeper() -> None:
        await asyncio.sleep(0)

    async with sqlite_database.working() as connection:
        with pytest.raises(TypeError):
            await Abreast(connection).together([sleeper()])
