"""Asking what a plan migration would do; the same function answers that carries it out."""

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.changes import MigrationPrices, MigrationTiming, PendingChanges
from billing.lifecycle import State
from resolvers import plan_migration_preview as resolved
from resolvers.plan_migration import MigrationAsked, MigrationFilter, PlanPinned
from resolvers.plan_migration_preview import migration_preview, preview_rows, preview_totals
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import IntervalInput, interval_of
from schema.objects.plan import Plan
from schema.objects.preview import SubscriptionChangePreview
from schema.objects.subscription import Subscription
from schema.promise import about, field, input_type, object_type, part_type
from schema.refusals import AnyQuestion, PlanNotAvailable, UserError, told_of
from schema.relay import FIRST, After, Connection, First, connection, page_of
from schema.texts import each, given, identifier, optional_text, optional_whole, short_enough, text

MOST_IDS = 1_000
MOST_STATES = 20


@input_type
class PlanVersionInput:
    """A plan, or one version of it."""

    plan_id: ID = about("The plan, by id or key.")
    version: int | None = about(
        "Its version. Left out: where it is moved from, every version; where it is moved to, the latest.", default=UNSET
    )

    def to_pinned(self, name: str) -> PlanPinned:
        """Check both."""
        return PlanPinned(text(self.plan_id, f"{name}.planId"), optional_whole(self.version, f"{name}.version"))


@input_type
class PlanMigrationFilterInput:
    """Which subscriptions of those on the plan; what is left out does not matter."""

    states: list[State] | None = about("In one of these states.", default=UNSET)
    currency: str | None = about("Held in this currency: its ISO 4217 code.", default=UNSET)
    interval: IntervalInput | None = about("Renewing this often.", default=UNSET)
    created_before: datetime | None = about("Made before this instant.", default=UNSET)
    subscription_ids: list[ID] | None = about("Among these, at most 1000.", default=UNSET)

    def to_filter(self) -> MigrationFilter:
        """Check what is wanted."""
        states = given(self.states)
        short_enough(states or (), "filter.states", MOST_STATES)
        return MigrationFilter(
            states=None if states is None else tuple(states),
            currency=optional_text(self.currency, "filter.currency", 3),
            interval=interval_of(self.interval),
            created_before=given(self.created_before),
            subscription_ids=each(given(self.subscription_ids), "filter.subscriptionIds", identifier, MOST_IDS),
        )


@input_type
class PlanMigrationPreviewInput:
    """A migration of subscriptions from a plan, or one version of it, to another of the same product."""

    source: PlanVersionInput = about("Where they are moved from.", name="from")
    target: PlanVersionInput = about("Where they are moved to.", name="to")
    when: MigrationTiming = about("When each of them moves.")
    prices: MigrationPrices = about("What each pays afterwards.")
    pending_changes: PendingChanges = about(
        "What happens where a change is pending already.", default=PendingChanges.KEEP
    )
    filter: PlanMigrationFilterInput | None = about("Which of them; all of them unless said.", default=UNSET)

    def to_asked(self) -> MigrationAsked:
        """Check every value."""
        return MigrationAsked(
            source=self.source.to_pinned("from"),
            target=self.target.to_pinned("to"),
            when=self.when,
            prices=self.prices,
            pending=self.pending_changes,
            filter=(given(self.filter) or PlanMigrationFilterInput()).to_filter(),
        )

    def to_command(self) -> Any:  # noqa: ANN401  (the start's own input makes another command of it)
        """Check every value."""
        return self.to_asked()


@object_type
class PlanMigrationRow:
    """What becomes of one subscription: `change` where it would move, `refusal` where it would be skipped."""

    subscription: Subscription = about("The subscription, as of now.")
    change: SubscriptionChangePreview | None = about(
        "What the move would do: what is gained, lost, over its limit and replaced."
    )
    refusal: UserError | None = about("Why it would be skipped.")

    @classmethod
    def of(cls, row: resolved.MigrationRow) -> "PlanMigrationRow":
        """Show what becomes of it."""
        return cls(
            subscription=Subscription.of(row.subscription),
            change=SubscriptionChangePreview.of(row.change) if row.change else None,
            refusal=told_of(row.refusal) if row.refusal else None,
        )


@object_type
class PlanMigrationSkips:
    """How many subscriptions would be skipped for one reason."""

    code: str = about("The stable name of the refusal.")
    count: int = about("How many.")


@object_type
class PlanMigrationTotals:
    """What would become of the subscriptions altogether."""

    examined: int = about("How many were looked at, at most 1000.")
    complete: bool = about("Whether these are all.")
    would_move: int = about("How many would move.")
    would_skip: list[PlanMigrationSkips] = about("How many would be skipped, by reason.")

    @classmethod
    def of(cls, totals: resolved.MigrationTotals) -> "PlanMigrationTotals":
        """Show totals."""
        return cls(
            examined=totals.examined,
            complete=totals.complete,
            would_move=totals.would_move,
            would_skip=[PlanMigrationSkips(code=code, count=count) for code, count in totals.skipped],
        )


@object_type
class PlanMigrationPreview:
    """What a plan migration would do. Nothing is written."""

    view: strawberry.Private[resolved.MigrationPreview]
    source: Plan = about(
        "The plan that would be left: the version that was named, else the latest, standing for any.", name="from"
    )
    target: Plan = about("The version that would be moved to.", name="to")

    @classmethod
    def of(cls, view: resolved.MigrationPreview) -> "PlanMigrationPreview":
        """Show a preview."""
        return cls(view=view, source=Plan.of(view.source), target=Plan.of(view.target))

    @field
    async def totals(self, info: Info) -> PlanMigrationTotals:
        """How many would move and how many would be skipped."""
        return PlanMigrationTotals.of(await preview_totals(info.context, self.view.migration))

    @field
    async def subscriptions(
        self, info: Info, first: First = FIRST, after: After = UNSET
    ) -> Connection[PlanMigrationRow]:
        """What would become of each, in the order in which a job takes them; at most 50 at a time."""
        page = await preview_rows(info.context, self.view.migration, page_of(first, after))
        return connection(page, PlanMigrationRow.of)


PlanMigrationPreviewAnswer: TypeAlias = Annotated[
    PlanMigrationPreview | AnyQuestion | PlanNotAvailable,
    strawberry.union(
        "PlanMigrationPreviewAnswer",
        description="What `planMigrationPreview` answers: what would happen, or how the migration would be refused.",
    ),
]


@part_type
class PlanMigrationQuery:
    """What a migration would do."""

    @field
    async def plan_migration_preview(
        self,
        info: Info,
        input: Annotated[PlanMigrationPreviewInput, strawberry.argument(description="What would be asked for.")],
    ) -> PlanMigrationPreviewAnswer:
        """What moving subscriptions to another plan, or another version of theirs, would do to each of them."""
        would = perform(migration_preview, info.context, input)
        return await answer(PlanMigrationPreviewAnswer, PlanMigrationPreview.of, would)
