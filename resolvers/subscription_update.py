"""What stays open about a subscription for good: its metadata, and why it was cancelled. (C3)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.lifecycle import OWN_REASONS, SEEDED_REASONS, CancelReason
from billing.refusals import InvalidInput, NoCancellationPending
from models.work import Happening
from resolvers import checks
from resolvers.access import merchant_argument
from resolvers.acts import act, found_subscription, open_to, owner_of_subscription
from resolvers.cancellation_reason_give import TAKES_COMMENT, keep_reason
from resolvers.changing import read_subscription

if TYPE_CHECKING:
    from typing import Any

    from models.views import CancellationView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context

REASON, COMMENT = "cancellationReason", "cancellationComment"


@dataclass(frozen=True, slots=True)
class SubscriptionUpdate:
    """What to set; None leaves it as it is. Metadata is replaced as a whole; a reason and a comment each alone."""

    subscription_id: str
    metadata: dict[str, str] | None = None
    reason: CancelReason | None = None
    comment: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionUpdated:
    """The subscription as it is now."""

    subscription: SubscriptionView
    replayed: bool


async def update(ctx: Context, command: SubscriptionUpdate) -> SubscriptionUpdated:
    """Set what is asked, before the end and after it; what is so already is no event."""
    open_to(ctx, "subscriptionUpdate", command)
    merchant_argument(ctx, "metadata", given=command.metadata is not None)
    merchant_argument(ctx, REASON, given=command.reason is CancelReason.REPLACED)
    _demand_said(command)

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        if command.reason is not None or command.comment is not None:
            await _say_why(work, view, command, merchant=ctx.principal.merchant)
        if command.metadata is not None and command.metadata != view.metadata:
            await _label(work, view, command.metadata)
        return {"subscription_id": view.id}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "subscriptionUpdate", command, owner, body)
    return SubscriptionUpdated(await read_subscription(ctx, outcome), replayed)


def _demand_said(command: SubscriptionUpdate) -> None:
    checks.metadata(command.metadata)
    checks.optional_text(command.comment, COMMENT, checks.COMMENT)
    if command.reason in OWN_REASONS:
        raise InvalidInput("Plangate itself ends subscriptions for this reason: give another.", field=REASON)
    if command.metadata is None and command.reason is None and command.comment is None:
        raise InvalidInput("Say what to set: metadata, cancellationReason or cancellationComment.", field="metadata")


async def _say_why(work: Work, view: SubscriptionView, command: SubscriptionUpdate, *, merchant: bool) -> None:
    kept = _standing(view, merchant=merchant)
    if command.reason not in (None, kept.reason):
        _demand_open(kept)
    reason = command.reason or kept.reason
    if command.comment is not None and not merchant and reason not in TAKES_COMMENT:
        raise InvalidInput("A comment goes with the reason `other` only.", field=COMMENT)
    comment = command.comment if command.comment != kept.comment else None
    if reason is not kept.reason or comment is not None:
        await keep_reason(work, view, kept, reason, comment)


def _standing(view: SubscriptionView, *, merchant: bool) -> CancellationView:
    """The cancellation that stands; customers say why they cancelled, not why Plangate did."""
    kept = view.cancellation
    if kept is None or kept.undone_at is not None or (kept.reason not in SEEDED_REASONS | {None} and not merchant):
        raise NoCancellationPending("No cancellation stands that this could be said of.", field="subscriptionId")
    return kept


def _demand_open(kept: CancellationView) -> None:
    """Refuse another reason where Plangate gave it, or where it names what took the subscription's place."""
    if kept.reason in OWN_REASONS:
        raise InvalidInput("Plangate itself ended it, and its reason stands: a comment may say more.", field=REASON)
    if kept.replaced_by_id:
        raise InvalidInput("It names the subscription that took its place: that reason stands.", field=REASON)


async def _label(work: Work, view: SubscriptionView, metadata: dict[str, str]) -> None:
    await work.subscriptions.label(view.id, metadata)
    before = view.metadata
    changed = sorted(key for key in before.keys() | metadata.keys() if before.get(key) != metadata.get(key))
    told = (
        {"metadata": {key: before.get(key) for key in changed}},
        {"metadata": {key: metadata.get(key) for key in changed}},
    )
    await work.record(view.customer_id, Happening("subscription.updated", view.id, *told))
