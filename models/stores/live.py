"""How many live subscriptions hold what is sold: asked before anything of it is changed or taken off sale. (K2)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from models.rows import Runner, rows
from models.tables.base import table
from models.tables.catalog import PlanEntitlementRow
from models.tables.subscription import SubscriptionItemRow, SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

SUBSCRIPTION = table(SubscriptionRow)
ITEM = table(SubscriptionItemRow)
GIVE = table(PlanEntitlementRow)


class LiveCounts:
    """The live subscriptions of an environment as of an instant; an end that is due counts as made permanent."""

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Count on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id
        self._at = at

    async def by_product(self) -> dict[str, int]:
        """How many each product has, by its id."""
        return await self._counted(SUBSCRIPTION.c.product_id)

    async def by_plan(self) -> dict[str, int]:
        """How many hold each plan or add-on in any version, by its id."""
        return await self._counted(ITEM.c.plan_id)

    async def by_version(self) -> dict[str, int]:
        """How many hold each version of a plan or add-on, by the version's id."""
        return await self._counted(ITEM.c.plan_version_id)

    async def by_feature(self) -> dict[str, int]:
        """How many have each feature from their plan or an add-on, by its id."""
        return await self._counted(GIVE.c.feature_id)

    async def _counted(self, by: ColumnElement[str]) -> dict[str, int]:
        held = SUBSCRIPTION.join(ITEM, ITEM.c.subscription_id == SUBSCRIPTION.c.id)
        if by is GIVE.c.feature_id:
            held = held.join(GIVE, GIVE.c.plan_version_id == ITEM.c.plan_version_id)
        counted = (
            select(by.label("held"), func.count(SUBSCRIPTION.c.id.distinct()).label("live"))
            .select_from(held)
            .where(SUBSCRIPTION.c.environment_id == self._env, self._live())
            .group_by(by)
        )
        return {each["held"]: each["live"] for each in await rows(self._run, counted)}

    def _live(self) -> ColumnElement[bool]:
        ends = SUBSCRIPTION.c.cancel_at
        return and_(SUBSCRIPTION.c.ended_at.is_(None), or_(ends.is_(None), ends > self._at))
