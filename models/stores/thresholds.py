"""Which thresholds were told of, by counter and window, and of which limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from models.rows import Runner, add, rows
from models.tables.base import table
from models.tables.entitlement import ThresholdMarkRow
from models.types import EPOCH

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from billing.entitlements.sources import Counter

M = table(ThresholdMarkRow)


class Thresholds:
    """What one environment's customers were told of; each window is read once in a unit of work."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection, for one environment."""
        self._run = run
        self._env = environment_id
        self._marked: dict[tuple[str, str, Counter], dict[int, int]] = {}

    async def marked(self, customer_id: str, feature_id: str, counter: Counter) -> dict[int, int]:
        """Answer of which limit each threshold was told last in a counter's window."""
        about = (customer_id, feature_id, counter)
        if about not in self._marked:
            listed = select(M.c.threshold, M.c.limit).where(*_window(customer_id, feature_id, counter))
            self._marked[about] = {int(each["threshold"]): int(each["limit"]) for each in await rows(self._run, listed)}
        return self._marked[about]

    async def mark(self, customer_id: str, feature_id: str, counter: Counter, threshold: int, limit: int) -> None:
        """Remember that a threshold of a limit was told of."""
        marked = await self.marked(customer_id, feature_id, counter)
        if threshold in marked:
            named = (*_window(customer_id, feature_id, counter), M.c.threshold == threshold)
            await self._run.execute(update(M).where(*named).values(limit=limit))
        else:
            await self._add(customer_id, feature_id, counter, threshold, limit)
        marked[threshold] = limit

    async def _add(self, customer_id: str, feature_id: str, counter: Counter, threshold: int, limit: int) -> None:
        mark = ThresholdMarkRow(
            customer_id=customer_id,
            feature_id=feature_id,
            scope=counter.resource,
            window_start=counter.start or EPOCH,
            threshold=threshold,
            limit=limit,
            environment_id=self._env,
        )
        await add(self._run, mark)


def _window(customer_id: str, feature_id: str, counter: Counter) -> tuple[ColumnElement[bool], ...]:
    """The marks of a counter's window."""
    return (
        M.c.customer_id == customer_id,
        M.c.feature_id == feature_id,
        M.c.scope == counter.resource,
        M.c.window_start == (counter.start or EPOCH),
    )
