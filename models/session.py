"""The database's two doors: reading a snapshot, and working in one transaction that is on disk when it is left.

SQLite has one writer at a time and any number of readers; PostgreSQL has many of both. The seam for committing
several units of work together is `working`: today a group is one unit.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, cast

import orjson
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from models.at_hand import AtHand, Elsewhere
from models.fetching import Fetching
from models.files import Identity, demand_local, existing, file_of
from models.gathering import Gathering
from models.hops import Driver
from models.in_flight import InFlight
from models.pipelines import Driver as PipelinedDriver
from models.prepared import Preparing
from models.readers import Readers
from models.unavailable import busy, unavailable, uncommitted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    import aiosqlite
    from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext

    from models.readers import Question
    from models.rows import Runner

READERS = 8
WAIT_SECONDS = 3.0
PARTING_SECONDS = 0.4
PRAGMAS: tuple[str, ...] = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY")
SIGN = text("SELECT 1")
T = TypeVar("T")
PROBLEMS = (SQLAlchemyError, OSError, TimeoutError)
"""What a driver raises where the database cannot be reached or does not answer in time."""


HangUp: TypeAlias = "Callable[[], None]"


class Database:
    """An open database. `working` is the only way to write."""

    def __init__(self, url: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Prepare the engines; nothing is opened before the first use. Raises NetworkFileSystem."""
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._wait = wait_seconds
        file = file_of(url)
        self._file = Identity(file) if file is not None else None
        if file is not None:
            demand_local(file)
        self._readers: Readers | None = None
        if self.sqlite:
            self._writer = _sqlite_engine(url, wait_seconds)
            self._readers = Readers(existing(url), size=READERS, wait=wait_seconds, pragmas=(*PRAGMAS, "query_only=ON"))
        else:
            self._writer = _postgresql_engine(url, wait_seconds)
        self._at_hand = AtHand(self._readers) if self._readers is not None else None
        self._preparing = self._readers.preparing if self._readers else Preparing(self._writer.dialect)
        self._turn = asyncio.Lock() if self.sqlite else None
        self.in_flight = InFlight()
        self.gathering = Gathering()

    async def asked(self, question: Question[T], *, brief: bool = False) -> T:
        """Carry out a question, which awaits its statements and nothing else, in one snapshot of what is committed.

        One that is `brief` is expected to read little and to reckon little with it: it is tried at once.
        """
        if self._readers is None:
            return await self._fetched(question)
        self._demand_same_file()
        try:
            if brief and self._at_hand is not None:
                with suppress(Elsewhere):
                    return self._at_hand.asked(question)
            return await self._readers.asked(question)
        except PROBLEMS as problem:
            _refuse(problem)
        finally:
            self._remember_file()

    async def _fetched(self, question: Question[T]) -> T:
        try:
            async with self._reading() as connection:
                return await question(await Fetching.begin(connection, self._preparing))
        except PROBLEMS as problem:
            _refuse(problem)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Runner, None]:
        """Open one snapshot of what is committed, for a reader that awaits other things too."""
        try:
            if self._readers is None:
                async with self._reading() as run:
                    yield run
            else:
                self._demand_same_file()
                async with self._readers.reading() as run:
                    self._remember_file()
                    yield run
        except PROBLEMS as problem:
            _refuse(problem)

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncConnection, None]:
        connection = await self._connected(self._writer)
        hang_up = self._hang_up(connection)
        try:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
        finally:
            await _given_back(connection, hang_up)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[AsyncConnection, None]:
        """Own a write transaction from the first to the last statement; leaving returns after COMMIT is on disk."""
        await self._enter()
        try:
            async with self._transaction() as connection:
                yield connection
        except PROBLEMS as problem:
            _refuse(problem)
        finally:
            if self._turn is not None:
                self._turn.release()

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection, None]:
        connection = await self._connected(self._writer)
        hang_up = self._hang_up(connection)
        try:
            transaction = await connection.begin()
            try:
                yield connection
                await _committed(transaction, hang_up, self._wait)
            except BaseException:
                with suppress(*PROBLEMS):  # a database that is gone or full has done it itself
                    await _finished(transaction.rollback(), hang_up)
                raise
            self._demand_same_file()  # what was committed into a file without a name is not answered as done
        finally:
            await _given_back(connection, hang_up)

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        self._demand_same_file()
        connection = await _available(engine.connect())
        self._remember_file()
        return connection

    def _remember_file(self) -> None:
        if self._file is not None:
            self._file.opened()

    def _demand_same_file(self) -> None:
        if self._file is not None:
            self._file.demand_same()

    async def _enter(self) -> None:
        if self._turn is None:
            return
        try:
            async with asyncio.timeout(self._wait):
                await self._turn.acquire()
        except TimeoutError as late:
            raise busy(late) from late

    def _hang_up(self, connection: AsyncConnection) -> HangUp | None:
        """Give what ends a connection without asking the server; None where there is none to wait for."""
        if self.sqlite or connection.sync_connection is None:
            return None
        terminate: HangUp = cast("Any", connection.sync_connection.connection.driver_connection).terminate
        return terminate

    async def probe(self) -> None:
        """Ask the database for a sign of life; raises TemporarilyUnavailable."""
        await self.asked(_sign_of_life)

    def heard_by(self, hear: Callable[[str], None]) -> None:
        """Tell somebody each statement that is carried out from now on, without what was given to it."""
        event.listen(self._writer.sync_engine, "before_cursor_execute", lambda *told: hear(str(told[2])))
        self._preparing.hear = hear

    def engine(self) -> AsyncEngine:
        """Give the writing engine to migrations and tests."""
        return self._writer

    async def close(self) -> None:
        """Close every connection, after what is being carried out."""
        await self.gathering.idle()
        await self._writer.dispose()
        if self._at_hand is not None:
            self._at_hand.close()
        if self._readers is not None:
            await self._readers.close()


