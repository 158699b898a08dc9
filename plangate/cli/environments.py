"""`plangate environment`: isolated worlds."""

from typing import Annotated

import typer

from models.choices import EnvironmentKind
from models.stores.environments import Environments
from models.views import EnvironmentView
from plangate.cli.opening import act_on_all
from plangate.cli.options import AsJson
from plangate.cli.shown import say_facts, say_rows
from plangate.contexts import Contexts
from resolvers.environment_create import EnvironmentCreate, environment_create

commands = typer.Typer(help="Environments: isolated worlds of kind TEST or LIVE.", no_args_is_help=True)
COLUMNS = ("key", "kind", "name", "zone", "locale", "test_clock_at", "id")


@commands.command()
def create(
    typed: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its short name: a-z, 0-9, - and _.")],
    kind: Annotated[EnvironmentKind, typer.Option(case_sensitive=False, help="Fixed for good.")],
    name: Annotated[str | None, typer.Option(help="What people call it; the key if none is given.")] = None,
    zone: Annotated[str, typer.Option(help="Where its calendar is, if a customer has no zone.")] = "UTC",
    locale: Annotated[str, typer.Option(help="Which language it speaks, if a customer has none.")] = "en",
    test_clock: Annotated[bool, typer.Option("--test-clock", help="Let it run on a test clock, from now on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a world, with its policy and the key that signs its customers' tokens."""

    async def asked(contexts: Contexts) -> EnvironmentView:
        now = contexts.clock.now()
        clock_at = now if test_clock else None
        command = EnvironmentCreate(key, key if name is None else name, kind, zone, locale, clock_at)
        return await environment_create(contexts.database, contexts.ids, contexts.tokens, command, at=now)

    say_facts(_facts(act_on_all(typed, asked)), as_json=as_json)


@commands.command("list")
def listed(typed: typer.Context, as_json: AsJson = False) -> None:
    """List the worlds of this database, oldest first."""

    async def asked(contexts: Contexts) -> list[EnvironmentView]:
        async with contexts.database.reading() as connection:
            return await Environments(connection).every()

    found = act_on_all(typed, asked)
    say_rows(COLUMNS, map(_facts, found), as_json=as_json, empty="There is none: `plangate environment create`.")


def _facts(environment: EnvironmentView) -> dict[str, object]:
    return {
        "id": environment.id,
        "key": environment.key,
        "kind": environment.kind.value,
        "name": environment.name,
        "zone": str(environment.zone),
        "locale": environment.locale,
        "test_clock_at": environment.clock_at,
    }
