"""What would happen."""

from datetime import datetime

import strawberry

from billing.changes import Direction
from billing.lifecycle import CancelTiming, ChangeTiming
from billing.schedules import ProrationBehavior
from resolvers import previews
from resolvers.instalments import instalments_of
from resolvers.previews import ChangeOfAccess
from resolvers.rehearsing import change_rehearsed, end_rehearsed, undo_rehearsed
from schema.info import Info
from schema.objects.explanation import EntitlementLevel
from schema.objects.feature import Feature
from schema.objects.instalments import Instalments
from schema.objects.money_preview import MoneyPreview
from schema.objects.period import Period
from schema.objects.plan import Plan
from schema.objects.scheduled_change import ScheduledChange
from schema.promise import about, field, object_type
from schema.scalars import JSON, Amount


def level_of(side: previews.EntitlementSide | None) -> EntitlementLevel | None:
    """Show one side of a change; nothing where nothing is given."""
    if side is None:
        return None
    return EntitlementLevel(
        granted=side.granted,
        limit=None if side.limit is None else Amount(side.limit),
        unlimited=side.unlimited,
        value=None if side.value is None else JSON(side.value),
    )


@object_type
class EntitlementChange:
    """What becomes of one feature."""

    feature: Feature = about("The feature.")
    kind: ChangeOfAccess = about("What happens to it.")
    before: EntitlementLevel | None = about("What is given then without it; null is nothing.")
    after: EntitlementLevel | None = about("What is given afterwards; null is nothing.")
    used: Amount | None = about("The present usage, of a metered feature.")
    over_by: Amount | None = about("How far the present usage is above what is given afterwards.")

    @classmethod
    def of(cls, view: previews.EntitlementChange) -> "EntitlementChange":
        """Show a change."""
        return cls(
            feature=Feature.of(view.feature),
            kind=view.kind,
            before=level_of(view.before),
            after=level_of(view.after),
            used=None if view.used is None else Amount(view.used),
            over_by=None if view.over_by is None else Amount(view.over_by),
        )


@object_type
class SubscriptionChangePreview:
    """What a change of plan, interval, quantity or add-ons would do. (S6)"""

    view: strawberry.Private[previews.ChangePreview]
    direction: Direction = about("Which way it goes.")
    timing: ChangeTiming = about("When it would take effect.")
    applies_at: datetime = about("The instant at which it would.")
    plan: Plan = about("The plan version afterwards.")
    entitlements: list[EntitlementChange] = about("What is gained, lost, raised, lowered and kept.")
    replaced_changes: list[ScheduledChange] = about("The pending changes that it would take the place of.")
    undoes_cancellation: bool = about("Whether a pending cancellation would be undone.")
    rule: str = about("The name of the rule that speaks for it; `default` where no other does.")
    proration_behavior: ProrationBehavior = about("What it would do with billed time, where it takes effect at once.")

    @classmethod
    def of(cls, view: previews.ChangePreview) -> "SubscriptionChangePreview":
        """Show a preview."""
        return cls(
            view=view,
            direction=view.direction,
            timing=view.timing,
            applies_at=view.applies_at,
            plan=Plan.of(view.plan),
            entitlements=[EntitlementChange.of(change) for change in view.entitlements],
            replaced_changes=[ScheduledChange.of(change) for change in view.replaces],
            undoes_cancellation=view.undoes_cancellation,
            rule=view.ruling.rule,
            proration_behavior=view.ruling.proration,
        )

    @field
    async def money(self, info: Info) -> MoneyPreview:
        """What it would cost."""
        return MoneyPreview.of(await change_rehearsed(info.context, self.view.command))


@object_type
class SubscriptionCancellationPreview:
    """What a cancellation would do."""

    view: strawberry.Private[previews.CancellationPreview]
    timing: CancelTiming = about("When it would take effect.")
    effective_at: datetime = about("The instant at which the subscription would end.")
    access_ends_at: datetime = about("The instant at which its access would end.")
    continues_on: Plan | None = about("The plan on which the customer goes on then; null where it just ends. (S7)")
    entitlements: list[EntitlementChange] = about("What would be lost, and what stays or comes from other purchases.")
    dropped_changes: list[ScheduledChange] = about("The pending changes that would no longer happen.")

    @classmethod
    def of(cls, view: previews.CancellationPreview) -> "SubscriptionCancellationPreview":
        """Show a preview."""
        return cls(
            view=view,
            timing=view.timing,
            effective_at=view.effective_at,
            access_ends_at=view.access_ends_at,
            continues_on=None if view.continues_on is None else Plan.of(view.continues_on),
            entitlements=[EntitlementChange.of(change) for change in view.entitlements],
            dropped_changes=[ScheduledChange.of(change) for change in view.drops],
        )

    @field
    async def instalments(self, info: Info) -> Instalments | None:
        """How far its instalments are without the cancellation, and what is still owed; null where it has none. (K4)"""
        view = await instalments_of(info.context, self.view.view)
        return Instalments.of(view) if view else None

    @field
    async def money(self, info: Info) -> MoneyPreview:
        """What becomes of the money: at once, and up to the end."""
        return MoneyPreview.of(await end_rehearsed(info.context, self.view.command))


@object_type
class SubscriptionCancellationUndoPreview:
    """What taking a pending cancellation back would do. (K15)"""

    view: strawberry.Private[previews.UndoPreview]
    would_have_ended_at: datetime = about("When the subscription would have ended.")
    current_period: Period = about(
        "The present period afterwards: payments resume at its end, as they were due before."
    )
    proration_behavior: ProrationBehavior = about("What it would do with time: what was said, or the usual.")
    missed_period: Period | None = about(
        "The rest of a period that was billed up to the end only when it began, and that no invoice has billed: it is"
        " invoiced at once unless `prorationBehavior` says otherwise. Null where there is none. (K15)"
    )
    entitlements: list[EntitlementChange] = about("What would be kept that would have been lost, at the end's instant.")

    @classmethod
    def of(cls, view: previews.UndoPreview) -> "SubscriptionCancellationUndoPreview":
        """Show a preview."""
        return cls(
            view=view,
            would_have_ended_at=view.would_have_ended_at,
            current_period=Period.of(view.period),
            proration_behavior=view.behavior,
            missed_period=Period.of(view.missed) if view.missed else None,
            entitlements=[EntitlementChange.of(change) for change in view.entitlements],
        )

    @field
    async def money(self, info: Info) -> MoneyPreview:
        """What is invoiced at once and next. A credit that waits is `dropped`, one that was invoiced charged again."""
        return MoneyPreview.of(await undo_rehearsed(info.context, self.view.command))