async def _sign_of_life(run: Runner) -> None:
    await run.execute(SIGN)


async def _committed(transaction: AsyncTransaction, hang_up: HangUp | None, seconds: float) -> None:
    try:
        await _finished(transaction.commit(), hang_up, seconds)
    except PROBLEMS as problem:
        said = uncommitted(problem)
        if said is problem:
            raise
        raise said from problem


async def _given_back(connection: AsyncConnection, hang_up: HangUp | None) -> None:
    with suppress(*PROBLEMS):  # nobody needs it any more
        await _finished(connection.close(), hang_up)


async def _finished(
    ending: Coroutine[Any, Any, None], hang_up: HangUp | None = None, seconds: float = PARTING_SECONDS
) -> None:
    """Wait for an end that must not be cut short: a cancellation comes out after it.

    A server has `seconds` for it, `PARTING_SECONDS` once nobody waits any more; then we hang up.
    """
    task = asyncio.ensure_future(ending)
    cancelled: asyncio.CancelledError | None = None
    left = seconds if hang_up is not None else None
    while not task.done():
        try:
            await asyncio.wait([task], timeout=left)
        except asyncio.CancelledError as asked:
            cancelled = asked
            left = None if left is None else PARTING_SECONDS
        else:
            if left is not None and hang_up is not None and not task.done():
                hang_up()
                left = None
    if cancelled is not None:
        task.exception()
        raise cancelled
    task.result()


def _refuse(problem: Exception) -> NoReturn:
    said = unavailable(problem)
    if said is problem:
        raise problem
    raise said from problem


async def _available(opening: Awaitable[AsyncConnection]) -> AsyncConnection:
    try:
        return await opening
    except PROBLEMS as problem:
        raise busy(problem) from problem


def _sqlite_engine(url: str, wait: float) -> AsyncEngine:
    """Make the one connection that writes."""
    engine = create_async_engine(
        existing(url),
        module=Driver(),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=wait,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": wait},
    )
    engine.sync_engine.dialect.update_executemany_returning = True  # the driver above answers the rows of all

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401  (SQLAlchemy's own event signature)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine.sync_engine, "invalidate")
    def let_go(connection: Any, _record: object, _problem: object) -> None:  # noqa: ANN401  (as above)
        with suppress(Exception):  # a closed file keeps its lock while a cursor lives that was cut short
            connection.run_async(_interrupted)
            connection.rollback()

    return engine


async def _interrupted(driver: aiosqlite.Connection) -> None:
    await driver.interrupt()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _postgresql_engine(url: str, wait: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        module=PipelinedDriver(),
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=wait,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        connect_args={"command_timeout": wait, "timeout": wait},
    )
    engine.sync_engine.dialect.update_executemany_returning = True  # the driver above answers the rows of all

    @event.listens_for(engine.sync_engine, "handle_error")
    def lost(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, TimeoutError | OSError):
            context.is_disconnect = True  # whoever does not answer in time is not asked again on an old connection

    @event.listens_for(engine.sync_engine, "close")
    def hang_up(connection: Any, _record: object) -> None:  # noqa: ANN401  (SQLAlchemy's own event signature)
        connection.driver_connection.terminate()  # to part politely can take seconds where nobody answers

    return engine
