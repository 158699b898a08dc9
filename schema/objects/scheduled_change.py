"""What is pending on a subscription."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.lifecycle import ChangeKind, ChangeStatus, Channel
from models.views import ScheduledChangeView
from resolvers import nodes
from resolvers.loaders import OfVersion
from schema.info import Info
from schema.limit_refusals import FeatureOverLimit
from schema.objects.period import Interval
from schema.objects.plan import Plan
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows, sure

if TYPE_CHECKING:
    from schema.objects.job import Job
    from schema.objects.subscription import Subscription


@shows(ScheduledChangeView)
@object_type
class ScheduledChange(Node):
    """One thing that happens to a subscription at a known instant, or that happened, was undone or was replaced."""

    view: strawberry.Private[ScheduledChangeView]
    kind: ChangeKind = about("What it does.")
    status: ChangeStatus = about("What became of it.")
    applies_at: datetime = about("When it takes effect.")
    interval: Interval | None = about("How often the subscription renews afterwards, of a plan change.")
    quantity: int | None = about("The new quantity, of a quantity change.")
    until_fits: bool = about(
        "Whether it waits until no more is used than it leads to: it is tried when a period ends, `appliesAt` next."
    )
    held_back_at: datetime | None = about("When it was held back last; null where it never was.")
    blocked_by: list[FeatureOverLimit] = about("Of what too much was used when it was held back last.")
    requested_at: datetime = about("When it was asked for.")
    channel: Channel = about("Where the request came from.")

    @classmethod
    def of(cls, view: ScheduledChangeView) -> "ScheduledChange":
        """Show a scheduled change."""
        return cls(
            view=view,
            id=ID(view.id),
            kind=view.kind,
            status=view.status,
            applies_at=view.applies_at,
            interval=Interval.of(view.target.interval) if view.target else None,
            quantity=view.quantity,
            until_fits=view.until_fits,
            held_back_at=view.held_back_at,
            blocked_by=[FeatureOverLimit.of(each) for each in view.blocked_by],
            requested_at=view.requested_at,
            channel=view.channel,
        )

    @field
    def actor(self, info: Info) -> str | None:
        """The human on the merchant's side who asked, where one was named; shown to the merchant only."""
        return (self.view.actor or None) if info.context.principal.merchant else None

    @field
    async def job(self, info: Info) -> Annotated["Job", strawberry.lazy("schema.objects.job")] | None:
        """The job that asked for it, a plan migration; null where a single call did. Shown to the merchant only."""
        view = await nodes.job_behind(info.context, self.view.job_id)
        return show(view) if view else None

    @field
    async def plan(self, info: Info) -> Plan | None:
        """The plan version that a plan change leads to."""
        target = self.view.target
        return (
            Plan.of(sure(await info.context.loaders.plan_version.load(OfVersion(target.plan_version_id))))
            if target
            else None
        )

    @field
    async def add_on(self, info: Info) -> Plan | None:
        """The add-on whose quantity changes; null where it is the plan's."""
        wanted = self.view.item if self.view.kind is ChangeKind.QUANTITY else ""
        return Plan.of(sure(await info.context.loaders.plan.load(wanted))) if wanted else None

    @field
    async def subscription(
        self, info: Info
    ) -> Annotated["Subscription", strawberry.lazy("schema.objects.subscription")] | None:
        """The subscription that changes."""
        view = await nodes.subscription_behind(info.context, self.view.subscription_id)
        return show(view) if view else None
