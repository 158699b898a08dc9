"""Move a test clock: every due instant on the way is processed in order, as if it had been waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import DateOutOfRange, TestClockNeeded
from models.work import Happening
from resolvers.acts import act, instant_kept, instant_read, needed, owner_environment
from resolvers.walking import walk

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.work import Work
    from resolvers.context import Context

FURTHEST = timedelta(days=731)
"""At most two years a call."""


@dataclass(frozen=True, slots=True)
class TestClockAdvance:
    """Where to move the environment's test clock: forward, at most two years."""

    to: datetime
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class TestClockAdvanced:
    """Where the clock stands and where it is going; `running` where the worker goes on with the rest."""

    now: datetime
    target: datetime
    running: bool
    replayed: bool


async def advance(ctx: Context, command: TestClockAdvance) -> TestClockAdvanced:
    """Advance the test clock, one transaction per due instant."""

    async def body(work: Work) -> dict[str, Any]:
        now, target = await work.environments.clock(work.environment_id)
        if now is None:
            raise TestClockNeeded("Only a TEST environment on a test clock can move its time.")
        earliest = max(now, target or now)
        if not earliest <= command.to <= now + FURTHEST:
            raise DateOutOfRange(
                "A test clock moves forward, at most two years a call.",
                field="to",
                earliest=earliest,
                latest=now + FURTHEST,
            )
        await work.environments.aim_clock(work.environment_id, command.to)
        told = {"to": command.to.isoformat()}
        await work.record(work.environment_id, Happening("test_clock.advanced", work.environment_id, {}, told))
        return {"target": instant_kept(command.to)}

    outcome, replayed = await act(ctx, "testClockAdvance", command, owner_environment(ctx), body)
    target = needed(instant_read(outcome["target"]))
    reached = await walk(ctx.cashier, ctx.env.id, ctx.recorded_at, within=ctx.in_time)
    now = reached or target
    return TestClockAdvanced(now, target, running=now < target, replayed=replayed)
