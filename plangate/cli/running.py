"""The commands that run something, prepare it, or show what it is made of."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.panel import Panel
from rich.table import Table

from billing.events import EVENT_TYPES, events_schema
from models.migrations import HEAD, demand_current, schema_version
from models.migrations import migrate as migrate_database
from models.session import Database
from plangate import outward, serving
from plangate.cli.opening import config_of, loaded
from plangate.cli.options import AsJson
from plangate.cli.shown import aside, out, say_facts, say_json, say_rows
from plangate.clock import SystemClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.mailing.postman import mail_carriers
from plangate.settings import Settings
from plangate.worker import Worker, work_until_told

if TYPE_CHECKING:
    from plangate.demo.running import Shown

Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Listen here instead; 0 takes a free port.")]
COLUMNS = ("setting", "value", "from", "meaning")


def add_to(program: typer.Typer) -> None:
    """Give these commands to the program."""
    for command in (demo, serve, worker, migrate, schema, events, config):
        program.command()(command)


def demo(typed: typer.Context, port: Port = None) -> None:
    """Run a gateway with a price list, customers and keys in ./var, on 127.0.0.1. Deleting ./var gives a new one."""
    from plangate.demo.running import run_demo  # noqa: PLC0415  (the schema takes a second to load, for these commands only)

    steps = aside().status("Preparing the demo …")
    steps.start()

    def ready(shown: "Shown") -> None:
        steps.stop()
        _welcome(shown)

    try:
        run_demo(config_of(typed), port, tell=steps.update, ready=ready)
    finally:
        steps.stop()


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
        from plangate.app import create_app  # noqa: PLC0415  (the schema takes a second to load, for these commands only)

        settings = settings.model_copy(update={"port": serving.port_of(listening)})
        app = create_app(settings)
        serving.serve(app, settings, listening, lambda: aside().print(f"Plangate serves {settings.url}/graphql"))


def worker(typed: typer.Context) -> None:
    """Make due things permanent, in order, until told to end. Any number may run; access never waits for one."""
    asyncio.run(_work(loaded(typed).settings))


def migrate(typed: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database of the settings to this program's revision. A second time changes nothing."""
    settings = loaded(typed).settings
    if settings.sqlite_file is not None:
        settings.sqlite_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = asyncio.run(_migrated(settings.database_url))
    say_facts({"before": before, "now": HEAD}, as_json=as_json)


def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import printed  # noqa: PLC0415  (the schema takes a second to load, for these commands only)

    typer.echo(printed(), nl=False)


def events(
    as_schema: Annotated[
        bool, typer.Option("--schema", help="Write a JSON Schema of events in place of a list.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the types of events and what they mean; `--schema` says exactly what each tells."""
    if as_schema:
        say_json(events_schema())
        return
    listed = [{"type": each.name, "meaning": each.meaning} for each in EVENT_TYPES.values()]
    say_rows(("type", "meaning"), listed, as_json=as_json, empty="")


def config(typed: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting, its value and where it comes from. Secrets are masked."""
    rows = [
        {"setting": each.name, "value": each.value, "from": each.origin, "meaning": each.description}
        for each in loaded(typed).listed()
    ]
    if as_json:
        say_json({str(row["setting"]): {"value": row["value"], "from": row["from"]} for row in rows})
    else:
        say_rows(COLUMNS, rows, as_json=False, empty="")


async def _migrated(url: str) -> str | None:
    before = await schema_version(url)
    await migrate_database(url)
    return before


async def _work(settings: Settings) -> None:
    await demand_current(settings.database_url)
    database = Database(settings.database_url, wait_seconds=settings.database_wait_seconds)
    clock = SystemClock()
    aside().print("The worker runs.")
    try:
        mails = mail_carriers(Contexts.real(database, settings), settings) if settings.mail_url else outward.NO_MAIL
        worker = Worker(database, clock, TimeOrderedIds(clock), idle_seconds=settings.worker_idle_seconds, mails=mails)
        await work_until_told(worker, settings.shutdown_seconds)
    finally:
        await database.close()


def _welcome(shown: "Shown") -> None:
    """Say where everything is, and what to try first."""
    console, url, keys = out(), f"{shown.url}/graphql", shown.world.keys
    facts = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("GraphQL, and a page", url),
        ("Secret key", keys["secret"]),
        ("Publishable key", keys["publishable"]),
        ("All this for scripts", str(shown.home.facts)),
    ):
        facts.add_row(f"[dim]{name}[/]", f"[bold]{value}[/]")
    console.print(Panel.fit(facts, title="Plangate, a demo", border_style="green"), soft_wrap=False)
    customers = Table("customer", "shows", "subscription", box=None, header_style="bold", pad_edge=False)
    for customer in shown.world.customers:
        customers.add_row(customer["externalId"], customer["shows"], customer["subscriptions"][0]["id"])
    console.print(customers, soft_wrap=False)
    console.print(
        f"\n[dim]{shown.world.at:%Y-%m-%d %H:%M} UTC, until this moves it:[/] {_program()} clock advance --by 45d"
    )
    console.print("[dim]Ctrl-C ends it; it goes on from here next time. Deleting var/ gives a new one.[/]")


def _program() -> str:
    """How this program was called, so that a line can be copied."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "plangate" else "plangate"
