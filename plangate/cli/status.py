"""`plangate status`: what waits and what is held, for whoever looks after the program."""

from typing import Any

import typer

from models.migrations import HEAD
from models.stores.backlog import backlog
from models.stores.environments import Environments
from models.stores.holds import Holds
from models.stores.outbox import Outbox
from plangate.cli.opening import act_on_all
from plangate.cli.options import AsJson
from plangate.cli.shown import camelled, out, say_facts, say_json, say_rows
from plangate.contexts import Contexts

commands = typer.Typer()
COLUMNS = ("environment", "now", "clock_target", "overdue", "overdue_since", "unplaced", "unplaced_since", "held")


@commands.command()
def status(typed: typer.Context, as_json: AsJson = False) -> None:
    """Show what waits for the worker in each environment, what waits to go out, and what is held."""
    found = act_on_all(typed, _status)
    rows = found.pop("environments")
    if as_json:
        say_json({**camelled(found), "environments": [camelled(each) for each in rows]})
        return
    say_facts(found, as_json=False)
    out().print()
    say_rows(COLUMNS, rows, as_json=False, empty="There is no environment: `plangate environment create`.")


async def _status(contexts: Contexts) -> dict[str, Any]:
    now = contexts.clock.now()
    async with contexts.database.reading() as connection:
        holds = await Holds(connection).standing()
        rows: list[dict[str, object]] = []
        for each in await Environments(connection).every():
            present = each.clock_at or now
            held = {hold.channel.value for hold in holds if hold.environment_id in (None, each.id)}
            waits = (await backlog(connection, each.id, present))._asdict()
            at = {"environment": each.key, "now": present, "clock_target": each.clock_target}
            rows.append({**at, **waits, "held": sorted(held)})
        waiting = await Outbox(connection).waiting()
    everywhere = sorted(each.channel.value for each in holds if each.environment_id is None)
    database = "sqlite" if contexts.database.sqlite else "postgresql"
    said = {"database": database, "revision": HEAD, "held": everywhere, "to_go_out": sum(waiting.values())}
    return {**said, "environments": rows}
