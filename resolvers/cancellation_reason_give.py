"""Say afterwards why a subscription was cancelled; the cancellation stands either way. (T3, T8, T9)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.lifecycle import OWN_REASONS, SEEDED_REASONS, CancelReason
from billing.refusals import InvalidInput, NoCancellationPending
from models.work import Happening
from resolvers import checks
from resolvers.acts import act, found_subscription, owner_of_subscription
from resolvers.changing import read_subscription
from resolvers.subscription_cancel import keep_comment

if TYPE_CHECKING:
    from typing import Any

    from billing.entitlements.sources import Json
    from models.views import CancellationView, SubscriptionView
    from models.work import Work
    from resolvers.context import Context

TAKES_COMMENT = frozenset({CancelReason.OTHER})
"""The reasons beside which free text may stand. (T9)"""


@dataclass(frozen=True, slots=True)
class CancellationReasonGive:
    """The reason for the latest cancellation of a subscription; a comment only where the reason takes one."""

    subscription_id: str
    reason: CancelReason
    comment: str | None = None
    idempotency_key: str | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class CancellationReasonGiven:
    """The subscription now, its cancellation with the reason."""

    subscription: SubscriptionView
    replayed: bool


async def give_reason(ctx: Context, command: CancellationReasonGive) -> CancellationReasonGiven:
    """Keep the reason, also after the end; the same reason again changes nothing, another one takes its place."""
    checks.optional_text(command.comment, "comment", checks.COMMENT)
    checks.reason(command.reason)
    if command.reason not in SEEDED_REASONS:
        raise InvalidInput("The merchant says so when cancelling: give another reason.", field="reason")
    if command.comment is not None and command.reason not in TAKES_COMMENT:
        raise InvalidInput("A comment goes with the reason `other` only.", field="comment")

    async def body(work: Work) -> dict[str, Any]:
        view = await found_subscription(ctx, work, command.subscription_id)
        kept = view.cancellation
        if kept is None or kept.undone_at is not None or kept.reason in OWN_REASONS:
            raise NoCancellationPending("No cancellation stands that a reason could be for.", field="subscriptionId")
        if (kept.reason, kept.comment) != (command.reason, command.comment):
            await keep_reason(work, view, kept, command.reason, command.comment or "")
        return {"subscription_id": view.id}

    owner = owner_of_subscription(ctx, command.subscription_id)
    outcome, replayed = await act(ctx, "cancellationReasonGive", command, owner, body)
    return CancellationReasonGiven(await read_subscription(ctx, outcome), replayed)


async def keep_reason(
    work: Work, view: SubscriptionView, kept: CancellationView, reason: CancelReason | None, comment: str | None
) -> None:
    """Keep what is said of a cancellation: `comment` None leaves what was said, '' takes it away."""
    after: dict[str, Json] = {"reason": reason.value if reason else None}
    comment_id = None
    if comment is not None:
        comment_id, digest = await keep_comment(work, view.customer_id, comment)
        after |= {"commentId": comment_id or None, "commentDigest": digest}
    await work.subscriptions.give_reason(kept.id, reason, comment_id)
    before = {"reason": kept.reason.value if kept.reason else None}
    await work.record(view.customer_id, Happening("subscription.cancellation_reason_given", view.id, before, after))
