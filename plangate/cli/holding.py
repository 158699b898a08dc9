"""`plangate hold` and `plangate release`: nothing goes out through a channel that is held."""

import getpass
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from models.choices import OutwardChannel
from models.stores.holds import Holds
from models.views import HoldView
from plangate.cli.opening import act_on_all
from plangate.cli.options import AsJson
from plangate.cli.shown import say_rows
from plangate.contexts import Contexts
from plangate.problems import UserProblem
from resolvers.holding import Switch
from resolvers.holding import hold as hold_channels
from resolvers.holding import release as release_channels

commands = typer.Typer()
COLUMNS = ("channel", "environment", "held_at", "held_by", "reason", "released_at", "released_by")
SHOWN = 100


class What(StrEnum):
    """What can be held."""

    PAYMENTS = "payments"
    MAIL = "mail"
    WEBHOOKS = "webhooks"
    ALL = "all"

    def channels(self) -> tuple[OutwardChannel, ...]:
        """Which channels are meant."""
        return tuple(OutwardChannel) if self is What.ALL else (OutwardChannel(self.value.upper()),)


Held: TypeAlias = Annotated[What | None, typer.Argument(metavar="payments|mail|webhooks|all", help="Which channel.")]
Where: TypeAlias = Annotated[
    str | None, typer.Option("--environment", "-e", metavar="KEY", help="In this environment only; else in all.")
]
Actor: TypeAlias = Annotated[str | None, typer.Option(help="Who says so; your name on this machine if none is given.")]
Reason: TypeAlias = Annotated[str, typer.Option(help="Why, for whoever finds it held.")]


@commands.command()
def hold(
    typed: typer.Context,
    what: Held = None,
    environment: Where = None,
    reason: Reason = "",
    actor: Actor = None,
    show: Annotated[bool, typer.Option("--list", help="Change nothing; list what was held, the newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let nothing go out through a channel until it is released. What is decided meanwhile waits, in order."""
    if show == (what is not None):
        raise UserProblem("Say what to hold: payments, mail, webhooks or all. --list shows what is held.")
    if what is not None:
        _switch(typed, hold_channels, _said(what, environment, actor, reason), as_json=as_json)
        return

    async def listed(contexts: Contexts) -> list[HoldView]:
        async with contexts.database.reading() as connection:
            return await Holds(connection).history(SHOWN)

    _say(act_on_all(typed, listed), as_json=as_json)


@commands.command()
def release(
    typed: typer.Context,
    what: Annotated[What, typer.Argument(metavar="payments|mail|webhooks|all", help="Which channel.")],
    environment: Where = None,
    reason: Reason = "",
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Let what waits go out again, in order: what was held in the same place. What is still held is shown."""
    _switch(typed, release_channels, _said(what, environment, actor, reason), as_json=as_json)


def _said(what: What, environment: str | None, actor: str | None, reason: str) -> Switch:
    return Switch(what.channels(), environment, actor or _who(), reason)


def _switch(
    typed: typer.Context,
    how: Callable[..., Awaitable[list[HoldView]]],
    switch: Switch,
    *,
    as_json: bool,
) -> None:
    async def asked(contexts: Contexts) -> list[HoldView]:
        return await how(contexts.database, contexts.ids, switch, contexts.clock.now())

    _say(act_on_all(typed, asked), as_json=as_json)


def _say(found: Iterable[HoldView], *, as_json: bool) -> None:
    rows = [{name: getattr(each, name) for name in COLUMNS} for each in found]
    say_rows(COLUMNS, rows, as_json=as_json, empty="Nothing is held.")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "operator"
