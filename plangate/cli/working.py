"""Working: a process that makes due things permanent."""

import asyncio

import typer

from models.migrations import demand_current
from models.session import Database
from plangate import outward
from plangate.cli.shown import say
from plangate.cli.typed import loaded
from plangate.clock import SystemClock
from plangate.contexts import Contexts
from plangate.ids import TimeOrderedIds
from plangate.mailing.postman import mail_carriers
from plangate.settings import Settings
from plangate.worker import Worker, work_until_told

commands = typer.Typer()


@commands.command()
def worker(typed: typer.Context) -> None:
    """Make due things permanent, in order, until told to end. Any number may run; access never waits for one."""
    asyncio.run(_work(loaded(typed).settings))


async def _work(settings: Settings) -> None:
    await demand_current(settings.database_url)
    database = Database(settings.database_url, wait_seconds=settings.database_wait_seconds)
    clock = SystemClock()
    say("The worker runs.")
    try:
        mails = mail_carriers(Contexts.real(database, settings), settings) if settings.mail_url else outward.NO_MAIL
        worker = Worker(database, clock, TimeOrderedIds(clock), idle_seconds=settings.worker_idle_seconds, mails=mails)
        await work_until_told(worker, settings.shutdown_seconds)
    finally:
        await database.close()
