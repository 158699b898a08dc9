"""Moving a database to this program's revision."""

import asyncio

import typer

from models.migrations import HEAD, schema_version
from models.migrations.migration import migrate as migrate_database
from plangate.cli.options import AsJson
from plangate.cli.shown import say_facts
from plangate.cli.typed import loaded

commands = typer.Typer()


@commands.command()
def migrate(typed: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database of the settings to this program's revision. A second time changes nothing."""
    settings = loaded(typed).settings
    if settings.sqlite_file is not None:
        settings.sqlite_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = asyncio.run(_migrated(settings.database_url))
    say_facts({"before": before, "now": HEAD}, as_json=as_json)


async def _migrated(url: str) -> str | None:
    before = await schema_version(url)
    await migrate_database(url)
    return before
