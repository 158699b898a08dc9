"""Subscriptions: facts in, facts out, each as of the instant asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from billing.lifecycle import Cause, ChangeKind, ChangeStatus
from billing.subscriptions import Facts, as_of
from models.choices import Collection, SubscriptionOrder
from models.columns import EVERYTHING, WHOLE
from models.given import here, sent
from models.paging import after, instant_and_id_in, ordered
from models.rows import Runner, add, records, row, rows, value
from models.stores.kept import facts_kept, terms_read
from models.stores.lives import ITEMS, PENDING, AsOf, belonging, lives_of
from models.stores.subscription_pages import SubscriptionWanted, first_of_customer, keys_of, listed_with, page_from
from models.stores.subscription_rows import change_as_of, change_view, columns_of, facts_of_row, present_cancellation
from models.stores.subscription_statements import (
    AT_RESOURCE,
    BY_ID,
    BY_IDS,
    CHANGES_BY_ID,
    DUE,
    FORGET_ITEMS,
    OF_CUSTOMER,
    REASONS,
    RESOURCE,
    SAVE,
    SETTLE,
    TOLD,
)
from models.stores.subscription_states import ends_sql, moves_sql, state_sql, untimely_leads_sql
from models.tables.base import table
from models.tables.subscription import (
    CancellationRow,
    ScheduledChangeRow,
    SubscriptionHistoryRow,
    SubscriptionItemRow,
    SubscriptionRow,
)
from models.views import ScheduledChangeView, SubscriptionView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from billing.ending import EndTerms
    from billing.lifecycle import CancelReason
    from models.ids import Ids
    from models.paging import Page

S = table(SubscriptionRow)
H = table(ScheduledChangeRow)
C = table(CancellationRow)
V = table(SubscriptionHistoryRow)


class Subscriptions:
    """The subscriptions of one environment, answered as of `at`."""

    def __init__(self, run: Runner, environment_id: str, at: datetime) -> None:
        """Run on this connection, for one environment and instant."""
        self._run = run
        self._env = environment_id
        self._at = at
        self._resources: dict[str, str] = {}

    async def resource(self, subscription_id: str) -> str:
        """Name the resource of a subscription, which never changes; '' of one that has none."""
        if subscription_id not in self._resources:
            found: str | None = await value(self._run, RESOURCE, {"of": subscription_id, "env": self._env})
            self._resources[subscription_id] = found or ""
        return self._resources[subscription_id]

    async def by_id(self, subscription_id: str) -> SubscriptionView | None:
        """Find by our id."""
        found = await row(self._run, BY_ID, {"of": subscription_id, "env": self._env})
        return (await self._views([found]))[0] if found else None

    async def by_ids(self, ids: Sequence[str]) -> dict[str, SubscriptionView]:
        """Find several."""
        found = await rows(self._run, BY_IDS, {"env": self._env, "ids": sent(ids)})
        return {view.id: view for view in await self._views(found)}

    async def by_external_id(self, external_id: str) -> SubscriptionView | None:
        """Find by the host's id."""
        found = await row(self._run, TOLD.where(S.c.external_id == external_id, S.c.environment_id == self._env))
        return (await self._views([found]))[0] if found else None

    async def of_customer(self, customer_id: str) -> list[SubscriptionView]:
        """List all of a customer's, oldest first, ended ones too."""
        return await self._views(await rows(self._run, OF_CUSTOMER, {"customer": customer_id, "env": self._env}))

    async def at_resource(self, customer_id: str, resource_id: str) -> list[SubscriptionView]:
        """List a customer's of one resource, oldest first, ended ones too; '' is those that have none."""
        given = {"customer": customer_id, "env": self._env, "resource": resource_id}
        return await self._views(await rows(self._run, AT_RESOURCE, given))

    async def due(self, customer_id: str, until: datetime) -> list[SubscriptionView]:
        """List a customer's subscriptions with something due, usage of theirs too, as they are stored."""
        given = {"customer": customer_id, "env": self._env, "until": until}
        return await self._views(await rows(self._run, DUE, given), stored=True)

    async def page(
        self,
        wanted: SubscriptionWanted,
        order: SubscriptionOrder,
        first: int,
        cursor: str | None,
        columns: frozenset[str] = EVERYTHING,
    ) -> Page[SubscriptionView]:
        """List as of the instant; `state` is judged in SQL by the same rule. (K10, K16)

        Only these columns are there, where nothing of what is listed became due since: then rows say what is so.
        """
        keys, began = keys_of(order), cursor is not None
        given: dict[str, object] = {}
        if cursor is None and wanted == SubscriptionWanted(customer_id=wanted.customer_id or ""):
            given = {"env": self._env, "customer": wanted.customer_id, "most": first + 1}
            listed = first_of_customer(order, columns)
        else:
            listed = listed_with(order, columns).where(self._here(wanted), *self._conditions(wanted))
            if wanted.plan_id is not None:
                listed = listed.where(await self._on_plan(wanted.plan_id))
            if cursor is not None:
                listed = after(listed, keys, instant_and_id_in(cursor))
            listed = ordered(listed, keys).limit(first + 1)
        if WHOLE in columns:
            found = await rows(self._run, listed, given)
            return page_from(found, order, first, {each.id: each for each in await self._views(found)}, began=began)
        several = await records(self._run, listed, given)
        if any(each.due_at is not None and each.due_at <= self._at for each in several):
            return await self.page(wanted, order, first, cursor)
        return page_from(several, order, first, None, began=began)

    async def pages_of(
        self,
        customer_ids: Sequence[str],
        order: SubscriptionOrder,
        first: int,
        cursor: str | None,
        *,
        only: str | None = None,
    ) -> dict[str, Page[SubscriptionView]]:
        """List a page for each of several customers, in as many statements as for one; `only` names the one to see."""
        keys = keys_of(order)
        place = func.row_number().over(
            partition_by=S.c.customer_id,
            order_by=[key.column.desc() if key.descending else key.column.asc() for key in keys],
        )
        listed = TOLD.add_columns(place.label("place")).where(
            here(S.c.environment_id, self._env), S.c.customer_id.in_(customer_ids)
        )
        if only is not None:
            listed = listed.where(S.c.id == only)
        if cursor is not None:
            listed = after(listed, keys, instant_and_id_in(cursor))
        placed = listed.subquery()
        wanted = select(placed).where(placed.c.place <= first + 1).order_by(placed.c.place)
        found = await rows(self._run, wanted)
        views = {view.id: view for view in await self._views(found)}
        grouped: dict[str, list[Mapping[str, Any]]] = {each: [] for each in customer_ids}
        for each in found:
            grouped[each["customer_id"]].append(each)
        return {of: page_from(each, order, first, views, began=cursor is not None) for of, each in grouped.items()}

    async def following(self, wanted: SubscriptionWanted, beyond: str, limit: int) -> list[SubscriptionView]:
        """List those that are wanted by id, beyond one."""
        listed = TOLD.where(S.c.environment_id == self._env, S.c.id > beyond, *self._conditions(wanted))
        if wanted.plan_id is not None:
            listed = listed.where(await self._on_plan(wanted.plan_id))
        return await self._views(await rows(self._run, listed.order_by(S.c.id).limit(limit)))

    async def perhaps_on(
        self,
        plan_id: str,
        version_id: str | None,
        made_by: datetime,
        beyond: str,
        limit: int,
        *,
        among: Sequence[str] | None,
    ) -> list[SubscriptionView]:
        """List by id, beyond one, those that are on a plan (and version), and those that a due change may put there.

        Whether each is on it, as of the instant, is for the caller to judge.
        """
        held = S.c.plan_id == plan_id if version_id is None else S.c.plan_version_id == version_id
        leads = (ChangeKind.PLAN_CHANGE, ChangeKind.CANCEL)
        waits = (H.c.status == ChangeStatus.PENDING, H.c.kind.in_(leads), H.c.applies_at <= self._at)
        due = select(H.c.id).where(H.c.subscription_id == S.c.id, *waits)
        wanted = TOLD.where(S.c.environment_id == self._env, S.c.id > beyond, S.c.ended_at.is_(None))
        wanted = wanted.where(S.c.created_at <= made_by, or_(held, and_(S.c.due_at <= self._at, due.exists())))
        wanted = wanted if among is None else wanted.where(S.c.id.in_(among))
        return await self._views(await rows(self._run, wanted.order_by(S.c.id).limit(limit)))

    async def add(self, subscription: SubscriptionRow, facts: Facts, ids: Ids) -> None:
        """Keep a new subscription with its items."""
        await add(self._run, subscription)
        await self._add_items(facts, ids)

    async def save(self, before: Facts, after_: Facts, ids: Ids, *, cause: Cause | None = None) -> None:
        """Keep changed facts: columns, items and the next due instant; pending changes have calls of their own."""
        values = columns_of(after_)
        if after_.ended_at is not None and before.ended_at is None:
            values["ended_cause"] = cause
        await self._run.execute(SAVE, {"subscription": after_.id, **values})
        if before.items != after_.items:
            await self._run.execute(FORGET_ITEMS, {"subscription": after_.id})
            await self._add_items(after_, ids)

    async def remember(self, customer_id: str, facts: Facts, seq: int, since: datetime) -> None:
        """Keep what the facts are from an instant on, for questions about the past."""
        await add(
            self._run,
            SubscriptionHistoryRow(
                subscription_id=facts.id,
                seq=seq,
                environment_id=self._env,
                customer_id=customer_id,
                since=since,
                facts=facts_kept(facts),
            ),
        )

    async def changed_since(self, subscription_id: str, at: datetime) -> bool:
        """Whether anything became of a subscription after an instant."""
        later = select(V.c.seq).where(V.c.subscription_id == subscription_id, V.c.since > at).limit(1)
        return await row(self._run, later) is not None

    async def facts_of(self, customer_id: str, at: datetime) -> list[tuple[str, datetime, Facts]]:
        """Answer (resource, created at, facts as of `at`) of each of a customer's subscriptions that existed then."""
        asked = AsOf(customer_id, at)
        return (await lives_of(self._run, self._env, self._at, [asked]))[asked]

    async def add_change(self, change: ScheduledChangeRow) -> None:
        """Keep a pending change."""
        await add(self._run, change)

    async def settle_change(self, change_id: str, status: ChangeStatus, at: datetime) -> None:
        """Say what became of a pending change."""
        await self._run.execute(SETTLE, {"change": change_id, "status": status, "settled_at": at})

    async def hold_back(self, change_id: str, columns: dict[str, Any]) -> None:
        """Let a change be tried again later, and keep what it was held back for. (S6)"""
        await self._run.execute(update(H).where(H.c.id == change_id).values(columns))

    async def reopen_change(self, change_id: str) -> None:
        """Let a change that was replaced wait again."""
        await self._run.execute(
            update(H)
            .where(H.c.id == change_id, H.c.status == ChangeStatus.REPLACED)
            .values(status=ChangeStatus.PENDING, settled_at=None),
        )

    async def change(self, change_id: str) -> ScheduledChangeView | None:
        """Find a scheduled change, settled ones too; one that is due is told as settled."""
        return (await self.changes([change_id])).get(change_id)

    async def changes(self, ids: Sequence[str]) -> dict[str, ScheduledChangeView]:
        """Find several, in as many statements as one."""
        found = [
            change_view(each) for each in await rows(self._run, CHANGES_BY_ID, {"env": self._env, "ids": sent(ids)})
        ]
        waiting = sorted({each.subscription_id for each in found if each.status is ChangeStatus.PENDING})
        views = await self.by_ids(waiting) if waiting else {}
        facts = {each.id: each.facts for each in views.values()}
        return {each.id: change_as_of(each, facts.get(each.subscription_id)) for each in found}

    async def add_cancellation(self, cancellation: CancellationRow) -> None:
        """Keep who asked to end a subscription and why."""
        await add(self._run, cancellation)

    async def give_reason(self, cancellation_id: str, reason: CancelReason | None, comment_id: str | None) -> None:
        """Keep why a subscription was cancelled, said afterwards; without a `comment_id` what was said stays. (T3)"""
        values = {"reason": reason} if comment_id is None else {"reason": reason, "comment_id": comment_id}
        await self._run.execute(update(C).where(C.c.id == cancellation_id).values(values))

    async def label(self, subscription_id: str, labels: dict[str, str]) -> None:
        """Keep other metadata. (C3)"""
        await self._run.execute(update(S).where(S.c.id == subscription_id).values(labels=labels))

    async def end_terms(self, scheduled_change_id: str) -> EndTerms:
        """Find the terms on which a scheduled change ends a subscription."""
        found = await row(self._run, select(C.c.terms).where(C.c.scheduled_change_id == scheduled_change_id))
        return terms_read(found["terms"] if found else None)

    async def undo_cancellation(self, scheduled_change_id: str, at: datetime) -> None:
        """Mark the cancellation of a scheduled change as taken back; its reason is kept. (T10)"""
        await self._run.execute(
            update(C)
            .where(C.c.scheduled_change_id == scheduled_change_id, C.c.undone_at.is_(None))
            .values(undone_at=at),
        )

    async def reopen_cancellation(self, scheduled_change_id: str) -> None:
        """Let the cancellation of a scheduled change stand again."""
        await self._run.execute(
            update(C).where(C.c.scheduled_change_id == scheduled_change_id).values(undone_at=None),
        )

    def _here(self, wanted: SubscriptionWanted) -> ColumnElement[bool]:
        """Whether it is of this environment; where a customer's are wanted, nobody walks through the others."""
        if wanted.customer_id is None and wanted.customer_ids is None:
            return S.c.environment_id == self._env
        return here(S.c.environment_id, self._env)

    def _conditions(self, wanted: SubscriptionWanted) -> list[ColumnElement[bool]]:
        pairs = (
            (S.c.id, wanted.subscription_id),
            (S.c.customer_id, wanted.customer_id),
            (S.c.product_id, wanted.product_id),
            (S.c.resource_id, wanted.resource_id),
            (S.c.external_id, wanted.external_id),
        )
        conditions = [column == given for column, given in pairs if given is not None]
        if wanted.cancel_before is not None:
            ends = ends_sql(self._at)
            conditions += (ends > self._at, ends < wanted.cancel_before)
        if wanted.customer_ids is not None:
            conditions.append(S.c.customer_id.in_(wanted.customer_ids))
        if wanted.made_by is not None:
            conditions.append(S.c.created_at <= wanted.made_by)
        if wanted.states is not None:
            conditions.append(state_sql(self._at).in_([state.value for state in wanted.states]))
        return conditions

    async def _on_plan(self, plan_id: str) -> ColumnElement[bool]:
        """Judge the plan as of the instant: changes that are due count, though nobody made them permanent yet."""
        due = select(H.c.subscription_id, H.c.target).join_from(S, H, H.c.subscription_id == S.c.id)
        due = due.where(S.c.environment_id == self._env, S.c.due_at <= self._at, moves_sql(self._at))
        due = due.order_by(H.c.applies_at, H.c.id)
        leads = {each["subscription_id"]: each["target"]["plan_id"] for each in await rows(self._run, due)}
        tried = select(S.c.id, S.c.trial_leads_to).where(S.c.environment_id == self._env, S.c.due_at <= self._at)
        tried = tried.where(untimely_leads_sql(self._at))
        leads |= {each["id"]: each["trial_leads_to"]["plan_id"] for each in await rows(self._run, tried)}
        if not leads:
            return S.c.plan_id == plan_id
        there = S.c.id.in_([moved for moved, plan in leads.items() if plan == plan_id])
        return or_(there, and_(S.c.plan_id == plan_id, S.c.id.not_in(list(leads))))

    async def _views(self, found: Sequence[Mapping[str, Any]], *, stored: bool = False) -> list[SubscriptionView]:
        ids = [each["id"] for each in found]
        if not ids:
            return []
        self._resources |= {each["id"]: each["resource_id"] for each in found}
        items = await belonging(self._run, ids, ITEMS)
        changes = await belonging(self._run, [each["id"] for each in found if each["changes"]], PENDING)
        reasons = await belonging(self._run, [each["id"] for each in found if each["cancelled"]], REASONS)
        return [
            self._view(each, items[id_], changes.get(id_, ()), reasons.get(id_, ()), stored=stored)
            for id_, each in zip(ids, found, strict=True)
        ]

    def _view(
        self,
        found: Mapping[str, Any],
        items: Sequence[Mapping[str, Any]],
        changes: Sequence[Mapping[str, Any]],
        reasons: Sequence[Mapping[str, Any]],
        *,
        stored: bool,
    ) -> SubscriptionView:
        kept = facts_of_row(found, items, changes)
        facts = kept if stored else as_of(kept, self._at)
        pending = {change.id for change in facts.scheduled}
        return SubscriptionView(
            id=found["id"],
            customer_id=found["customer_id"],
            product_id=found["product_id"],
            resource_id=found["resource_id"],
            external_id=found["external_id"],
            billed_by=found["billed_by"],
            collection=Collection.ON if facts.collection_pause is None else Collection.PAUSED,
            ended_cause=found["ended_cause"] or (Cause.AUTOMATIC if facts.ended_at is not None else None),
            metadata=found["labels"],
            created_at=found["created_at"],
            facts=facts,
            changes=tuple(change_view(change) for change in changes if change["id"] in pending),
            cancellation=present_cancellation(facts, reasons[-1] if reasons else None),
        )

    async def _add_items(self, facts: Facts, ids: Ids) -> None:
        for item in facts.items:
            await add(
                self._run,
                SubscriptionItemRow(
                    id=ids.new("itm"),
                    environment_id=self._env,
                    subscription_id=facts.id,
                    plan_id=item.plan_id,
                    plan_version_id=item.plan_version_id,
                    price_id=item.price_id,
                    quantity=item.quantity,
                    add_on=item.add_on,
                ),
            )
