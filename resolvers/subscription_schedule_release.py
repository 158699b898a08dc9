"""Take a schedule off a subscription, which goes on as it is. (C9)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.ending import EndTerms
from billing.lifecycle import CancelTiming, ChangeKind
from billing.periods import cut
from billing.schedules import ProrationBehavior, ScheduleStatus, unscheduled
from billing.subscriptions import Scheduled
from models.stores.kept import terms_kept
from models.tables.subscription import CancellationRow
from resolvers.acts import act, found_subscription
from resolvers.changing import schedule
from resolvers.going_on import after_the_end, with_trial_end
from resolvers.invoicing.asked import Proration
from resolvers.keeping import keep
from resolvers.phasing import TOLD, drop_phases, move_discount
from resolvers.schedules import found_running, found_schedule
from resolvers.subscription_schedule_create import made

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.subscription_schedule_create import ScheduleMade


@dataclass(frozen=True, slots=True)
class ScheduleRelease:
    """The schedule to take off; `keep_cancel_date` leaves the end that is pending in its last phase."""

    id: str
    keep_cancel_date: bool = False
    proration: ProrationBehavior = ProrationBehavior.CREATE_PRORATIONS
    idempotency_key: str | None = None
    actor: str = ""


async def release_schedule(ctx: Context, command: ScheduleRelease) -> ScheduleMade:
    """Release a subscription from its schedule."""

    async def owner(work: Work) -> str:
        return (await found_schedule(ctx, work, command.id)).customer_id

    async def body(work: Work) -> dict[str, Any]:
        found = await found_running(ctx, work, command.id)
        view = await found_subscription(ctx, work, found.subscription_id)
        facts = view.facts
        ends_at = facts.schedule_cancel_at if facts.last_phase_at is None and command.keep_cancel_date else None
        await drop_phases(work, facts)
        after = unscheduled(facts)
        if ends_at is not None and after.cancel_at is None:
            after = cut(replace(after, scheduled=(*after.scheduled, await _kept_end(work, view, ends_at))))
        after = await with_trial_end(work, after)
        own_end = next((each.id for each in facts.scheduled if each.schedule_id and each.kind is ChangeKind.CANCEL), "")
        prorate, invoice_now = command.proration.pair
        money = Proration(prorate=prorate, invoice_now=invoice_now, undoes="" if ends_at is not None else own_end)
        await move_discount(work, found, after)
        await work.schedules.settle(found.id, ScheduleStatus.RELEASED, work.at)
        kind, beside = TOLD[ScheduleStatus.RELEASED], {"subscriptionId": view.id}
        await keep(work, view.customer_id, kind, facts, after, beside={**beside}, subject=found.id, proration=money)
        return {"subscription_id": view.id, "schedule_id": found.id, "replaced": []}

    outcome, replayed = await act(ctx, "subscriptionScheduleRelease", command, owner, body)
    return await made(ctx, outcome, replayed=replayed)


async def _kept_end(work: Work, view: SubscriptionView, ends_at: datetime) -> Scheduled:
    """Let the end that the schedule had set stand as a plain cancellation."""
    leads_to = await after_the_end(work, unscheduled(view.facts), ends_at)
    change = await schedule(work, view, Scheduled("", ChangeKind.CANCEL, ends_at, target=leads_to))
    await work.subscriptions.add_cancellation(
        CancellationRow(
            id=work.ids.new("can"),
            environment_id=work.environment_id,
            customer_id=view.customer_id,
            subscription_id=view.id,
            scheduled_change_id=change.id,
            timing=CancelTiming.ON_DATE,
            actor=work.moment.actor,
            channel=work.moment.channel,
            requested_at=work.at,
            effective_at=ends_at,
            terms=terms_kept(EndTerms()),
        ),
    )
    return change
