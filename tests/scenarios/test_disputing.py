"""A customer's bank takes a payment back. (C10)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from billing.invoicing.policy import BillingPolicy, OnDispute
from billing.invoicing.settings import policy_written
from models.stores.environments import Environments
from tests.scenarios.paying import (
    SIMULATE,
    invoices,
    money,
    payer,
    payment,
)

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def dispute_policy(story: Story, effect: OnDispute) -> None:
    """Say what a full dispute does."""
    async with story.world.database.working() as session:
        kept = {"billing": policy_written(replace(BillingPolicy(), on_dispute=effect))}
        await Environments(session).update(story.world.places["main"].environment.id, kept)


async def test_a_full_dispute_cancels_an_hour_later_without_proration(story: Story) -> None:  # C10
    await dispute_policy(story, OnDispute.CANCEL_NOW)
    acme = await payer(story, "sandbox_disputed")
    await story.advance("2024-01-02")

    pending = await story.subscription(acme)
    assert (pending["state"], pending["cancelAt"]) == ("PENDING_CANCELLATION", "2024-01-02T01:00:00")
    assert pending["cancellation"]["reason"] == "PAYMENT_DISPUTED"
    await story.advance("2024-01-03")

    assert await money(story) == [
        ("2024-01-01", "invoice.paid"),
        ("2024-01-02", "subscription.cancellation_scheduled"),
        ("2024-01-02", "dispute.opened"),
        ("2024-01-02T01:00:00", "subscription.canceled"),
    ]
    (invoice,) = await invoices(story)
    (paid,) = invoice["payments"]
    assert paid["dispute"] == {
        "amount": {"amount": "10.00"},
        "whole": True,
        "effect": "CANCEL_NOW",
        "openedAt": "2024-01-02T00:00:00Z",
    }
    assert paid["refundable"] == {"amount": "0.00"}, "what the bank took back is not given twice"
    assert (await story.subscription(acme))["endedCause"] == "AUTOMATIC"


async def test_a_full_dispute_may_end_it_with_its_period(story: Story) -> None:  # C10
    await dispute_policy(story, OnDispute.CANCEL_AT_PERIOD_END)
    acme = await payer(story, "sandbox_disputed")
    await story.advance("2024-01-15")

    assert (await story.subscription(acme))["cancelAt"] == "2024-02-01"
    await story.advance("2024-02-10")
    assert (await story.subscription(acme))["endedAt"] == "2024-02-01"
    assert len(await invoices(story)) == 1


@pytest.mark.parametrize(
    ("reference", "effect"), [("sandbox_disputed", "NOTHING"), ("sandbox_disputed_partly", "CANCEL_NOW")]
)
async def test_a_dispute_of_a_part_or_where_nothing_is_said_is_told_and_ends_nothing(
    story: Story, reference: str, effect: str
) -> None:  # C10
    await dispute_policy(story, OnDispute(effect))
    acme = await payer(story, reference)
    await story.advance("2024-01-15")

    assert (await story.subscription(acme))["state"] == "ACTIVE"
    assert await money(story) == [("2024-01-01", "invoice.paid"), ("2024-01-02", "dispute.opened")]


async def test_a_dispute_that_grows_to_the_whole_takes_effect_then(story: Story) -> None:  # C10
    await dispute_policy(story, OnDispute.CANCEL_NOW)
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-05")
    paid = await payment(story)
    await story.act(SIMULATE, paymentId=paid, what="DISPUTED", amount="4")
    assert (await story.subscription(acme))["state"] == "ACTIVE"

    await story.act(SIMULATE, paymentId=paid, what="DISPUTED")
    await story.act(SIMULATE, paymentId=paid, what="DISPUTED")

    assert (await story.subscription(acme))["cancelAt"] == "2024-01-05T01:00:00"
    assert [kind for _, kind in await money(story)] == [
        "invoice.paid",
        "dispute.opened",
        "subscription.cancellation_scheduled",
        "dispute.raised",
    ]


async def test_what_cannot_happen_to_a_payment_is_refused(story: Story) -> None:
    await payer(story, "sandbox_succeeds")
    before = await payment(story)
    early = await story.act(SIMULATE, paymentId=before, what="DISPUTED")
    await story.advance("2024-01-02")
    late = await story.act(SIMULATE, paymentId=before, what="REJECTED")
    more = await story.act(SIMULATE, paymentId=before, what="DISPUTED", amount="10.01")

    refused = {"__typename": "NothingToSimulate", "code": "NOTHING_TO_SIMULATE", "field": "paymentId"}
    assert [early, late] == [refused] * 2
    assert (more["code"], more["field"]) == ("AMOUNT_OUT_OF_RANGE", "amount")
    assert await money(story) == [("2024-01-01", "invoice.paid")]
