"""What happened."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from billing.lifecycle import Cause, Channel
from models.views import EventView
from resolvers import nodes
from schema.info import Info
from schema.promise import about, field, object_type
from schema.relay import Node, show, shows
from schema.scalars import JSON, Amount

if TYPE_CHECKING:
    from schema.objects.job import Job


@shows(EventView)
@object_type
class Event(Node):
    """Something that happened, in the order of its customer or, for catalog and keys, of the environment."""

    view: strawberry.Private[EventView]
    owner_id: ID = about("The customer or environment in whose sequence it stands.")
    sequence: Amount = about("Its place in that sequence: whole, without gaps.")
    type: str = about("What happened, like `subscription.canceled`.")
    subject_id: ID = about("The object that it happened to.")
    occurred_at: datetime = about("When it took effect: the scheduled instant, whenever it was worked on.")
    recorded_at: datetime = about("When it was written down.")
    cause: Cause = about("Whether somebody asked for it or time brought it.")
    channel: Channel = about("Where it came from.")
    before: JSON = about("The facts that changed, as they were: the previous attributes. (C15)")
    after: JSON = about("The facts that changed, as they are since.")
    position: Amount | None = about("Its place among all events of the environment; null until it is given.")

    @classmethod
    def of(cls, view: EventView) -> "Event":
        """Show an event."""
        return cls(
            view=view,
            id=ID(view.id),
            owner_id=ID(view.owner_id),
            sequence=Amount(str(view.seq)),
            type=view.type,
            subject_id=ID(view.subject_id),
            occurred_at=view.occurred_at,
            recorded_at=view.recorded_at,
            cause=view.cause,
            channel=view.channel,
            before=JSON(view.before),
            after=JSON(view.after),
            position=None if view.position is None else Amount(str(view.position)),
        )

    @field
    async def job(self, info: Info) -> Annotated["Job", strawberry.lazy("schema.objects.job")] | None:
        """The job that caused it, a plan migration; null where none did. Shown to the merchant only."""
        named = self.view.after.get("jobId")
        view = await nodes.job_behind(info.context, named if isinstance(named, str) else None)
        return show(view) if view else None

    @field
    def request_id(self, info: Info) -> str | None:
        """The request that asked for it, as `X-Request-Id` named it; shown to the merchant only. (C15)"""
        return (self.view.request_id or None) if info.context.principal.merchant else None

    @field
    def actor(self, info: Info) -> str | None:
        """The human on the merchant's side, where one was named; shown to the merchant only."""
        return (self.view.actor or None) if info.context.principal.merchant else None
