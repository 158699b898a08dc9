"""Moving subscriptions from a plan, or one version of it, to another: whom it is about, and what becomes of each.

Publishing moves nobody; this does. Each subscription is decided by the rules of a single change (`arranging.py`).
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from billing.calendar import Interval, IntervalUnit
from billing.catalog.values import PlanKind
from billing.changes import TIMING_OF_MIGRATION, MigrationPrices, MigrationTiming, PendingChanges
from billing.dataclass import dataclass
from billing.lifecycle import ChangeStatus, State
from billing.refusals import AlreadyApplied, InvalidInput, MovedMeanwhile
from billing.subscriptions import Scheduled
from resolvers import checks
from resolvers.access import not_found
from resolvers.arranging import ChangeAsked, arrange
from resolvers.changing import carry_out
from resolvers.offering import plan_wanted
from resolvers.taking_back import take_back

if TYPE_CHECKING:
    from billing.subscriptions import Facts
    from models.job_views import JobItemView, JobView
    from models.reader import Reader
    from models.views import PlanView, ScheduledChangeView, SubscriptionView
    from models.work import Work
    from resolvers.arranging import Arranged
    from resolvers.context import Caller

SCANNED = 200
"""How many subscriptions are read at once to find those that are meant."""


@dataclass(frozen=True, slots=True)
class PlanPinned:
    """A plan by id or key; without a version `from` means any version, `to` the latest published one."""

    plan: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class MigrationFilter:
    """Which subscriptions of those on the plan; None asks for any."""

    states: tuple[State, ...] | None = None
    currency: str | None = None
    interval: Interval | None = None
    created_before: datetime | None = None
    subscription_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class MigrationAsked:
    """What is asked for, as the caller names it."""

    source: PlanPinned
    target: PlanPinned
    when: MigrationTiming
    prices: MigrationPrices
    pending: PendingChanges = PendingChanges.KEEP
    filter: MigrationFilter = field(default_factory=MigrationFilter)


@dataclass(frozen=True, slots=True)
class Migration:
    """What is asked for, by ids; `from_version_id` None is any version but the target's."""

    from_plan_id: str
    from_version_id: str | None
    to_plan_id: str
    to_version_id: str
    to_version: int
    when: MigrationTiming
    prices: MigrationPrices
    pending: PendingChanges
    filter: MigrationFilter

    def meant(self, facts: Facts) -> bool:
        """Whether a subscription with these facts is on the plan that is left, and within the filter."""
        if not facts.live or facts.plan_id != self.from_plan_id:
            return False
        if self.from_version_id is None:
            held = facts.plan_version_id != self.to_version_id
        else:
            held = facts.plan_version_id == self.from_version_id
        wanted = self.filter
        return (
            held
            and (wanted.states is None or facts.state in wanted.states)
            and wanted.currency in (None, facts.currency)
            and wanted.interval in (None, facts.interval)
        )

    def asked(self, facts: Facts) -> ChangeAsked:
        """The change that it is for one subscription: currency and interval stay."""
        return ChangeAsked(
            plan=self.to_plan_id,
            version=self.to_version,
            currency=facts.currency or None,
            interval=facts.interval,
            timing=TIMING_OF_MIGRATION[self.when],
            prices=self.prices,
            pending=self.pending,
        )


async def migration_of(read: Reader, asked: MigrationAsked) -> Migration:
    """Find the plans, and refuse what could move nobody."""
    source = await read.catalog.plan(asked.source.plan, asked.source.version)
    if source is None:
        raise not_found("Plan", "from")
    target = await plan_wanted(read, asked.target.plan, asked.target.version, merchant=True, held=source)
    pinned = source.version_id if asked.source.version is not None else None
    if pinned == target.version_id and asked.prices is MigrationPrices.KEEP:
        raise InvalidInput("From and to are the same version, and the prices stay: nothing would change.", field="to")
    if asked.prices is MigrationPrices.KEEP and not target.prices and target.kind is not PlanKind.CUSTOM:
        raise InvalidInput("The target charges nothing: ask for its own prices (NEW).", field="prices")
    checks.currency(asked.filter.currency)
    return Migration(
        from_plan_id=source.id,
        from_version_id=pinned,
        to_plan_id=target.id,
        to_version_id=target.version_id,
        to_version=target.version,
        when=asked.when,
        prices=asked.prices,
        pending=asked.pending,
        filter=asked.filter,
    )


async def scan(
    read: Reader, migration: Migration, made_by: datetime, beyond: str, limit: int = SCANNED
) -> tuple[list[SubscriptionView], str, bool]:
    """Read the next subscriptions that are meant, how far that got, and whether it was the last of them."""
    before = migration.filter.created_before
    found = await read.subscriptions.perhaps_on(
        migration.from_plan_id,
        migration.from_version_id,
        made_by,
        beyond,
        limit,
        among=migration.filter.subscription_ids,
    )
    meant = [view for view in found if migration.meant(view.facts) and (before is None or view.created_at < before)]
    return meant, found[-1].id if found else beyond, len(found) < limit


