"""The program: what stands before its commands, and what becomes of mistakes."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, TextIO

import typer
from sqlalchemy.exc import SQLAlchemyError

from billing.refusals import CatalogInvalid, Refusal
from models.files import NetworkFileSystem
from models.migrations import SchemaUnfit
from models.unavailable import describe
from plangate.cli.commands import Commands
from plangate.cli.shown import say_problem
from plangate.cli.typed import Typed
from plangate.problems import UserProblem
from plangate.secrets import SecretUnreadable

FAILED = 1
"""The exit code of what the system did not let us do."""
MISTAKE = 2
"""The exit code of what the user can put right."""

program = typer.Typer(
    name="plangate",
    cls=Commands,
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


def main() -> None:
    """Run the program; the entry point of `plangate`."""
    sys.stdout = sys.stdout or _nowhere()  # closed by whoever started us
    sys.stderr = sys.stderr or _nowhere()
    code = _ran()
    with suppress(OSError):  # it was said already, or nobody is there to hear it
        sys.stdout.flush()
        sys.exit(code)
    os._exit(code or FAILED)  # or Python would try to write it once more


def _ran() -> int:
    """Run what was typed and give the exit code; a mistake is said."""
    try:
        _demand_text(sys.argv)
        program(prog_name="plangate")
    except SystemExit as ended:
        return _flushed(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    except CatalogInvalid as refused:
        say_problem([refused.message, *map(str, refused.problems)])
    except Refusal as refused:
        field = f" ({refused.field})" if refused.field else ""
        say_problem([f"{refused.message}{field}"])
    except SecretUnreadable as problem:
        say_problem([f"A signing key cannot be read: {problem}"])
    except (UserProblem, SchemaUnfit, NetworkFileSystem) as problem:
        say_problem([str(problem)])
    except SQLAlchemyError as problem:
        say_problem([f"The database refused this ({describe(problem)})."])
    except OSError as problem:
        return _failed(problem)
    except KeyboardInterrupt:
        return 130
    return MISTAKE


def _flushed(code: int) -> int:
    """Write what is left of the result; a result that cannot be written is no success."""
    try:
        sys.stdout.flush()
    except OSError as problem:
        return _failed(problem)
    return code


def _failed(problem: OSError) -> int:
    if not isinstance(problem, BrokenPipeError):
        about = f"{problem.filename}: " if problem.filename else ""
        say_problem([f"{about}{(problem.strerror or 'it is not possible').lower()}."])
    return FAILED


def _demand_text(words: Sequence[str]) -> None:
    """Refuse bytes that are no UTF-8: they stand as lone surrogates, which no store can keep."""
    if any("\ud800" <= each <= "\udfff" for word in words for each in word):
        raise UserProblem("What was typed is not valid text in UTF-8.")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
