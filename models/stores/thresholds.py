"""Which thresholds were told of, by counter and window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models.rows import Runner, add, rows
from models.tables.base import table
from models.tables.entitlement import ThresholdMarkRow
from models.types import EPOCH

if TYPE_CHECKING:
    from billing.entitlements.sources import Counter

M = table(ThresholdMarkRow)


class Thresholds:
    """What one environment's customers were told of; each window is read once in a unit of work."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._marked: dict[tuple[str, str, Counter], set[int]] = {}

    async def marked(self, customer_id: str, feature_id: str, counter: Counter) -> set[int]:
        """List the thresholds that were told of in a counter's window."""
        about = (customer_id, feature_id, counter)
        if about not in self._marked:
            listed = select(M.c.threshold).where(
                M.c.customer_id == customer_id,
                M.c.feature_id == feature_id,
                M.c.scope == counter.resource,
                M.c.window_start == (counter.start or EPOCH),
            )
            self._marked[about] = {int(each["threshold"]) for each in await rows(self._run, listed)}
        return self._marked[about]

    async def mark(self, customer_id: str, feature_id: str, counter: Counter, threshold: int) -> None:
        """Remember that a threshold was told of."""
        mark = ThresholdMarkRow(
            customer_id=customer_id,
            feature_id=feature_id,
            scope=counter.resource,
            window_start=counter.start or EPOCH,
            threshold=threshold,
            environment_id=self._env,
        )
        await add(self._run, mark)
        (await self.marked(customer_id, feature_id, counter)).add(threshold)
