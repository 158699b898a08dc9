"""The act behind the question why: what it keeps, what it refuses, and for whom. (T3, T9, T10)"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from billing.lifecycle import SEEDED_REASONS, CancelReason, CancelTiming
from billing.refusals import InvalidInput, NoCancellationPending, NotFound, ScopeMissing
from resolvers.cancellation_reason_give import CancellationReasonGive, give_reason
from resolvers.principal import Principal, PrincipalKind
from resolvers.subscription_cancel import SubscriptionCancel, cancel
from resolvers.subscription_cancellation_undo import CancellationUndo, undo_cancellation
from tests.plangate.portal.visiting import MONTHLY, Portal

if TYPE_CHECKING:
    from resolvers.context import Context


def told(found: CancellationReasonGive) -> tuple[CancelReason, str | None]:
    return found.reason, found.comment


async def as_customer(portal: Portal, subscription: str, *scopes: str) -> Context:
    merchant = await portal.world.context()
    async with merchant.read() as read:
        view = await read.subscriptions.by_id(subscription)
    assert view is not None
    principal = Principal(PrincipalKind.CUSTOMER, frozenset(scopes), customer_id=view.customer_id)
    return portal.world.contexts.make(principal, merchant.env)


async def test_a_later_answer_takes_the_place_of_an_earlier_one_also_after_the_end(portal: Portal, held: str) -> None:
    ctx = await portal.world.context()
    await cancel(ctx, SubscriptionCancel(held, CancelTiming.END_OF_PERIOD, reason=CancelReason.UNUSED))
    await portal.world.advance(timedelta(days=40))
    answer = CancellationReasonGive(held, CancelReason.OTHER, "We moved.", idempotency_key="one")

    first = await give_reason(await portal.world.context(), answer)
    again = await give_reason(await portal.world.context(), answer)

    kept = first.subscription.cancellation
    assert kept is not None
    assert (kept.reason, kept.comment) == told(answer)
    assert (first.replayed, again.replayed) == (False, True)


@pytest.mark.parametrize(
    "reason", [reason for reason in CancelReason if reason in SEEDED_REASONS - {CancelReason.OTHER}]
)
async def test_words_go_with_the_reason_that_takes_them(portal: Portal, held: str, reason: CancelReason) -> None:
    ctx = await portal.world.context()
    await cancel(ctx, SubscriptionCancel(held, CancelTiming.END_OF_PERIOD))

    with pytest.raises(InvalidInput) as refused:
        await give_reason(ctx, CancellationReasonGive(held, reason, "words"))

    assert refused.value.field == "comment"


async def test_without_a_standing_cancellation_there_is_nothing_to_explain(portal: Portal, held: str) -> None:
    ctx = await portal.world.context()
    answer = CancellationReasonGive(held, CancelReason.UNUSED)

    with pytest.raises(NoCancellationPending):
        await give_reason(ctx, answer)
    await cancel(ctx, SubscriptionCancel(held, CancelTiming.END_OF_PERIOD))
    await undo_cancellation(ctx, CancellationUndo(held))
    with pytest.raises(NoCancellationPending):
        await give_reason(ctx, answer)


async def test_a_customer_answers_for_their_own_and_with_the_scope_to_manage(portal: Portal, held: str) -> None:
    other = await portal.world.subscribed("other", "team", **MONTHLY)
    ctx = await portal.world.context()
    await cancel(ctx, SubscriptionCancel(held, CancelTiming.END_OF_PERIOD))
    answer = CancellationReasonGive(held, CancelReason.UNUSED)

    with pytest.raises(NotFound):
        await give_reason(await as_customer(portal, other, "read", "manage"), answer)
    with pytest.raises(ScopeMissing):
        await give_reason(await as_customer(portal, held, "read"), answer)
    given = await give_reason(await as_customer(portal, held, "read", "manage"), answer)

    assert given.subscription.cancellation is not None
    assert given.subscription.cancellation.reason is CancelReason.UNUSED
