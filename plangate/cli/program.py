"""The program: every command in its place, and what becomes of mistakes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from billing.refusals import CatalogInvalid, Refusal
from models.files import NetworkFileSystem
from models.migrations import SchemaOutdated
from plangate.cli import catalog, clock, environments, holding, importing, keys, running, status, tokens
from plangate.cli.opening import Typed
from plangate.cli.shown import say_problem
from plangate.problems import UserProblem
from plangate.secrets import SecretUnreadable

MISTAKE = 2
"""The exit code of what the user can put right."""

program = typer.Typer(
    name="plangate",
    help="Plans, subscriptions and entitlements over GraphQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@program.callback()
def begin(
    typed: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A settings file; plangate.toml if it is here.")
    ] = None,
) -> None:
    """Plans, subscriptions and entitlements over GraphQL, with downgrade and cancellation as first-class acts."""
    typed.obj = Typed(config)


running.add_to(program)
importing.add_to(program)
holding.add_to(program)
status.add_to(program)
program.add_typer(catalog.commands, name="catalog")
program.add_typer(keys.commands, name="keys")
program.add_typer(tokens.commands, name="token")
program.add_typer(clock.commands, name="clock")
program.add_typer(environments.commands, name="environment")


def main() -> None:
    """Run the program; the entry point of `plangate`."""
    try:
        program(prog_name="plangate")
    except CatalogInvalid as refused:
        say_problem([refused.message, *map(str, refused.problems)])
    except Refusal as refused:
        field = f" ({refused.field})" if refused.field else ""
        say_problem([f"{refused.message}{field}"])
    except SecretUnreadable as problem:
        say_problem([f"A signing key cannot be read: {problem}"])
    except (UserProblem, SchemaOutdated, NetworkFileSystem) as problem:
        say_problem([str(problem)])
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        sys.exit(130)
    else:
        return
    sys.exit(MISTAKE)
