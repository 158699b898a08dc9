"""The pages around the end of a subscription: what would end, what was done, how it stands. (R1, R3, T3, T6, K14)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.amounts import parse_amount
from billing.lifecycle import CancelTiming, Channel
from plangate.portal.answers import HOME
from plangate.portal.overview import cancel_path, keep_form, owed, plan_name
from plangate.portal.pages import render_confirm, render_status
from plangate.portal.promises import written
from plangate.portal.views import Action, ConfirmCancel, Form, Outcome, StatusPage, Survey
from resolvers.acts import found_subscription
from resolvers.going_on import JUST_BEFORE
from resolvers.previews import ChangeOfAccess, cancellation_preview
from resolvers.subscription_cancel import SubscriptionCancel
from resolvers.subscriptions import available_actions
from widgets_config.formats import format_amount

if TYPE_CHECKING:
    from models.views import FeatureView, SubscriptionView
    from plangate.portal.sessions import Guest
    from plangate.portal.views import Frame
    from resolvers.previews import CancellationPreview, EntitlementChange, EntitlementSide

SHOWN_FIELD: Final = "shown"
"""What the confirmation page said about the end, so that nobody confirms something else than they read."""

_OWN: Final = (Channel.PORTAL, Channel.CUSTOMER)


def status_path(subscription_id: str) -> str:
    """Where a subscription's cancellation stands; the page is made from what is so, never from what was asked."""
    return f"{HOME}/subscriptions/{subscription_id}/status"


async def held(guest: Guest, subscription_id: str) -> SubscriptionView:
    """Find one of the visitor's own subscriptions; raises `NotFound` for another's and for none alike."""
    async with guest.ctx.read() as read:
        return await found_subscription(guest.ctx, read, subscription_id)


async def confirm_page(guest: Guest, view: SubscriptionView) -> str:
    """Ask for confirmation, or show how it stands where it is cancelled already (T6)."""
    if not view.facts.live:
        return await status_page(guest, view, Outcome.ALREADY_ENDED)
    if view.facts.cancel_at is not None:
        return await status_page(guest, view, Outcome.ALREADY_CANCELED)
    preview = await preview_of(guest, view)
    ends_at = None if preview.timing is CancelTiming.IMMEDIATE else preview.effective_at
    confirm = ConfirmCancel(
        guest.frame,
        await plan_name(guest.ctx, view.facts.plan_version_id),
        ends_at,
        Form(cancel_path(view.id), ((SHOWN_FIELD, shown(preview)),)),
        HOME,
        moves_to=preview.continues_on.name if preview.continues_on is not None else None,
        losses=tuple(filter(None, (_loss(change, guest.frame) for change in preview.entitlements))),
        undo_until=ends_at,
        owed=await owed(guest.ctx, view),
    )
    return render_confirm(confirm)


async def preview_of(guest: Guest, view: SubscriptionView) -> CancellationPreview:
    """Decide what the customer's own cancellation would do now, or refuse it by name."""
    return await cancellation_preview(guest.ctx, SubscriptionCancel(view.id, plan=view.facts.plan_id))


def shown(preview: CancellationPreview) -> str:
    """Name an end as a page shows it."""
    at_once = preview.timing is CancelTiming.IMMEDIATE
    when = preview.timing.value if at_once else preview.effective_at.isoformat()
    return when if preview.continues_on is None else f"{when} {preview.continues_on.version_id}"


def outcome_of(view: SubscriptionView) -> Outcome | None:
    """Read what came of the last act off the subscription; None where there is nothing to tell."""
    if not view.facts.live:
        return Outcome.CANCELED_NOW if view.cancellation is not None else Outcome.ALREADY_ENDED
    if view.facts.cancel_at is not None:
        return Outcome.CANCELED_AT
    if view.went_on:
        return Outcome.CANCELED_NOW
    return Outcome.KEPT if view.cancellation is not None and view.cancellation.undone_at is not None else None


async def status_page(guest: Guest, view: SubscriptionView, outcome: Outcome) -> str:
    """Say how a subscription stands; the question why is put here, while nobody has answered it."""
    standing = view.cancellation if view.cancellation is not None and view.cancellation.undone_at is None else None
    told = outcome in (Outcome.CANCELED_AT, Outcome.CANCELED_NOW) and standing is not None
    status = StatusPage(
        guest.frame,
        outcome,
        HOME,
        await plan_name(guest.ctx, await _left(guest, view)),
        ends_at=view.facts.cancel_at or view.facts.ended_at or view.facts.went_on_at,
        received_at=standing.requested_at if told and standing is not None else None,
        actions=await _keep(guest, view),
        survey_after=_survey(guest.frame, view),
    )
    return render_status(status)


async def _left(guest: Guest, view: SubscriptionView) -> str:
    """The version of the plan that was cancelled: where the customer goes on, that is another one by now. (S7)"""
    came = view.facts.went_on_at
    if view.facts.cancel_at is not None or came is None or not view.went_on:
        return view.facts.plan_version_id
    async with guest.ctx.read() as read:
        lives = await read.subscriptions.facts_of(view.customer_id, came - JUST_BEFORE)
    return next((facts for _, _, facts in lives if facts.id == view.id), view.facts).plan_version_id


async def thanks_page(guest: Guest, view: SubscriptionView) -> str:
    """Thank for an answer."""
    name = await plan_name(guest.ctx, view.facts.plan_version_id)
    return render_status(StatusPage(guest.frame, Outcome.THANKS, HOME, name))


async def change_undone_page(guest: Guest, view: SubscriptionView) -> str:
    """Say that a planned change is not made."""
    name = await plan_name(guest.ctx, view.facts.plan_version_id)
    return render_status(StatusPage(guest.frame, Outcome.CHANGE_UNDONE, HOME, name))


async def _keep(guest: Guest, view: SubscriptionView) -> tuple[Action, ...]:
    kind = "UNDO_CANCELLATION"
    offered = await available_actions(guest.ctx, view)
    if not any(action.kind.value == kind and action.enabled for action in offered):
        return ()
    return (Action(kind, guest.frame.action_label(kind), form=keep_form(view.id)),)


def _survey(frame: Frame, view: SubscriptionView) -> tuple[Survey, Form] | None:
    """The question is for who cancelled here: not for a merchant's act, and not twice."""
    kept = view.cancellation
    if kept is None or kept.undone_at is not None or kept.reason is not None or kept.channel not in _OWN:
        return None
    return Survey.seeded(frame), Form(f"{HOME}/subscriptions/{view.id}/reason")


def _loss(change: EntitlementChange, frame: Frame) -> str | None:
    """Name what is gone afterwards, or is less, or is another; None for what stays."""
    if change.kind is ChangeOfAccess.LOST:
        return change.feature.name
    if change.kind not in (ChangeOfAccess.LOWERED, ChangeOfAccess.CHANGED):
        return None
    before, after = (_side(change.feature, side, frame.language) for side in (change.before, change.after))
    return f"{change.feature.name}: {before} → {after}"


def _side(feature: FeatureView, side: EntitlementSide | None, language: str) -> str:
    if side is None:
        return "–"  # noqa: RUF001  (nothing, as a person writes it)
    if side.unlimited:
        return "∞"
    if side.limit is not None:
        return format_amount(parse_amount(side.limit, feature.scale), feature.scale, language)
    return written(side.value, language)
