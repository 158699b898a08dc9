"""Bulk work: how far it is, and what became of each item."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.calendar import Interval as IntervalValue
from billing.changes import MigrationPrices, MigrationTiming, PendingChanges
from billing.lifecycle import Channel, State
from models.choices import JobItemState, JobKind, JobState
from models.job_views import JobItemView, JobView
from resolvers import jobs as resolved
from resolvers import nodes
from resolvers.bulk_cancellation import read_cancellation
from resolvers.loaders import OfVersion
from schema.info import Info
from schema.objects.bulk_cancellation import BulkCancellation, BulkCancellationEnd, JobMoney
from schema.objects.period import Interval
from schema.objects.plan import Plan
from schema.objects.scheduled_change import ScheduledChange
from schema.promise import about, field, object_type
from schema.relay import FIRST, After, Connection, First, Node, connection, page_of, show, shows, sure
from schema.texts import given

if TYPE_CHECKING:
    from schema.objects.subscription import Subscription


@object_type
class JobItemCount:
    """How many items of a job are in one state."""

    state: JobItemState = about("What became of them.")
    count: int = about("How many.")


@object_type
class JobProgress:
    """How far a job is."""

    total: int = about("How many items were found so far.")
    listed: bool = about("Whether these are all of them.")
    settled: int = about("How many were tried.")
    counts: list[JobItemCount] = about("What became of them; states that no item is in are left out.")

    @classmethod
    def of(cls, progress: resolved.Progress) -> "JobProgress":
        """Show how far it is."""
        counts = [
            JobItemCount(state=state, count=progress.counts[state])
            for state in JobItemState
            if state in progress.counts
        ]
        return cls(total=progress.total, listed=progress.listed, settled=progress.settled, counts=counts)


@object_type
class PlanMigrationFilter:
    """Which subscriptions a migration was limited to; null is any."""

    states: list[State] | None = about("In one of these states.")
    currency: str | None = about("Held in this currency.")
    interval: Interval | None = about("Renewing this often.")
    created_before: datetime | None = about("Made before this instant.")
    subscription_ids: list[ID] | None = about("Among these.")


@object_type
class PlanMigration:
    """What a job of kind PLAN_MIGRATION moves."""

    source: Plan = about(
        "The plan that is left: the version that was named, else the latest, standing for any.", name="from"
    )
    any_version: bool = about("Whether every version of it is left but the one that is moved to.")
    target: Plan = about("The version that is moved to, as it was when the job was started.", name="to")
    when: MigrationTiming = about("When each subscription moves.")
    prices: MigrationPrices = about("What it pays afterwards.")
    pending_changes: PendingChanges = about("What happens where a change is pending already.")
    filter: PlanMigrationFilter = about("Which subscriptions it was limited to.")

    @classmethod
    def of(cls, details: resolved.MigrationDetails) -> "PlanMigration":
        """Show a migration."""
        migration, wanted = details.migration, details.migration.filter
        ids = wanted.subscription_ids
        return cls(
            source=Plan.of(details.source),
            any_version=migration.from_version_id is None,
            target=Plan.of(details.target),
            when=migration.when,
            prices=migration.prices,
            pending_changes=migration.pending,
            filter=PlanMigrationFilter(
                states=None if wanted.states is None else list(wanted.states),
                currency=wanted.currency,
                interval=_interval(wanted.interval),
                created_before=wanted.created_before,
                subscription_ids=None if ids is None else [ID(each) for each in ids],
            ),
        )


def _interval(wanted: IntervalValue | None) -> Interval | None:
    return None if wanted is None else Interval.of(wanted)


JobDetails: TypeAlias = Annotated[
    PlanMigration | BulkCancellation,
    strawberry.union("JobDetails", description="What a job was asked to do, by its kind."),
]


@object_type
class PlanMigrationMove:
    """How a plan migration moved a subscription."""

    view: strawberry.Private[JobItemView]
    applies_at: datetime = about("When it moved or will.")

    @classmethod
    def of(cls, view: JobItemView) -> "PlanMigrationMove":
        """Show a move."""
        return cls(view=view, applies_at=datetime.fromisoformat(str(view.result["applies_at"])))

    @field
    async def from_plan(self, info: Info) -> Plan:
        """The plan version that it was on."""
        return Plan.of(
            sure(await info.context.loaders.plan_version.load(OfVersion(str(self.view.result["from_version_id"]))))
        )

    @field
    async def to_plan(self, info: Info) -> Plan:
        """The plan version that it is moved to."""
        return Plan.of(
            sure(await info.context.loaders.plan_version.load(OfVersion(str(self.view.result["to_version_id"]))))
        )

    @field
    async def change(self, info: Info) -> ScheduledChange | None:
        """The scheduled change that moves it; null where it was moved at once."""
        wanted = self.view.result["change_id"]
        return ScheduledChange.of(sure(await info.context.loaders.change.load(str(wanted)))) if wanted else None

    @field
    async def replaced_changes(self, info: Info) -> list[ScheduledChange]:
        """The pending changes that it took the place of."""
        return await _changes(info, self.view.result["replaced"])

    @field
    async def restored_changes(self, info: Info) -> list[ScheduledChange]:
        """Those of them that wait again since the move was undone."""
        return await _changes(info, self.view.result.get("restored"))


async def _changes(info: Info, ids: object) -> list[ScheduledChange]:
    named = [str(each) for each in ids] if isinstance(ids, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  (JSON)
    found = await info.context.loaders.change.load_many(named)
    return [ScheduledChange.of(sure(each)) for each in found]


JobResult: TypeAlias = Annotated[
    PlanMigrationMove | BulkCancellationEnd,
    strawberry.union("JobResult", description="What a job did to an item, by its kind."),
]


RESULTS: Mapping[JobKind, Callable[[JobItemView], PlanMigrationMove | BulkCancellationEnd]] = MappingProxyType(
    {JobKind.PLAN_MIGRATION: PlanMigrationMove.of, JobKind.CANCELLATION: BulkCancellationEnd.of}
)


@object_type
class JobItemRefusal:
    """Why an item was skipped, failed, or was not undone."""

    code: str = about("The stable name of the refusal, in capitals; INTERNAL is a mistake of ours.")
    message: str = about("What was wrong, in English, for developers.")


@object_type
class JobItem:
    """One thing that a job acts on."""

    view: strawberry.Private[JobItemView]
    position: int = about("Its place in the job, from 1.")
    subject_id: ID = about("The object: a subscription, in a plan migration.")
    state: JobItemState = about("What became of it.")
    refusal: JobItemRefusal | None = about("Why it was skipped, failed, or could not be undone.")
    result: JobResult | None = about("What was done to it, or would be by a dry run; null where nothing was.")
    money: JobMoney | None = about("What that did in money; null where it did nothing.")
    settled_at: datetime | None = about("When it was tried.")

    @classmethod
    def of(cls, view: JobItemView, kind: JobKind) -> "JobItem":
        """Show an item."""
        return cls(
            view=view,
            position=view.position,
            subject_id=ID(view.subject_id),
            state=view.state,
            refusal=JobItemRefusal(code=view.code, message=view.message) if view.code else None,
            result=RESULTS[kind](view) if view.result else None,
            money=JobMoney.of(view.money) if view.money.currency else None,
            settled_at=view.settled_at,
        )

    @field
    async def subscription(
        self, info: Info
    ) -> Annotated["Subscription", strawberry.lazy("schema.objects.subscription")] | None:
        """The subscription that it is about, for a key that may read subscriptions."""
        view = await nodes.subscription_if_open(info.context, self.view.subject_id)
        return show(view) if view else None


@shows(JobView)
@object_type
class Job(Node):
    """One act on many things: carried out item by item by the worker, each once, whatever crashes meanwhile."""

    view: strawberry.Private[JobView]
    kind: JobKind = about("What it does to each item.")
    state: JobState = about("Where it stands.")
    failure: str | None = about("Why it was given up as a whole.")
    actor: str | None = about("The human on the merchant's side who started it, where one was named.")
    channel: Channel = about("Where it was started.")
    created_at: datetime = about("When it was started.")
    started_at: datetime | None = about("When a worker began with it.")
    ended_at: datetime | None = about("When it ended.")
    undo_requested_at: datetime | None = about("When it was asked to take back what it did.")
    dry_run: bool = about("Whether it changes nothing: its items say what would happen.")

    @classmethod
    def of(cls, view: JobView) -> "Job":
        """Show a job."""
        return cls(
            view=view,
            id=ID(view.id),
            kind=view.kind,
            state=view.state,
            failure=view.failure or None,
            actor=view.actor or None,
            channel=view.channel,
            created_at=view.created_at,
            started_at=view.started_at,
            ended_at=view.ended_at,
            undo_requested_at=view.undo_at,
            dry_run=view.dry_run,
        )

    @field
    async def progress(self, info: Info) -> JobProgress:
        """How far it is."""
        return JobProgress.of(await resolved.progress(info.context, self.view))

    @field
    async def details(self, info: Info) -> JobDetails:
        """What it was asked to do."""
        if self.view.kind is JobKind.CANCELLATION:
            return BulkCancellation.of(read_cancellation(self.view.input))
        return PlanMigration.of(await resolved.migration_details(info.context, self.view))

    @field
    async def money(self, info: Info) -> list[JobMoney]:
        """What its items did in money so far, by currency, without those that were undone."""
        return [JobMoney.of(each) for each in await resolved.money(info.context, self.view)]

    @field
    async def items(
        self,
        info: Info,
        states: Annotated[
            list[JobItemState] | None, strawberry.argument(description="Only items in one of these states.")
        ] = UNSET,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[JobItem]:
        """Its items, in the order in which they were found."""
        wanted = given(states)
        page = await resolved.items(
            info.context, self.view, None if wanted is None else tuple(wanted), page_of(first, after)
        )
        return connection(page, partial(JobItem.of, kind=self.view.kind))
