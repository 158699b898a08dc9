"""`plangate clock`: the test clock of an environment."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey
from plangate.cli.shown import aside, say_facts
from plangate.problems import UserProblem
from resolvers.context import Context
from resolvers.test_clock_advance import TestClockAdvance, TestClockAdvanced
from resolvers.test_clock_advance import advance as advance_clock

commands = typer.Typer(name="clock", help="The test clock of an environment.", no_args_is_help=True)

_STEP = re.compile(r"(\d{1,6})(m|h|d|w)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@commands.command()
def show(typed: typer.Context, environment: EnvironmentKey = None, as_json: AsJson = False) -> None:
    """Show the environment's present, and where its test clock is going."""

    async def asked(ctx: Context) -> dict[str, object]:
        return {"now": ctx.at, "test_clock": ctx.env.clock_at is not None, "target": ctx.env.clock_target}

    say_facts(act(typed, environment, asked), as_json=as_json)


@commands.command()
def advance(
    typed: typer.Context,
    to: Annotated[str | None, typer.Option(metavar="INSTANT", help="2027-01-31 or 2027-01-31T12:00:00Z; UTC.")] = None,
    by: Annotated[str | None, typer.Option(metavar="STEP", help="90m, 12h, 40d or 6w.")] = None,
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Move a test clock forward. Everything due on the way happens in order, as if it had been waited for."""
    if (to is None) == (by is None):
        raise UserProblem("Say where to: --to 2027-01-31 or --by 40d.")
    instant = _instant(to) if to is not None else None
    step = _step(by) if by is not None else timedelta()

    async def asked(ctx: Context) -> TestClockAdvanced:
        return await advance_clock(ctx, TestClockAdvance(instant or _after(ctx.at, step)))

    with aside().status("Moving the clock …"):
        moved = act(typed, environment, asked)
    say_facts({"now": moved.now, "target": moved.target, "running": moved.running}, as_json=as_json)


def _after(at: datetime, step: timedelta) -> datetime:
    try:
        return at + step
    except OverflowError:
        raise UserProblem("That is beyond the calendar: a test clock moves at most two years a call.") from None


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UserProblem(f"{text!r} is no instant: write 2027-01-31 or 2027-01-31T12:00:00Z.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _step(text: str) -> timedelta:
    read = _STEP.fullmatch(text)
    if read is None:
        raise UserProblem(f"{text!r} is no step: write 90m, 12h, 40d or 6w.")
    return int(read[1]) * _UNITS[read[2]]
