"""Running the demo: migrate, make or find the world, say where everything is, serve."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from billing.dataclass import dataclass
from models.migrations.migration import migrate
from models.session import Database
from plangate import serving
from plangate.app import create_app
from plangate.contexts import Contexts
from plangate.demo.home import ENVIRONMENT, DemoHome
from plangate.demo.world import ready_world
from plangate.logs import configure
from plangate.settings import LogLevel, ProfileName, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plangate.demo.world import World
    from plangate.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody who starts the demo wants to see."""

    url: str
    world: World
    home: DemoHome


def run_demo(
    config: Path | None, port: int | None, *, tell: Callable[[str], None], ready: Callable[[Shown], None]
) -> None:
    """Run the demo in the foreground until it is told to end.

    `tell` hears what is being made, `ready` is called when it can be used. Raises `UserProblem`, and leaves nothing
    behind that a second run would not take up.
    """
    home = DemoHome()
    home.make()
    settings = _settings(config, port, home)
    configure(settings.log_level, settings.log_format)
    listening = serving.listen(settings)
    with listening:
        if settings.port == 0:
            settings = settings.model_copy(update={"port": serving.port_of(listening)})
        world = asyncio.run(_world(settings, home, tell))
        home.write_facts(world.facts(settings.url))
        app = create_app(settings, fill=world.sample())
        serving.serve(app, settings, listening, lambda: ready(Shown(settings.url, world, home)))


def _settings(config: Path | None, port: int | None, home: DemoHome) -> Settings:
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{home.database}",
        "secret": home.own_secret(),
        "host": "127.0.0.1",
        "profile": ProfileName.DEVELOPMENT,
        "public_environment": ENVIRONMENT,
        "worker_inside": True,
    }
    if port is not None:
        given["port"] = port
    loaded = load(config, given=given, by="demo")
    if "log_level" in loaded.origins:
        return loaded.settings
    return loaded.settings.model_copy(update={"log_level": LogLevel.WARNING})


async def _world(settings: Settings, home: DemoHome, tell: Callable[[str], None]) -> World:
    await migrate(settings.database_url)
    database = Database(settings.database_url)
    try:
        return await ready_world(Contexts.real(database, settings), home.read_facts(), tell)
    finally:
        await database.close()
