"""`plangate catalog`: the price list from a file, and the file from what there is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plangate.catalog.reading import read_catalog
from plangate.catalog.schema import json_schema
from plangate.catalog.writing import catalog_text
from plangate.cli.catalog_shown import facts_of, say_applied, say_plan
from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey  # noqa: TC001  (typer reads the annotations)
from plangate.cli.shown import say_json
from resolvers.catalog_apply import CatalogApply, catalog_apply
from resolvers.catalog_plan import catalog_plan
from resolvers.catalog_pull import catalog_pull

if TYPE_CHECKING:
    from resolvers.context import Context

commands = typer.Typer(name="catalog", help="The catalog of an environment, as a file.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A catalog in YAML.")]
Prune = Annotated[bool, typer.Option("--prune", help="Archive what the file does not list; nobody loses anything.")]
PENDING = 1
"""The exit code of `plan --exit-code` where applying would change something."""


@commands.callback()
def begin() -> None:
    """Keep the catalog in a file: plan, apply, pull."""


@commands.command()
def plan(
    typed: typer.Context,
    file: File,
    environment: EnvironmentKey = None,
    prune: Prune = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 where applying would change something, with 0 where not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what applying a file would change, field by field, and how many live subscriptions it concerns.

    Nothing is written. The digest at the end makes `apply --digest` do this and nothing else.
    """
    catalog = read_catalog(file)
    planned = act(typed, environment, lambda ctx: catalog_plan(ctx, catalog, prune=prune))
    if as_json:
        say_json(facts_of(planned))
    else:
        say_plan(planned)
    if exit_code and planned.pending:
        raise typer.Exit(PENDING)


@commands.command()
def apply(
    typed: typer.Context,
    file: File,
    environment: EnvironmentKey = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="Apply only if this is still the plan that `plan` showed.")
    ] = None,
    prune: Prune = False,
    as_json: AsJson = False,
) -> None:
    """Publish what the file says. Applying it twice changes nothing; a bad file is refused whole, by line.

    Live subscriptions stay on their versions. What the file does not list stays, unless pruned.
    """
    catalog, command = read_catalog(file), CatalogApply(wanted=digest, prune=prune)
    applied = act(typed, environment, lambda ctx: catalog_apply(ctx, catalog, command))
    if as_json:
        say_json(facts_of(applied))
    else:
        say_applied(applied)


@commands.command()
def pull(
    typed: typer.Context,
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Write the environment's catalog as a file.

    Applied again it changes nothing; applied to an empty environment it makes the same catalog.
    """

    async def pulled(ctx: Context) -> None:
        catalog = (await catalog_pull(ctx)).catalog
        typer.echo(catalog_text(catalog, as_json=as_json), nl=False)

    act(typed, environment, pulled)


@commands.command()
def schema() -> None:
    """Print the JSON Schema of catalog files, for editors."""
    say_json(json_schema())
