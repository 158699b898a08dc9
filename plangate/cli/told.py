"""The commands that show what the program is made of, and what it was told."""

from typing import Annotated

import typer

from billing.events import EVENT_TYPES, events_schema
from plangate.cli.options import AsJson
from plangate.cli.shown import say_json, say_rows
from plangate.cli.typed import loaded

COLUMNS = ("setting", "value", "from", "meaning")
commands = typer.Typer()


@commands.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import printed  # noqa: PLC0415  (the schema takes a second to load, for this command only)

    typer.echo(printed(), nl=False)


@commands.command()
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


@commands.command()
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
