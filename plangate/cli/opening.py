"""From what was typed to a context: settings, database, environment. A command acts as the merchant."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from billing.lifecycle import Channel
from models.migrations import demand_current
from models.session import Database
from models.stores.environments import Environments
from plangate.cli.typed import loaded
from plangate.contexts import Contexts
from plangate.demo.home import ENVIRONMENT, furnished, home_of
from plangate.problems import UserProblem
from resolvers.access import ALL
from resolvers.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import typer

    from models.views import EnvironmentView
    from plangate.settings import Settings
    from resolvers.context import Context

T = TypeVar("T")
OPERATOR: Final = Principal(PrincipalKind.SECRET, frozenset({ALL}))


def act(typed: typer.Context, environment: str | None, asked: Callable[[Context], Awaitable[T]]) -> T:
    """Do something in an environment: the one that is named, or the demo's where the database is a demo's."""
    settings = loaded(typed).settings
    key = environment or (ENVIRONMENT if home_of(settings) is not None else None)
    if key is None:
        raise UserProblem("Name the environment: --environment KEY. `plangate environment list` shows them.")

    async def within(contexts: Contexts) -> T:
        ctx = contexts.make(OPERATOR, await _environment(contexts.database, key), Channel.CLI)
        try:
            return await asked(ctx)
        finally:
            await ctx.close()

    return _run(settings, within)


def act_on_all(typed: typer.Context, asked: Callable[[Contexts], Awaitable[T]]) -> T:
    """Do something that belongs to no environment."""
    return _run(loaded(typed).settings, asked)


def _run(settings: Settings, asked: Callable[[Contexts], Awaitable[T]]) -> T:
    settings = furnished(settings)

    async def opened() -> T:
        await demand_current(settings.database_url)
        database = Database(settings.database_url, wait_seconds=settings.database_wait_seconds)
        try:
            return await asked(Contexts.real(database, settings))
        finally:
            await database.close()

    return asyncio.run(opened())


async def _environment(database: Database, key: str) -> EnvironmentView:
    async with database.reading() as connection:
        found = await Environments(connection).by_key(key)
    if found is None:
        raise UserProblem(f"There is no environment {key}: `plangate environment list` shows them.")
    return found
