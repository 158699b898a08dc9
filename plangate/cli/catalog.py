"""`plangate catalog`: the price list from a file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from plangate.catalog.reading import read_catalog
from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey
from plangate.cli.shown import out, say_facts
from resolvers.catalog_apply import CatalogApplied, catalog_apply

commands = typer.Typer(help="The catalog of an environment, from a file.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A catalog in YAML.")]


@commands.callback()
def begin() -> None:
    """Keep the catalog in a file and apply it."""


@commands.command()
def apply(typed: typer.Context, file: File, environment: EnvironmentKey = None, as_json: AsJson = False) -> None:
    """Publish what the file says. Applying it twice changes nothing; a bad file is refused whole, by line.

    Live subscriptions stay on their versions.
    """
    catalog = read_catalog(file)
    applied = act(typed, environment, lambda ctx: catalog_apply(ctx, catalog))
    if as_json:
        say_facts(asdict(applied), as_json=True)
    else:
        _say(applied)


def _say(applied: CatalogApplied) -> None:
    said = (
        ("Products added", applied.products_added),
        ("Features added", applied.features_added),
        ("Plans published", applied.plans_published),
        ("Words changed", applied.words_changed),
    )
    for title, names in said:
        if names:
            out().print(f"[green]{title}[/]  {', '.join(names)}")
    if not any(names for _, names in said):
        out().print("[green]Nothing changed[/]  the catalog is what the file says")
    elif applied.unchanged:
        out().print(f"[dim]Unchanged[/]  {applied.unchanged}")
