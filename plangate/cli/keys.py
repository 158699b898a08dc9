"""`plangate keys`: secret and publishable keys."""

from typing import Annotated

import typer

from models.choices import KeyKind
from models.views import ApiKeyView
from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey
from plangate.cli.shown import say_facts, say_rows
from resolvers.access import ALL
from resolvers.api_key_create import ApiKeyCreate, create_key
from resolvers.api_key_revoke import ApiKeyRevoke, revoke_key
from resolvers.keys import api_keys

commands = typer.Typer(name="keys", help="API keys of an environment.", no_args_is_help=True)
COLUMNS = ("id", "kind", "name", "ends_with", "scopes", "created_at", "revoked_at")


@commands.command()
def create(
    typed: typer.Context,
    kind: Annotated[KeyKind, typer.Option(case_sensitive=False, help="Who holds it.")] = KeyKind.SECRET,
    name: Annotated[str, typer.Option(help="What people call it.")] = "Made at the command line",
    scope: Annotated[
        list[str] | None, typer.Option(help="What a secret key may do; again for more. Everything if none is given.")
    ] = None,
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its secret is shown once, now."""
    scopes = tuple(scope or ()) or ((ALL,) if kind is KeyKind.SECRET else ())
    made = act(typed, environment, lambda ctx: create_key(ctx, ApiKeyCreate(kind, name, scopes)))
    say_facts({**_facts(made.key), "secret": made.secret}, as_json=as_json)


@commands.command("list")
def listed(typed: typer.Context, environment: EnvironmentKey = None, as_json: AsJson = False) -> None:
    """List the keys, oldest first, revoked ones too. Secrets are not kept."""
    found = act(typed, environment, api_keys)
    say_rows(COLUMNS, map(_facts, found), as_json=as_json, empty="There are no keys: `plangate keys create`.")


@commands.command()
def revoke(
    typed: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, key_…")],
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Stop a key at once, for good."""
    revoked = act(typed, environment, lambda ctx: revoke_key(ctx, ApiKeyRevoke(key)))
    say_facts(_facts(revoked.key), as_json=as_json)


def _facts(key: ApiKeyView) -> dict[str, object]:
    return {
        "id": key.id,
        "kind": key.kind.value,
        "name": key.name,
        "ends_with": key.hint,
        "scopes": list(key.scopes),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
