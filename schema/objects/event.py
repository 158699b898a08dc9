"""What happened."""

from datetime import datetime

from strawberry import ID

from billing.lifecycle import Cause, Channel
from models.views import EventView
from schema.promise import about, object_type
from schema.relay import Node, shows
from schema.scalars import JSON, Amount


@shows(EventView)
@object_type
class Event(Node):
    """Something that happened, in the order of its customer or, for catalog and keys, of the environment."""

    owner_id: ID = about("The customer or environment in whose sequence it stands.")
    sequence: Amount = about("Its place in that sequence: whole, without gaps.")
    type: str = about("What happened, like `subscription.canceled`.")
    subject_id: ID = about("The object that it happened to.")
    occurred_at: datetime = about("When it took effect: the scheduled instant, whenever it was worked on.")
    recorded_at: datetime = about("When it was written down.")
    cause: Cause = about("Whether somebody asked for it or time brought it.")
    channel: Channel = about("Where it came from.")
    actor: str | None = about("The human on the merchant's side, where one was named.")
    before: JSON = about("The facts that changed, as they were.")
    after: JSON = about("The facts that changed, as they are since.")
    position: Amount | None = about("Its place among all events of the environment; null until it is given.")

    @classmethod
    def of(cls, view: EventView) -> "Event":
        """Show an event."""
        return cls(
            id=ID(view.id),
            owner_id=ID(view.owner_id),
            sequence=Amount(str(view.seq)),
            type=view.type,
            subject_id=ID(view.subject_id),
            occurred_at=view.occurred_at,
            recorded_at=view.recorded_at,
            cause=view.cause,
            channel=view.channel,
            actor=view.actor or None,
            before=JSON(view.before),
            after=JSON(view.after),
            position=None if view.position is None else Amount(str(view.position)),
        )
