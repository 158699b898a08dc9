"""Serving the API."""

import asyncio
from typing import Annotated

import typer

from models.migrations import demand_current
from plangate import serving
from plangate.app import create_app
from plangate.cli.options import Port
from plangate.cli.shown import say
from plangate.cli.typed import loaded

commands = typer.Typer()


@commands.command()
def serve(
    typed: typer.Context,
    host: Annotated[str | None, typer.Option(help="Listen on this address instead.")] = None,
    port: Port = None,
    worker_inside: Annotated[bool | None, typer.Option("--worker/--no-worker", help="Run the worker too.")] = None,
) -> None:
    """Serve the API. SIGTERM lets open requests finish; a second one does not."""
    settings = loaded(typed).settings
    wanted = {"host": host, "port": port, "worker_inside": worker_inside}
    settings = settings.model_copy(update={name: value for name, value in wanted.items() if value is not None})
    settings.key()
    asyncio.run(demand_current(settings.database_url))
    with serving.listen(settings) as listening:
        settings = settings.model_copy(update={"port": serving.port_of(listening)})
        app = create_app(settings, looked_at=True)
        serving.serve(app, settings, listening, lambda: say(f"Plangate serves {settings.url}/graphql"))
