"""`plangate import`: start from an existing base."""

from pathlib import Path
from typing import Annotated

import typer

from plangate.cli.opening import act
from plangate.cli.options import AsJson, EnvironmentKey
from plangate.cli.shown import aside, say_facts
from plangate.clock import SystemClock
from plangate.importing.running import Checked, check_file, keep_file
from plangate.problems import UserProblem
from resolvers.context import Context

commands = typer.Typer()
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="Customers, subscriptions, usage and grants, as JSON lines.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every line and write nothing.")]
KINDS = ("customer", "subscription", "usage", "grant")


@commands.command("import")
def bring_in(
    typed: typer.Context,
    file: File,
    dry_run: DryRun = False,
    environment: EnvironmentKey = None,
    as_json: AsJson = False,
) -> None:
    """Bring in who is a customer already. All lines are checked first; a second run goes on and adds nothing twice."""
    console = aside()

    def wrong(number: int, problem: str) -> None:
        console.print(f"line {number}: {problem}", markup=False, style="red")

    async def asked(ctx: Context) -> dict[str, object]:
        with console.status("Checking …"):
            checked = await check_file(ctx, file, wrong)
        _demand_right(checked)
        if dry_run:
            return {"lines": checked.lines, "dry_run": True}
        spent = SystemClock().stopwatch()
        with console.status("Importing …") as status:
            kept = await keep_file(
                ctx, file, lambda done: status.update(f"Importing … {done:,} of {checked.lines:,} lines")
            )
        seconds = spent().total_seconds()
        counts = {kind: kept[kind] for kind in KINDS}
        return {"lines": kept["lines"], **counts, "already": kept["already"], "seconds": round(seconds, 1)}

    say_facts(act(typed, environment, asked), as_json=as_json)


def _demand_right(checked: Checked) -> None:
    if checked.wrong:
        raise UserProblem(f"{checked.wrong} of {checked.lines} lines are wrong; nothing was written.")
