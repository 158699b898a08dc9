"""A PostgreSQL server: connections that read and write, which SQLAlchemy holds, and names what goes wrong with them."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import orjson
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from models.aside import Aside
from models.crossing import Elsewhere
from models.fetching import Alone, Fetching
from models.lookout import Lookout
from models.parting import finished
from models.prepared import Preparing
from models.unavailable import PROBLEMS, busy, uncommitted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.pool import QueuePool

    from models.crossing import Question
    from models.parting import HangUp

T = TypeVar("T")
CONNECTIONS = 8
"""So many connections are kept, and as many more are opened when they are all in use."""
HELD = 8
"""So many of them are held in between: to take one out of the pool and to give it back costs more than to ask."""
SNAPSHOT, BEGIN, COMMIT, ROLLBACK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN", "COMMIT", "ROLLBACK"
PREPARED = 500
"""So many statements stay prepared on a connection: more than there are."""


class Lone(NamedTuple):
    """A connection that opens no transaction by itself, and what runs on it."""

    connection: AsyncConnection
    run: Fetching
    hang_up: HangUp | None

    async def undone(self) -> None:
        """End what was begun on it, a preparation too; a connection on which that cannot be done is let go."""
        if self.connection.invalidated:
            return
        try:
            await finished(self.run.say(ROLLBACK), self.hang_up)
        except BaseException as problem:
            await self.connection.invalidate()
            if not isinstance(problem, PROBLEMS):
                raise


class Postgresql:
    """A server's database."""

    def __init__(self, url: str, wait: float, notice: float) -> None:
        """Prepare the pool; nothing is opened before the first use.

        What others write is noticed within `notice` seconds.
        """
        self._wait = wait
        self._engine = _engine(url, wait, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, pool_timeout=wait)
        self.lookout = Lookout(_engine(url, wait, poolclass=NullPool), notice)
        self.preparing = Preparing(self._engine.dialect)
        self.stretch: AbstractContextManager[None] = nullcontext()
        """Whoever asks a server waits."""
        self._held: list[Lone] = []
        self._closed = False

    async def asked(self, question: Question[T], *, brief: bool = False, alone: bool = False) -> T:  # noqa: ARG002  (one way)
        """Carry a question out in one snapshot: that of its only statement, or of a transaction."""
        if alone:
            with suppress(Elsewhere):
                return await self._asked_alone(question)
        async with self.reading() as run:
            return await question(run)

    async def _asked_alone(self, question: Question[T]) -> T:
        async with self._lent() as lone:
            return await question(Alone(lone.run))

    @asynccontextmanager
    async def _lent(self) -> AsyncGenerator[Lone, None]:
        """Lend a connection; it is held for the next, with nothing begun on it, unless something is wrong with it."""
        lone = self._held.pop() if self._held else await self._begun_alone()
        try:
            yield lone
        except BaseException as problem:
            try:
                if not isinstance(problem, Elsewhere):
                    await lone.undone()
            finally:
                await self._taken_back(lone, problem)
            raise
        await self._hold(lone)

    async def _taken_back(self, lone: Lone, problem: BaseException) -> None:
        if lone.connection.invalidated and isinstance(problem, Exception):
            await _given_back(lone.connection, lone.hang_up)
            await self._let_go_all()  # what one of them lost, the others may have lost too
        elif isinstance(problem, PROBLEMS) or not isinstance(problem, Exception):
            await _given_back(lone.connection, lone.hang_up)
        else:
            await self._hold(lone)

    async def _begun_alone(self) -> Lone:
        connection = await self._connected()
        hang_up = _hang_up(connection)
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            return Lone(connection, await Fetching.begin(connection, self.preparing), hang_up)
        except BaseException:
            await _given_back(connection, hang_up)
            raise

    async def _hold(self, lone: Lone) -> None:
        if len(self._held) < HELD and not self._closed:
            self._held.append(lone)
        else:
            await _given_back(lone.connection, lone.hang_up)

    async def _let_go_all(self) -> None:
        held, self._held = self._held, []
        for each in held:
            with suppress(*PROBLEMS):
                await each.connection.invalidate()
            await _given_back(each.connection, each.hang_up)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Fetching, None]:
        """Open one snapshot."""
        async with self._lent() as lone:
            await lone.run.say(SNAPSHOT)
            yield lone.run
            await lone.run.say(ROLLBACK)

    async def worked(self, act: Question[T]) -> T:
        """Carry an act out in a transaction."""
        async with self.working() as run:
            return await act(run)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Fetching, None]:
        """Own a transaction; leaving returns after COMMIT is on disk."""
        async with self._lent() as lone:
            await lone.run.say(BEGIN)
            yield lone.run
            await self._committed(lone)

    def present(self) -> int | None:
        """Count what is known to have been written; None where that is not known at present."""
        return self.lookout.present()

    async def certain(self) -> int | None:
        """Count likewise, after a look at the server where the last is too long ago."""
        return await self.lookout.certain()

    def moved(self, owners: Collection[str], seen: int) -> bool:
        """Whether one of these was written about after so much was noticed."""
        return self.lookout.moved(owners, seen)

    @property
    def began(self) -> int:
        """From which count on everything was noticed."""
        return self.lookout.began

    @property
    def in_use(self) -> int:
        """How many connections somebody has."""
        return cast("QueuePool", self._engine.pool).checkedout() - len(self._held)

    async def close(self) -> None:
        """Close every connection; what is given back later is closed then."""
        self._closed = True
        await self.lookout.close()
        await self._let_go_all()
        await self._engine.dispose()

    async def _connected(self) -> AsyncConnection:
        if self._held and cast("QueuePool", self._engine.pool).checkedout() >= 2 * CONNECTIONS:
            idle = self._held.pop()  # others need it more
            await _given_back(idle.connection, idle.hang_up)
        await Aside()
        try:
            return await self._engine.connect()
        except PROBLEMS as problem:
            raise busy(problem) from problem

    async def _committed(self, lone: Lone) -> None:
        self.preparing.tell(COMMIT)
        try:
            await finished(lone.run.say(COMMIT), lone.hang_up, self._wait)
        except PROBLEMS as problem:
            said = uncommitted(problem)
            if said is problem:
                raise
            raise said from problem
        finally:
            self.lookout.wrote()


def _hang_up(connection: AsyncConnection) -> HangUp | None:
    """Give what ends a connection without asking the server; None where there is none to wait for."""
    if connection.sync_connection is None:
        return None
    terminate: HangUp = cast("Any", connection.sync_connection.connection.driver_connection).terminate
    return terminate


async def _given_back(connection: AsyncConnection, hang_up: HangUp | None) -> None:
    with suppress(*PROBLEMS):  # nobody needs it any more
        await finished(connection.close(), hang_up)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _engine(url: str, wait: float, **pool: Any) -> AsyncEngine:  # noqa: ANN401  (SQLAlchemy's own options)
    engine = create_async_engine(
        url,
        **pool,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args={"command_timeout": wait, "timeout": wait, "prepared_statement_cache_size": PREPARED},
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def lost(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, TimeoutError | OSError):
            context.is_disconnect = True  # whoever does not answer in time is not asked again on an old connection

    @event.listens_for(engine.sync_engine, "close")
    def hang_up(connection: Any, _record: object) -> None:  # noqa: ANN401  (SQLAlchemy's own event signature)
        connection.driver_connection.terminate()  # to part politely can take seconds where nobody answers

    return engine
