"""`plangate token`: tokens that let a browser act for one customer."""

from typing import Annotated

import typer

from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey
from plangate.cli.shown import say_facts
from resolvers.customer_token_create import CustomerTokenCreate, create_token
from resolvers.inputs import CustomerRef

commands = typer.Typer(name="token", help="Customer tokens.", no_args_is_help=True)


@commands.callback()
def begin() -> None:
    """Make tokens for browsers."""


@commands.command()
def create(
    typed: typer.Context,
    customer: Annotated[str, typer.Option(metavar="ID", help="The customer: its id (cus_…) or your own id for it.")],
    subscription: Annotated[str | None, typer.Option(metavar="ID", help="Bind it to one subscription.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="`read`, `manage`; both if none is given.")] = None,
    origin: Annotated[str | None, typer.Option(help="The only site that may use it: https://app.example.com.")] = None,
    minutes: Annotated[int | None, typer.Option(help="How long it is valid, by the real clock.")] = None,
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Sign a token for a customer. It is shown once, now."""
    command = CustomerTokenCreate(
        CustomerRef(id=customer) if customer.startswith("cus_") else CustomerRef(external_id=customer),
        subscription_id=subscription,
        scopes=tuple(scope) if scope else None,
        origin=origin,
        minutes=minutes,
    )
    made = act(typed, environment, lambda ctx: create_token(ctx, command))
    say_facts({"token": made.token, "expires_at": made.expires_at}, as_json=as_json)
