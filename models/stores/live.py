"""How many live subscriptions hold what is sold: asked before anything of it is changed or taken off sale. (K2)"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, not_, or_, select

from billing.lifecycle import ChangeKind, ChangeStatus, Status
from billing.trials import TrialEnding
from models.rows import Runner, rows
from models.stores.subscription_states import completed_sql, ends_sql, goes_on_sql, untimely_sql
from models.tables.base import table
from models.tables.catalog import PlanEntitlementRow
from models.tables.subscription import ScheduledChangeRow, SubscriptionItemRow, SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

SUBSCRIPTION = table(SubscriptionRow)
CHANGE = table(ScheduledChangeRow)
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
        """How many have each feature from their plan or an add-on, or will by a pending change, by its id."""
        coming = await self._coming()
        return dict(Counter(await self._counted(GIVE.c.feature_id)) + Counter(feature for _, feature in coming))

    async def _coming(self) -> set[tuple[str, str]]:
        """Subscriptions and features that they do not have yet, and get by a pending change or a trial's end."""
        ours = and_(SUBSCRIPTION.c.environment_id == self._env, self._live())
        kinds = (ChangeKind.PLAN_CHANGE, ChangeKind.CANCEL)
        pending = and_(CHANGE.c.status == ChangeStatus.PENDING, CHANGE.c.kind.in_(kinds), CHANGE.c.target.is_not(None))
        changed = select(SUBSCRIPTION.c.id, CHANGE.c.target.label("target"))
        changed = changed.join(CHANGE, CHANGE.c.subscription_id == SUBSCRIPTION.c.id).where(ours, pending)
        waiting = SUBSCRIPTION.c.status.in_([Status.NOT_STARTED, Status.TRIALING])
        tries = and_(waiting, SUBSCRIPTION.c.trial_leads_to.is_not(None))
        tried = select(SUBSCRIPTION.c.id, SUBSCRIPTION.c.trial_leads_to.label("target")).where(ours, tries)
        leads = [each for coming in (changed, tried) for each in await rows(self._run, coming)]
        versions = {(each["id"], item["plan_version_id"]) for each in leads for item in each["target"]["items"]}
        if not versions:
            return set()
        wanted = select(GIVE.c.plan_version_id, GIVE.c.feature_id)
        wanted = wanted.where(GIVE.c.plan_version_id.in_({version for _, version in versions}))
        given: dict[str, set[str]] = {}
        for each in await rows(self._run, wanted):
            given.setdefault(each["plan_version_id"], set()).add(each["feature_id"])
        has = SUBSCRIPTION.join(ITEM, ITEM.c.subscription_id == SUBSCRIPTION.c.id)
        has = has.join(GIVE, GIVE.c.plan_version_id == ITEM.c.plan_version_id)
        moves = or_(tries, SUBSCRIPTION.c.id.in_(select(CHANGE.c.subscription_id).where(pending)))
        held = await rows(self._run, select(SUBSCRIPTION.c.id, GIVE.c.feature_id).select_from(has).where(ours, moves))
        found = {(subscription, feature) for subscription, version in versions for feature in given.get(version, ())}
        return found - {(each["id"], each["feature_id"]) for each in held}

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
        ends = ends_sql(self._at)
        over = or_(untimely_sql(self._at, TrialEnding.CANCEL), completed_sql(self._at))
        lasts = and_(or_(ends.is_(None), ends > self._at), not_(over))
        return and_(SUBSCRIPTION.c.ended_at.is_(None), or_(goes_on_sql(self._at), lasts))
