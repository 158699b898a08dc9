"""Forgetting what has had its time: answered keys after their days, revocations of tokens that expired anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.stores.environments import Environments, Keys
from models.stores.journal import Journal

if TYPE_CHECKING:
    from datetime import datetime

    from models.rows import Runner
    from models.session import Database


async def forget_expired(database: Database, now: datetime) -> None:
    """Forget, by the real clock."""

    async def unit(run: Runner) -> None:
        for environment in await Environments(run).every():
            await Journal(run, environment.id).forget(now)
        await Keys(run).forget_tokens(now)

    await database.worked(unit)
