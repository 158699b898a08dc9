"""The demo: a gateway with something in it, at once."""

import sys
from pathlib import Path

import typer
from rich.panel import Panel
from rich.table import Table

from plangate.cli.options import Port
from plangate.cli.shown import aside, out
from plangate.cli.typed import config_of
from plangate.demo.running import Shown, run_demo

commands = typer.Typer()


@commands.command()
def demo(typed: typer.Context, port: Port = None) -> None:
    """Run a gateway with a price list, customers and keys in ./var, on 127.0.0.1. Deleting ./var gives a new one."""
    steps = aside().status("Preparing the demo …")
    steps.start()

    def ready(shown: Shown) -> None:
        steps.stop()
        _welcome(shown)

    try:
        run_demo(config_of(typed), port, tell=steps.update, ready=ready)
    finally:
        steps.stop()


def _welcome(shown: Shown) -> None:
    """Say where everything is, and what to try first."""
    console, url, keys = out(), f"{shown.url}/graphql", shown.world.keys
    facts = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("GraphQL, and a page", url),
        ("Secret key", keys["secret"]),
        ("Publishable key", keys["publishable"]),
        ("All this for scripts", str(shown.home.facts)),
    ):
        facts.add_row(f"[dim]{name}[/]", f"[bold]{value}[/]")
    console.print(Panel.fit(facts, title="Plangate, a demo", border_style="green"), soft_wrap=False)
    customers = Table("customer", "shows", "subscription", box=None, header_style="bold", pad_edge=False)
    for customer in shown.world.customers:
        customers.add_row(customer["externalId"], customer["shows"], customer["subscriptions"][0]["id"])
    console.print(customers, soft_wrap=False)
    console.print(
        f"\n[dim]{shown.world.at:%Y-%m-%d %H:%M} UTC, until this moves it:[/] {_program()} clock advance --by 45d"
    )
    console.print("[dim]Ctrl-C ends it; it goes on from here next time. Deleting var/ gives a new one.[/]")


def _program() -> str:
    """How this program was called, so that a line can be copied."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "plangate" else "plangate"
