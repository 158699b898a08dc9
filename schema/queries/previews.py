"""Asking what an act would do; the same function answers that carries the act out."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from billing.lifecycle import CancelTiming, ChangeTiming
from billing.schedules import MOST_CYCLES, ProrationBehavior
from resolvers import checks
from resolvers.previews import cancellation_preview, change_preview, undo_preview
from resolvers.subscription_cancel import SubscriptionCancel
from resolvers.subscription_cancellation_undo import CancellationUndo
from resolvers.subscription_change import SubscriptionChange
from schema.answers import answer, perform
from schema.ending_refusals import BilledChangeRefusal, CancelRefusal, UndoRefusal
from schema.ending_terms import EndMoneyInput
from schema.info import Info
from schema.inputs import AddOnInput, IntervalInput, NoticeInput, add_ons_of, interval_of, notice_of
from schema.limit_refusals import UsageOverLimit
from schema.objects.preview import (
    SubscriptionCancellationPreview,
    SubscriptionCancellationUndoPreview,
    SubscriptionChangePreview,
)
from schema.promise import BILLED_TIME, about, field, input_type, part_type
from schema.refusals import AnyQuestion
from schema.schedule_refusals import ManagedBySchedule
from schema.texts import given, identifier, optional_text, optional_whole

PREVIEWED = strawberry.argument(description="What would be asked for.")


@input_type
class SubscriptionChangePreviewInput:
    """A change of plan, interval, quantity or add-ons; what is left out stays."""

    subscription_id: ID = about("The subscription.")
    plan_id: ID | None = about("The plan to move to, by id or key.", default=UNSET)
    version: int | None = about("Its version; the latest published one unless said.", default=UNSET)
    currency: str | None = about("The ISO 4217 code of the currency, where none was agreed before.", default=UNSET)
    interval: IntervalInput | None = about("How often it renews afterwards.", default=UNSET)
    quantity: int | None = about("How many of the plan.", default=UNSET)
    add_ons: list[AddOnInput] | None = about("The whole set of add-ons afterwards.", default=UNSET)
    timing: ChangeTiming | None = about(
        "When it takes effect; the rules say so otherwise. Merchants only.", default=UNSET
    )
    undo_cancellation: bool = about("Whether a pending cancellation is undone by it.", default=False)
    proration_behavior: ProrationBehavior | None = about(BILLED_TIME, default=UNSET)

    def to_command(self) -> SubscriptionChange:
        """Check every value."""
        return SubscriptionChange(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            plan=optional_text(self.plan_id, "planId"),
            version=optional_whole(self.version, "version"),
            currency=optional_text(self.currency, "currency", 3),
            interval=interval_of(self.interval),
            quantity=optional_whole(self.quantity, "quantity", most=checks.MOST_QUANTITY),
            add_ons=add_ons_of(self.add_ons),
            timing=given(self.timing),
            undo_cancellation=self.undo_cancellation,
            proration=given(self.proration_behavior),
        )


@input_type
class SubscriptionCancellationPreviewInput(EndMoneyInput):
    """A cancellation."""

    subscription_id: ID = about("The subscription.")
    timing: CancelTiming | None = about(
        "When it takes effect; the policy says so otherwise. Merchants only.", default=UNSET
    )
    plan_id: ID | None = about(
        "The plan that is meant, by id or key. Needed where an earlier cancellation has come and led to the plan that"
        " is held, so that the same request twice never ends that too. (S7)",
        default=UNSET,
    )
    date: datetime | None = about(
        "The instant, with timing ON_DATE only: after now, at most ten years away.", default=UNSET
    )
    cycles: int | None = about(
        "With timing AFTER_CYCLES only: after how many periods, 1 being the present one. Merchants only.", default=UNSET
    )
    notice: NoticeInput | None = about(
        "With timing AFTER_NOTICE only: how long before its end it is said. Merchants only.", default=UNSET
    )

    def to_command(self) -> SubscriptionCancel:
        """Check every value."""
        return SubscriptionCancel(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            timing=given(self.timing),
            date=given(self.date),
            cycles=optional_whole(self.cycles, "cycles", most=MOST_CYCLES),
            plan=optional_text(self.plan_id, "planId"),
            notice=notice_of(self.notice),
            money=self.to_money(),
        )


@input_type
class SubscriptionCancellationUndoPreviewInput:
    """The subscription to keep."""

    subscription_id: ID = about("The subscription.")
    proration_behavior: ProrationBehavior | None = about(
        "What is done with time that is wanted back: CREATE_PRORATIONS leaves what is charged to the next invoice,"
        " ALWAYS_INVOICE invoices it at once, NONE charges nothing for time that no invoice has billed. What was given"
        " back is taken back in any case. Unless said, the rest of a period that was billed up to the end only is"
        " invoiced at once, and anything else with the next invoice. (C18, K15) Merchants only.",
        default=UNSET,
    )

    def to_command(self) -> CancellationUndo:
        """Check every value."""
        return CancellationUndo(
            subscription_id=identifier(self.subscription_id, "subscriptionId"),
            proration=given(self.proration_behavior),
        )


SubscriptionChangePreviewAnswer: TypeAlias = Annotated[
    SubscriptionChangePreview | AnyQuestion | BilledChangeRefusal | ManagedBySchedule | UsageOverLimit,
    strawberry.union(
        "SubscriptionChangePreviewAnswer",
        description="What `subscriptionChangePreview` answers: what would happen, or how the change would be refused.",
    ),
]
SubscriptionCancellationPreviewAnswer: TypeAlias = Annotated[
    SubscriptionCancellationPreview | AnyQuestion | CancelRefusal | ManagedBySchedule,
    strawberry.union(
        "SubscriptionCancellationPreviewAnswer",
        description="What `subscriptionCancellationPreview` answers: what would happen, or how it would be refused.",
    ),
]
SubscriptionCancellationUndoPreviewAnswer: TypeAlias = Annotated[
    SubscriptionCancellationUndoPreview | AnyQuestion | UndoRefusal | ManagedBySchedule,
    strawberry.union(
        "SubscriptionCancellationUndoPreviewAnswer",
        description="What `subscriptionCancellationUndoPreview` answers: what would happen, or how it is refused.",
    ),
]


@part_type
class PreviewsQuery:
    """What would happen."""

    @field
    async def subscription_change_preview(
        self,
        info: Info,
        input: Annotated[SubscriptionChangePreviewInput, PREVIEWED],
    ) -> SubscriptionChangePreviewAnswer:
        """What a change or downgrade would do: what is gained, lost, over its limit and replaced. (S6)"""
        would = perform(change_preview, info.context, input)
        return await answer(SubscriptionChangePreviewAnswer, SubscriptionChangePreview.of, would)

    @field
    async def subscription_cancellation_preview(
        self,
        info: Info,
        input: Annotated[SubscriptionCancellationPreviewInput, PREVIEWED],
    ) -> SubscriptionCancellationPreviewAnswer:
        """What a cancellation would do: when it takes effect, when access ends, what is lost, and the money. (K8)"""
        would = perform(cancellation_preview, info.context, input)
        return await answer(SubscriptionCancellationPreviewAnswer, SubscriptionCancellationPreview.of, would)

    @field
    async def subscription_cancellation_undo_preview(
        self,
        info: Info,
        input: Annotated[SubscriptionCancellationUndoPreviewInput, PREVIEWED],
    ) -> SubscriptionCancellationUndoPreviewAnswer:
        """What taking a pending cancellation back would do: what is invoiced now, charged again and kept. (K15, C18)"""
        would = perform(undo_preview, info.context, input)
        return await answer(SubscriptionCancellationUndoPreviewAnswer, SubscriptionCancellationUndoPreview.of, would)
