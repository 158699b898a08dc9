"""What a plan migration would do to each subscription, by the code that does it; nothing is written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from billing.dataclass import dataclass
from billing.refusals import InvalidInput, Refusal, TemporarilyUnavailable
from models.paging import Page, Place, cursor_of, text_in
from resolvers.access import demand
from resolvers.plan_migration import Migration, arrange_move, migration_of, scan, targets
from resolvers.previews import preview_of

if TYPE_CHECKING:
    from models.reader import Reader
    from models.views import PlanView, SubscriptionView
    from resolvers.arranging import ChangeAsked
    from resolvers.context import Context
    from resolvers.inputs import PageOf
    from resolvers.plan_migration import MigrationAsked
    from resolvers.previews import ChangePreview

MOST: Final = 50
"""A page compares every entitlement of each of its customers."""

MOST_EXAMINED: Final = 40
"""Totals are of so many subscriptions at most: a preview is a question, not a job."""


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """What becomes of one subscription: `change` where it would move, the refusal where it would be skipped."""

    subscription: SubscriptionView
    change: ChangePreview | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class MigrationTotals:
    """How many of the examined subscriptions would move or be skipped; `complete` where these are all."""

    examined: int
    complete: bool
    would_move: int
    skipped: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MigrationPreview:
    """What is moved from and to; rows and totals are read when they are asked for."""

    migration: Migration
    source: PlanView
    target: PlanView


async def migration_preview(ctx: Context, asked: MigrationAsked) -> MigrationPreview:
    """Find what would be moved from and to, or refuse as the start would."""
    demand(ctx, "planMigrationPreview")
    async with ctx.read() as read:
        migration = await migration_of(read, asked)
        source, target = await targets(read, migration)
    return MigrationPreview(migration, source, target)


async def preview_rows(ctx: Context, migration: Migration, page: PageOf) -> Page[MigrationRow]:
    """Show a page of what would become of the subscriptions, in the order in which a job takes them."""
    if not 1 <= page.first <= MOST:
        raise InvalidInput(f"Ask for 1 to {MOST} rows: each compares every entitlement.", field="first")
    beyond = text_in(page.after) if page.after is not None else ""
    async with ctx.read() as read:
        found, last = await _next(read, ctx, migration, beyond, page.first + 1)
        places = [Place(await _row(ctx, read, migration, view), (view.id,), cursor_of) for view in found[: page.first]]
    return Page(tuple(places), not last or len(found) > page.first, page.after is not None)


async def preview_totals(ctx: Context, migration: Migration) -> MigrationTotals:
    """Count what would become of the subscriptions, up to a bound in number and time."""
    examined, moves, beyond, last, left_out = 0, 0, "", False, False
    skipped: Counter[str] = Counter()
    async with ctx.read() as read:
        while not last and examined < MOST_EXAMINED and ctx.in_time():
            views, beyond, last = await scan(read, migration, ctx.at, beyond)
            left_out = len(views) > MOST_EXAMINED - examined
            for view in views[: MOST_EXAMINED - examined]:
                if not ctx.in_time():
                    return MigrationTotals(examined, complete=False, would_move=moves, skipped=_sorted(skipped))
                refusal = await _refusal(ctx, read, migration, view)
                moves += refusal is None
                skipped.update([] if refusal is None else [refusal.code])
                examined += 1
    return MigrationTotals(examined, last and not left_out, moves, _sorted(skipped))


def _sorted(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items()))


async def _next(
    read: Reader, ctx: Context, migration: Migration, beyond: str, wanted: int
) -> tuple[list[SubscriptionView], bool]:
    """Find the next subscriptions that are meant, and whether the end was reached."""
    found: list[SubscriptionView] = []
    last = False
    while not last and len(found) < wanted and ctx.in_time():
        views, beyond, last = await scan(read, migration, ctx.at, beyond)
        found += views
    return found, last


@dataclass(frozen=True, slots=True)
class Move:
    """What a migration asks of one subscription, as a change asks it."""

    subscription_id: str
    change: ChangeAsked
    idempotency_key: str | None = None
    actor: str = ""

    def asked(self) -> ChangeAsked:
        """What is asked for, as the arranging knows it."""
        return self.change


async def _row(ctx: Context, read: Reader, migration: Migration, view: SubscriptionView) -> MigrationRow:
    try:
        arranged = await arrange_move(ctx, read, migration, view, ctx.at)
    except TemporarilyUnavailable:
        raise
    except Refusal as refusal:
        return MigrationRow(view, None, refusal)
    move = Move(view.id, migration.asked(view.facts))
    return MigrationRow(view, await preview_of(ctx, read, view, arranged, move), None)


async def _refusal(ctx: Context, read: Reader, migration: Migration, view: SubscriptionView) -> Refusal | None:
    try:
        await arrange_move(ctx, read, migration, view, ctx.at)
    except TemporarilyUnavailable:
        raise
    except Refusal as refusal:
        return refusal
    return None
