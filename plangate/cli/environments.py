"""`plangate environment`: isolated worlds."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from billing.invoicing.settings import policy_written
from billing.policies import CancellationMode
from models.choices import EnvironmentKind
from models.stores.environments import Environments
from models.views import EnvironmentView
from plangate.cli.billing import read_billing
from plangate.cli.opening import act, act_on_all
from plangate.cli.options import AsJson
from plangate.cli.shown import say_facts, say_rows
from plangate.cli.widgets import read_widgets
from plangate.contexts import Contexts
from plangate.problems import UserProblem
from resolvers.environment_create import EnvironmentCreate, environment_create
from resolvers.environment_set import EnvironmentSet, EnvironmentSettings, environment_set, environment_settings

commands = typer.Typer(
    name="environment", help="Environments: isolated worlds of kind TEST or LIVE.", no_args_is_help=True
)
COLUMNS = ("key", "kind", "name", "zone", "locale", "test_clock_at", "id")

Key = Annotated[str, typer.Argument(metavar="KEY", help="Its short name.")]


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


@commands.command()
def show(typed: typer.Context, key: Key, as_json: AsJson = False) -> None:
    """Show how a world is set: what its customers may do themselves, its return addresses, widgets and billing."""
    say_facts(_settings(act(typed, key, environment_settings), as_json=as_json), as_json=as_json)


@commands.command("set")
def change(  # noqa: PLR0913, PLR0917  (every option of the command is an argument)
    typed: typer.Context,
    key: Key,
    allow_cancel: Annotated[bool | None, typer.Option(help="Whether customers may cancel.")] = None,
    allow_change: Annotated[bool | None, typer.Option(help="Whether customers may change their plan.")] = None,
    allow_instalment_cancel: Annotated[
        bool | None, typer.Option(help="Whether customers may cancel what they pay in instalments.")
    ] = None,
    mode: Annotated[
        CancellationMode | None, typer.Option(case_sensitive=False, help="When a customer's cancellation takes effect.")
    ] = None,
    instructions: Annotated[str | None, typer.Option(help="Shown where a way is closed; '' shows nothing.")] = None,
    return_url: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Where the portal may lead back to; again for more.")
    ] = None,
    no_return_urls: Annotated[bool, typer.Option("--no-return-urls", help="Let it lead nowhere.")] = False,
    widgets: Annotated[Path | None, typer.Option(metavar="FILE", help="The portal's look and words.")] = None,
    billing: Annotated[Path | None, typer.Option(metavar="FILE", help="How it bills: docs/billing.md.")] = None,
    require_actor: Annotated[bool | None, typer.Option(help="Whether merchants' calls name their human.")] = None,
    idempotency_days: Annotated[int | None, typer.Option(help="How long an idempotency key is known.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    zone: Annotated[str | None, typer.Option(help="Where its calendar is, if a customer has no zone.")] = None,
    locale: Annotated[str | None, typer.Option(help="Which language it speaks, if a customer has none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Set what customers may do, return addresses, widgets, billing and more. What is not named stays as it is."""
    command = EnvironmentSet(
        allow_cancel=allow_cancel,
        allow_change=allow_change,
        allow_instalment_cancel=allow_instalment_cancel,
        mode=mode,
        instructions=instructions,
        return_urls=_return_urls(return_url, none=no_return_urls),
        widgets=read_widgets(widgets) if widgets is not None else None,
        billing=read_billing(billing) if billing is not None else None,
        require_actor=require_actor,
        idempotency_days=idempotency_days,
        name=name,
        zone=zone,
        locale=locale,
    )
    found = act(typed, key, lambda ctx: environment_set(ctx, command))
    say_facts(_settings(found, as_json=as_json), as_json=as_json)


def _return_urls(given: list[str] | None, *, none: bool) -> tuple[str, ...] | None:
    if given and none:
        raise UserProblem("Say either --return-url or --no-return-urls.")
    return () if none else tuple(given or ()) or None


def _settings(found: EnvironmentSettings, *, as_json: bool) -> dict[str, object]:
    environment, policy, billing = found.environment, found.policy, policy_written(found.billing)
    return {
        **_facts(environment),
        "allow_cancel": policy.allow_cancel,
        "allow_change": policy.allow_change,
        "allow_instalment_cancel": policy.allow_instalment_cancel,
        "mode": policy.mode.value,
        "instructions": policy.instructions,
        "return_urls": list(environment.return_urls),
        "widgets": environment.widgets if as_json else orjson.dumps(environment.widgets).decode(),
        "billing": billing if as_json else orjson.dumps(billing).decode(),
        "require_actor": environment.require_actor,
        "idempotency_days": environment.idempotency_days,
    }


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
