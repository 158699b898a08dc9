"""What comes next for a subscription, phase by phase."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.lifecycle import Channel
from billing.schedules import EndBehavior, PhaseAnchor, ProrationBehavior, ScheduleStatus
from models.schedule_views import PhaseView, ScheduleView
from resolvers import nodes
from resolvers.coupons import coupon_behind
from resolvers.loaders import OfVersion
from schema.info import Info
from schema.objects.coupon import Coupon
from schema.objects.period import Interval
from schema.objects.plan import Plan
from schema.objects.subscription import SubscriptionItem
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows, sure

if TYPE_CHECKING:
    from schema.objects.subscription import Subscription


@object_type
class SchedulePhase:
    """A piece of a subscription's time with a plan, quantity, discount or trial of its own."""

    view: strawberry.Private[PhaseView]
    starts_at: datetime = about("When it begins; of the first phase, when the schedule does.")
    ends_at: datetime | None = about("When it is over; null where it has no end.")
    interval: Interval = about("How often the subscription renews in it.")
    anchor: PhaseAnchor = about("From when periods are counted in it.")
    trial: bool = about("Whether nothing is paid for while it lasts.")
    proration_behavior: ProrationBehavior = about("What its beginning does with time that is billed already.")

    @classmethod
    def of(cls, view: PhaseView) -> "SchedulePhase":
        """Show a phase."""
        phase = view.phase
        return cls(
            view=view,
            starts_at=view.starts_at,
            ends_at=view.ends_at,
            interval=Interval.of(view.target.interval),
            anchor=PhaseAnchor.PHASE_START if phase.restarts else PhaseAnchor.KEEP,
            trial=phase.trial_end is not None,
            proration_behavior=ProrationBehavior.of(prorate=phase.prorate, invoice_now=phase.invoice_now),
        )

    @field
    async def plan(self, info: Info) -> Plan:
        """The plan version that it holds."""
        return Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(self.view.target.plan_version_id))))

    @field
    def items(self) -> list[SubscriptionItem]:
        """The plan and the add-ons, each at its price and quantity."""
        return [SubscriptionItem.of(item) for item in self.view.target.items]

    @field
    async def coupon(self, info: Info) -> Coupon | None:
        """What is taken off in it; null where nothing of its own is, and for those who may not read coupons."""
        wanted = self.view.phase.coupon_id
        view = await coupon_behind(info.context, wanted) if wanted else None
        return Coupon.of(view) if view else None


@shows(ScheduleView)
@object_type
class SubscriptionSchedule(Node):
    """What comes next for a subscription, phase by phase, and what happens when the last one is over. (C9)"""

    view: strawberry.Private[ScheduleView]
    status: ScheduleStatus = about("Where it stands.")
    end_behavior: EndBehavior = about("What becomes of the subscription when the last phase is over.")
    ends_at: datetime = about("When the last phase is over; where that has no end, when it begins.")
    created_at: datetime = about("When it was made.")
    settled_at: datetime | None = about("When it was completed, released or canceled.")
    channel: Channel = about("Where the request came from.")

    @classmethod
    def of(cls, view: ScheduleView) -> "SubscriptionSchedule":
        """Show a schedule."""
        return cls(
            view=view,
            id=ID(view.id),
            status=view.status,
            end_behavior=view.end_behavior,
            ends_at=view.ends_at,
            created_at=view.created_at,
            settled_at=view.settled_at,
            channel=view.channel,
        )

    @field
    def actor(self, info: Info) -> str | None:
        """The human on the merchant's side who made it, where one was named; shown to the merchant only."""
        return (self.view.actor or None) if info.context.principal.merchant else None

    @field
    def phases(self) -> list[SchedulePhase]:
        """The phases in order; the first is what the subscription had when the schedule was made."""
        return [SchedulePhase.of(view) for view in self.view.phases]

    @field
    async def subscription(
        self, info: Info
    ) -> Annotated["Subscription", strawberry.lazy("schema.objects.subscription")] | None:
        """The subscription that it is for."""
        view = await nodes.subscription_behind(info.context, self.view.subscription_id)
        return show(view) if view else None
