"""The hold switch: nothing goes out through a channel that is held; what waits goes out when it is released, in order.

Only whoever runs the program throws it. Who, when and why are kept, and told as events in every environment concerned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from models.stores.environments import Environments
from models.stores.holds import Holds
from models.tables.hold import HoldRow
from models.work import Happening, Moment, Work
from resolvers import checks
from resolvers.access import not_found

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from models.choices import OutwardChannel
    from models.ids import Ids
    from models.rows import Runner
    from models.session import Database
    from models.views import EnvironmentView, HoldView


@dataclass(frozen=True, slots=True)
class Switch:
    """Which channels, in which environment (everywhere if none is named), and who says so and why."""

    channels: tuple[OutwardChannel, ...]
    environment: str | None
    actor: str
    reason: str = ""


async def hold(database: Database, ids: Ids, switch: Switch, at: datetime) -> list[HoldView]:
    """Hold channels and answer all that is held now; what is held there already stays as it was."""
    _demand_words(switch)
    async with database.working() as session:
        where = await _where(session, switch.environment)
        holds = Holds(session)
        environment_id = where[0].id if switch.environment else None
        standing = {(each.channel, each.environment_id) for each in await holds.standing()}
        for channel in switch.channels:
            if (channel, environment_id) in standing:
                continue
            made = HoldRow(
                id=ids.new("hld"), environment_id=environment_id, channel=channel, reason=switch.reason,
                held_at=at, held_by=switch.actor,
            )  # fmt: skip
            await holds.add(made)
            told = {"channel": channel.value, "everywhere": environment_id is None, "reason": switch.reason}
            await _tell(session, ids, where, Happening("channel.held", made.id, {}, told), (at, switch.actor))
        return await holds.standing()


async def release(database: Database, ids: Ids, switch: Switch, at: datetime) -> list[HoldView]:
    """Release channels where they were held, and answer what is still held; what is not held stays as it is."""
    _demand_words(switch)
    async with database.working() as session:
        where = await _where(session, switch.environment)
        holds = Holds(session)
        environment_id = where[0].id if switch.environment else None
        for each in await holds.standing():
            if each.environment_id != environment_id or each.channel not in switch.channels:
                continue
            await holds.release(each.id, at, switch.actor)
            told = {"channel": each.channel.value, "everywhere": environment_id is None, "reason": switch.reason}
            await _tell(session, ids, where, Happening("channel.released", each.id, {}, told), (at, switch.actor))
        return await holds.standing()


def _demand_words(switch: Switch) -> None:
    checks.text(switch.actor, "actor")
    if switch.reason:
        checks.text(switch.reason, "reason")


async def _where(session: Runner, key: str | None) -> Sequence[EnvironmentView]:
    environments = Environments(session)
    if key is None:
        return sorted(await environments.every(), key=lambda each: each.id)
    found = await environments.by_key(key)
    if found is None:
        raise not_found("Environment", "environment")
    return [found]


async def _tell(
    session: Runner,
    ids: Ids,
    where: Sequence[EnvironmentView],
    happening: Happening,
    said: tuple[datetime, str],
) -> None:
    """Record it in every environment concerned, at that environment's present."""
    at, actor = said
    for environment in where:
        work = Work(session, environment.id, Moment(environment.clock_at or at, at, Channel.CLI, actor), ids)
        await work.open(environment)
        await work.bump(environment.id)
        await work.record(environment.id, happening)
        await work.close()
