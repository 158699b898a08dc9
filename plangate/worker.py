"""The worker: makes due things permanent, walks test clocks that were cut short, places events, carries out acts.

Access never waits for it; it only writes down what every read has applied already. Any number may run.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from billing.refusals import TemporarilyUnavailable
from models.stores.environments import Environments
from models.stores.holds import Holds
from plangate import outward
from plangate.ending import LAST_SECONDS, end_in_time
from plangate.gateways import gateways
from plangate.logs import logger
from resolvers.carrying import CarryingFailed, carry_next
from resolvers.job_running import AT_ONCE, Hands, open_jobs, run_job
from resolvers.paying.cashier import Cashier
from resolvers.relaying import place_events
from resolvers.tidying import forget_expired
from resolvers.walking import SettlingFailed, settle_next, walk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from models.ids import Ids
    from models.job_views import JobView
    from models.session import Database
    from models.views import EnvironmentView
    from plangate.clock import Clock
    from resolvers.carrying import Carrier

IDLE_SECONDS: Final = 0.25
"""How long the worker rests when nothing is due."""

AWAY_SECONDS: Final = 1.0
"""How long it rests while the store is away."""

RETRY_EVERY: Final = 240
"""After so many rests what failed is tried again: about every minute."""

LOOK_EVERY: Final = 20
"""After so many rests the hold switch is looked at, to say what it says; each act looks at it for itself."""

TIDY_EVERY: Final = 2_400
"""After so many rests what has expired is forgotten: about every ten minutes."""


class Worker:
    """One worker over every environment of a database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        idle_seconds: float = IDLE_SECONDS,
        mails: Mapping[str, Carrier] = outward.NO_MAIL,
        carriers: Mapping[str, Carrier] | None = None,
    ) -> None:
        """Work on this database by this clock; `carriers` say how each kind of act goes out, else as in `outward`.

        `mails` say how mails do.
        """
        self._database = database
        self._clock = clock
        self._ids = ids
        self._idle = idle_seconds
        self._cashier = Cashier(database, ids, gateways(database), clock.now)
        self._carriers = outward.carriers(self._cashier, mails) if carriers is None else carriers
        self._failing: set[str] = set()
        self._held: frozenset[tuple[str, str]] = frozenset()
        self._log = logger("plangate.worker")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a store that is away is waited for, and said once."""
        away, rests = False, 0
        while not stop.is_set():
            try:
                if rests % LOOK_EVERY == 0:
                    await self._say_holds()
                busy = await self.step()
                if rests % TIDY_EVERY == 0:
                    await forget_expired(self._database, self._clock.now())
                away = False
            except TemporarilyUnavailable as refused:
                if not away:
                    self._log.warning("store_away", said=refused.message)
                busy, away = False, True
            except Exception:  # noqa: BLE001  (it is logged, and the next step tries again)
                self._log.exception("step_failed")
                busy = False
            if not busy:
                rests += 1
                if rests % RETRY_EVERY == 0:
                    self._failing.clear()
                await _rest(stop, max(self._idle, AWAY_SECONDS) if away else self._idle)

    async def step(self) -> bool:
        """Do the next piece of work in every environment; False where there was none.

        A customer or an environment that fails is logged, and stops neither the others nor the placing of events; it is
        tried again later.
        """
        now = self._clock.now()
        async with self._database.reading() as connection:
            environments = await Environments(connection).every()
        jobs = await open_jobs(self._database)
        busy, settled = False, 0
        for environment in environments:
            if environment.id in self._failing:
                continue
            try:
                due = await self._settle(environment, now)
                settled += due
                busy = await self._work_off(environment, jobs, now, alone=not due) or due > 0 or busy
            except TemporarilyUnavailable:
                raise
            except SettlingFailed as failed:
                self._failing.add(failed.customer_id)
                self._log.exception("customer_failed", environment=environment.id, customer=failed.customer_id)
                busy = True
            except Exception:  # noqa: BLE001  (one bad row must not stop the others; it is logged)
                self._failing.add(environment.id)
                self._log.exception("environment_failed", environment=environment.id)
        busy = await place_events(self._database) > 0 or busy
        return await self._carry(max(1, settled)) or busy

    async def catch_up(self) -> None:
        """Work until nothing is left to do."""
        while await self.step():
            pass

    async def _carry(self, most: int) -> bool:
        """Carry out as many acts as customers were settled: neither waits for the end of the other."""
        carried = 0
        while carried < most and await self._carry_next():
            carried += 1
        return carried > 0

    async def _carry_next(self) -> bool:
        try:
            return await carry_next(self._database, self._carriers, self._clock.now)
        except CarryingFailed as failed:
            act = failed.act
            facts = {"environment": act.environment_id, "act": act.id, "kind": act.kind, "attempts": act.attempts}
            self._log.exception("outward_failed", **facts, again_at=failed.again_at.isoformat())
            return True

    async def _say_holds(self) -> None:
        """Log what is held, once, and again when that is another."""
        async with self._database.reading() as connection:
            standing = await Holds(connection).standing()
        held = frozenset((each.channel.value, each.environment or "") for each in standing)
        if held != self._held:
            said = [f"{channel} in {environment}" if environment else channel for channel, environment in sorted(held)]
            self._log.warning("held", channels=said or "nothing any more")
        self._held = held

    async def _work_off(self, environment: EnvironmentView, jobs: list[JobView], now: datetime, *, alone: bool) -> bool:
        """Do the next piece of the environment's oldest job; while things are due, only one item of it."""
        hands = Hands(self._database, self._ids, now, self._job_failed)
        own = [job for job in jobs if job.environment_id == environment.id and environment.clock_target is None]
        for job in own:
            if await run_job(hands, environment, job, AT_ONCE if alone else 1):
                return True
        return False

    def _job_failed(self, job: JobView, subject_id: str) -> None:
        self._log.exception("job_failed", environment=job.environment_id, job=job.id, subject=subject_id)

    async def _settle(self, environment: EnvironmentView, now: datetime) -> int:
        """Settle what is due for some customers; answers for how many."""
        if environment.clock_target is not None:
            await walk(self._cashier, environment.id, now, skipping=self._failing)
            return 1
        present = environment.clock_at or now
        return await settle_next(self._database, environment.id, self._ids, present, now, skipping=self._failing)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def work_until_told(worker: Worker, grace_seconds: float) -> None:
    """Run until SIGTERM or SIGINT: the step at hand has `grace_seconds` to end, and a second signal ends it at once.

    A step that is cut short is undone by the store, and done again by the next worker.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    working = asyncio.create_task(worker.run(stop))

    def told() -> None:
        if stop.is_set():
            working.cancel()
        else:
            stop.set()
            loop.call_later(grace_seconds, working.cancel)

    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, told)
    with end_in_time(grace_seconds + LAST_SECONDS, stop.is_set), suppress(asyncio.CancelledError):
        await working