async def arrange_move(
    by: Caller, read: Reader, migration: Migration, view: SubscriptionView, at: datetime
) -> Arranged:
    """Decide what becomes of one subscription, or refuse it by name; the preview and the job ask this."""
    if not migration.meant(view.facts):
        raise MovedMeanwhile("The subscription is not where the migration moves from any more.")
    return await arrange(by, read, view, migration.asked(view.facts), at)


async def targets(read: Reader, migration: Migration) -> tuple[PlanView, PlanView]:
    """Read the plan that is left (its latest version where none is pinned), and the version that is moved to."""
    left = migration.from_version_id
    found = await read.catalog.versions_by_id([each for each in (left, migration.to_version_id) if each])
    source = found[left] if left else (await read.catalog.plans_by_id([migration.from_plan_id]))[migration.from_plan_id]
    return source, found[migration.to_version_id]


class MigrationWork:
    """What a job of this kind does: find its subscriptions, move each, take each move back while it waits."""

    async def subjects(self, read: Reader, job: JobView) -> tuple[list[tuple[str, str]], str, bool]:
        """The next (customer, subscription) pairs, how far that got, and whether it was the last of them."""
        views, to, last = await scan(read, read_migration(job.input), job.created_at, job.listed_to)
        return [(view.customer_id, view.id) for view in views], to, last

    async def do(self, by: Caller, work: Work, job: JobView, item: JobItemView) -> dict[str, Any]:
        """Move one subscription, or schedule its move."""
        view = await work.subscriptions.by_id(item.subject_id)
        if view is None:
            raise not_found("Subscription", None)
        arranged = await arrange_move(by, work, read_migration(job.input), view, work.at)
        outcome = await carry_out(work, view, arranged)
        return {
            "change_id": outcome["change_id"],
            "replaced": outcome["replaced"],
            "applies_at": arranged.applies_at.isoformat(),
            "from_version_id": view.facts.plan_version_id,
            "to_version_id": arranged.plan.version_id,
        }

    async def undo(self, by: Caller, work: Work, item: JobItemView) -> dict[str, Any]:  # noqa: ARG002  (the protocol's)
        """Take the move of one subscription back, and let wait again what it replaced and what can still happen."""
        change_id: Any = item.result["change_id"]
        change = await work.subscriptions.change(change_id) if change_id else None
        if change is None or change.status is not ChangeStatus.PENDING:
            status = ChangeStatus.APPLIED if change is None else change.status
            raise AlreadyApplied("The move is no longer pending: it stays.", status=status.value)
        view = await work.subscriptions.by_id(item.subject_id)
        if view is None:
            raise not_found("Subscription", None)
        replaced: Any = item.result["replaced"]
        before = [await work.subscriptions.change(each) for each in replaced]
        restored = tuple(
            scheduled(each)
            for each in before
            if each is not None and each.applies_at > work.at and _free(view.facts, each, but=change.id)
        )
        await take_back(work, view, change.id, restored)
        return {**item.result, "restored": [each.id for each in restored]}


def _free(facts: Facts, change: ScheduledChangeView, *, but: str) -> bool:
    """Whether nothing else of its kind has been scheduled since."""
    return all(each.id == but or (each.kind, each.item) != (change.kind, change.item) for each in facts.scheduled)


def scheduled(change: ScheduledChangeView) -> Scheduled:
    """A change as the facts hold it."""
    kept = Scheduled(change.id, change.kind, change.applies_at, change.item, change.target, change.quantity)
    return replace(kept, job_id=change.job_id or "", until_fits=change.until_fits)


def keep_migration(migration: Migration) -> dict[str, Any]:
    """Write a migration as a job's input."""
    wanted = migration.filter
    return {
        "from_plan_id": migration.from_plan_id,
        "from_version_id": migration.from_version_id,
        "to_plan_id": migration.to_plan_id,
        "to_version_id": migration.to_version_id,
        "to_version": migration.to_version,
        "when": migration.when.value,
        "prices": migration.prices.value,
        "pending": migration.pending.value,
        "filter": {
            "states": None if wanted.states is None else [state.value for state in wanted.states],
            "currency": wanted.currency,
            "interval": None if wanted.interval is None else [wanted.interval.unit.value, wanted.interval.count],
            "created_before": None if wanted.created_before is None else wanted.created_before.isoformat(),
            "subscription_ids": None if wanted.subscription_ids is None else list(wanted.subscription_ids),
        },
    }


def read_migration(kept: dict[str, Any]) -> Migration:
    """Read what `keep_migration` wrote."""
    wanted = kept["filter"]
    interval, before, ids = wanted["interval"], wanted["created_before"], wanted["subscription_ids"]
    return Migration(
        from_plan_id=kept["from_plan_id"],
        from_version_id=kept["from_version_id"],
        to_plan_id=kept["to_plan_id"],
        to_version_id=kept["to_version_id"],
        to_version=kept["to_version"],
        when=MigrationTiming(kept["when"]),
        prices=MigrationPrices(kept["prices"]),
        pending=PendingChanges(kept["pending"]),
        filter=MigrationFilter(
            states=None if wanted["states"] is None else tuple(State(state) for state in wanted["states"]),
            currency=wanted["currency"],
            interval=None if interval is None else Interval(IntervalUnit(interval[0]), interval[1]),
            created_before=None if before is None else datetime.fromisoformat(before),
            subscription_ids=None if ids is None else tuple(ids),
        ),
    )
