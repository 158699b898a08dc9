"""Failed payments are tried again, and end as the policy says. (C2, C14, K9, After downtime)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from billing.invoicing.policy import AfterDunning, BillingPolicy, Dunning
from billing.invoicing.settings import policy_written
from models.stores.environments import Environments
from tests.scenarios import documents
from tests.scenarios.bookkeeping import item
from tests.scenarios.paying import COLLECT, MARK_PAID, attempts, invoices, method, money, payer
from tests.scenarios.story import happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story

NO_MONEY = "insufficient_funds"
DAYS = (1, 2, 3, 5, 7, 9, 12, 15)
"""Eight attempts in fourteen days, from the first of January 2024."""


def january(*days: int) -> list[str]:
    """Days as they are told."""
    return [f"2024-01-{day:02}" for day in days]


async def after_dunning(story: Story, after: AfterDunning) -> None:
    """Say what comes after the last attempt."""
    await bill(story, dunning=Dunning(after=after))


async def bill(story: Story, **policy: Any) -> None:
    """Set how the environment bills."""
    async with story.world.database.working() as session:
        kept = {"billing": policy_written(replace(BillingPolicy(), **policy))}
        await Environments(session).update(story.world.places["main"].environment.id, kept)


async def test_what_succeeds_is_paid_at_its_instant(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-02-02")

    assert await attempts(story, 0) == [("2024-01-01", "SUCCEEDED")]
    assert await attempts(story, 1) == [("2024-02-01", "SUCCEEDED")]
    assert [each["status"] for each in await invoices(story)] == ["PAID", "PAID"]
    assert (await story.subscription(acme))["status"] == "ACTIVE"
    assert await money(story) == [
        ("2024-01-01", "invoice.paid"),
        ("2024-02-01", "subscription.renewed"),
        ("2024-02-01", "invoice.finalized"),
        ("2024-02-01", "invoice.paid"),
    ]


async def test_eight_attempts_in_fourteen_days_and_then_it_is_cancelled(story: Story) -> None:  # C2
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    expected = [
        happened(
            "2024-01-01",
            "subscription.past_due",
            status=("ACTIVE", "PAST_DUE"),
            graceUntil=(None, "2024-01-15"),
        ),
        happened(
            "2024-01-15",
            "subscription.canceled",
            status=("PAST_DUE", "CANCELED"),
            endedAt=(None, "2024-01-15"),
            periodEnd=("2024-02-01", "2024-01-15"),
            reason=(None, "payment_failed"),
        ),
    ]

    await story.advance("2024-03-01")

    assert await story.news("acme") == expected
    assert await attempts(story) == [(day, NO_MONEY) for day in january(*DAYS)]
    (left,) = await invoices(story)
    assert (left["status"], left["autoAdvance"], left["nextAttemptAt"]) == ("OPEN", False, None)  # C14
    told = await story.subscription(acme)
    assert (told["status"], told["endedAt"], told["endedCause"]) == ("CANCELED", "2024-01-15", "AUTOMATIC")
    assert told["cancellation"] == {
        "timing": "IMMEDIATE",
        "reason": "PAYMENT_FAILED",
        "channel": "WORKER",
        "requestedAt": "2024-01-15",
        "effectiveAt": "2024-01-15",
    }


async def test_every_failure_says_when_it_is_tried_again(story: Story) -> None:
    await payer(story, "sandbox_declines_expired_card")
    await story.advance("2024-01-16")

    failed = [each for each in await story.events("acme") if each["type"] == "invoice.payment_failed"]

    told = [(story.names.plain(each["occurredAt"]), each["after"]["attempt"]) for each in failed]
    assert told == list(zip(january(*DAYS), range(1, 9), strict=True))
    again = [each["after"]["nextAttemptAt"] and each["after"]["nextAttemptAt"][:10] for each in failed]
    assert again == [*january(*DAYS[1:]), None]
    assert {each["cause"] for each in failed} == {"AUTOMATIC"}
    assert {each["after"]["code"] for each in failed} == {"expired_card"}


async def test_it_may_be_unpaid_after_the_last_attempt_with_new_invoices_as_drafts(story: Story) -> None:  # C2
    await after_dunning(story, AfterDunning.UNPAID)
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-02-02")

    assert (await story.subscription(acme))["status"] == "UNPAID"
    assert (await story.entitlement("acme", "pages"))["reason"] == "UNPAID"
    first, second = await invoices(story)
    assert (first["status"], len(first["payments"])) == ("OPEN", 8)
    assert (second["status"], second["autoAdvance"], second["payments"]) == ("DRAFT", False, [])

    await story.act(MARK_PAID, invoiceId=first["id"])

    assert (await story.subscription(acme))["status"] == "ACTIVE"
    assert (await story.entitlement("acme", "pages"))["hasAccess"]


async def test_it_may_stay_past_due_after_the_last_attempt(story: Story) -> None:  # C2
    await after_dunning(story, AfterDunning.LEAVE_PAST_DUE)
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-31")

    assert (await story.subscription(acme))["status"] == "PAST_DUE"
    assert len(await attempts(story)) == 8
    assert (await story.entitlement("acme", "pages"))["reason"] == "PAST_DUE"


async def test_success_at_the_third_attempt_ends_the_trying(story: Story) -> None:
    acme = await payer(story, "sandbox_fails_2_times")
    await story.advance("2024-01-02")
    assert (await story.subscription(acme))["status"] == "PAST_DUE"
    assert (await story.entitlement("acme", "pages"))["hasAccess"]

    await story.advance("2024-01-31")

    assert await attempts(story) == [("2024-01-01", NO_MONEY), ("2024-01-02", NO_MONEY), ("2024-01-03", "SUCCEEDED")]
    assert (await story.subscription(acme))["status"] == "ACTIVE"
    assert (await money(story))[-2:] == [("2024-01-03", "invoice.paid"), ("2024-01-03", "subscription.recovered")]


async def test_access_ends_with_the_grace_though_no_worker_runs(story: Story) -> None:
    await after_dunning(story, AfterDunning.LEAVE_PAST_DUE)
    await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-01")
    before = await story.entitlement("acme", "pages")

    await story.jump(instant(2024, 1, 14, 23))
    late = await story.entitlement("acme", "pages")
    await story.jump("2024-01-15")

    assert (before["hasAccess"], before["validUntil"]) == (True, "2024-01-15")
    assert late["hasAccess"]
    assert (await story.entitlement("acme", "pages"))["reason"] == "PAST_DUE"


async def test_fifteen_days_without_a_worker_make_one_attempt_and_no_cancellation(story: Story) -> None:
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-01")
    await story.jump("2024-01-17")

    await story.world.worker().catch_up()

    assert await attempts(story) == [("2024-01-01", NO_MONEY), ("2024-01-17", NO_MONEY)]
    assert (await story.subscription(acme))["status"] == "PAST_DUE"
    await story.advance("2024-01-29")
    assert [at for at, _ in await attempts(story)] == ["2024-01-01", *january(17, 18, 20, 22, 24, 27)]
    await story.advance("2024-01-30")
    assert (await story.subscription(acme))["status"] == "CANCELED"


async def test_another_method_is_charged_by_the_next_attempt(story: Story) -> None:
    acme = await payer(story, "sandbox_declines_expired_card")
    await story.advance("2024-01-02")
    await method(story, "sandbox_succeeds")
    await story.advance("2024-01-31")

    assert await attempts(story) == [
        ("2024-01-01", "expired_card"),
        ("2024-01-02", "expired_card"),
        ("2024-01-03", "SUCCEEDED"),
    ]
    assert (await story.subscription(acme))["status"] == "ACTIVE"


async def test_collecting_by_hand_is_none_of_the_planned_attempts(story: Story) -> None:
    await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-01")
    (invoice,) = await invoices(story)

    answer = await story.act(COLLECT, invoiceId=invoice["id"], actor="Ann")
    planned, by_hand = [each for each in await story.events("acme") if each["type"] == "invoice.payment_failed"]
    assert [
        (each["cause"], each["channel"], each["actor"], each["after"]["manual"]) for each in (planned, by_hand)
    ] == [
        ("AUTOMATIC", "WORKER", None, False),
        ("REQUEST", "API", "Ann", True),
    ]
    await story.advance("2024-01-16")

    assert (answer["payment"]["status"], answer["payment"]["code"], answer["payment"]["manual"]) == (
        "FAILED",
        NO_MONEY,
        True,
    )
    assert answer["invoice"]["nextAttemptAt"] == "2024-01-02"
    assert len(await attempts(story)) == 9


async def test_an_invoice_that_was_given_up_is_paid_by_hand_and_reactivates_nothing(story: Story) -> None:  # K9, C16
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-20")
    (invoice,) = await invoices(story)
    await method(story, "sandbox_succeeds")
    await money(story)

    answer = await story.act(COLLECT, invoiceId=invoice["id"])

    assert answer["invoice"]["status"] == "PAID"
    assert (await story.subscription(acme))["status"] == "CANCELED"
    assert await money(story) == [("2024-01-20", "invoice.paid"), ("2024-01-20", "payment.late")]


async def test_what_settles_late_after_the_end_is_booked_and_reactivates_nothing(story: Story) -> None:  # K9
    acme = await payer(story, "sandbox_settles_late")
    await story.advance("2024-01-02")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await money(story)

    await story.advance("2024-01-10")

    assert await money(story) == [("2024-01-04", "invoice.paid"), ("2024-01-04", "payment.late")]
    assert (await story.subscription(acme))["status"] == "CANCELED"


async def test_an_end_stops_the_attempts_that_are_planned(story: Story) -> None:  # C14
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    await story.advance("2024-01-03")
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await story.advance("2024-01-31")

    assert [at for at, _ in await attempts(story)] == january(1, 2, 3)
    (invoice,) = await invoices(story)
    assert (invoice["status"], invoice["autoAdvance"]) == ("OPEN", False)


async def test_without_a_method_nothing_is_attempted_and_nobody_falls_behind(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-02")
    (listed,) = (await story.world.ask(METHODS))["customer"]["paymentMethods"]
    await story.world.ask(REMOVE, id=listed["id"])
    await story.advance("2024-02-20")

    assert await attempts(story, 1) == []
    assert (await story.subscription(acme))["status"] == "ACTIVE"


@pytest.mark.parametrize("late", ["sandbox_settles_late", "sandbox_fails_late"])
async def test_what_the_provider_is_slow_about_is_asked_again(story: Story, late: str) -> None:
    acme = await payer(story, late)
    await story.advance("2024-01-03")
    assert await attempts(story) == [("2024-01-01", "PENDING")]
    assert (await story.subscription(acme))["status"] == "ACTIVE"

    await story.advance("2024-01-04")

    ended = "SUCCEEDED" if late == "sandbox_settles_late" else "returned"
    assert await attempts(story) == [("2024-01-01", ended)]
    assert (await invoices(story))[0]["nextAttemptAt"] == (None if ended == "SUCCEEDED" else "2024-01-05T00:00:00Z")


METHODS = '{ customer(ref: {externalId: "acme"}) { paymentMethods { id } } }'
REMOVE = "mutation($id: ID!) { paymentMethodRemove(input: {id: $id}) { __typename } }"


async def test_the_final_invoice_is_paid_after_the_end_and_yet_not_late(story: Story) -> None:  # K9
    acme = await payer(story, "sandbox_succeeds")
    await item(story, "acme", "5.00")
    await story.advance("2024-01-16")
    await money(story)

    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    await story.advance("2024-01-17")

    assert [kind for _, kind in await money(story)] == ["subscription.canceled", "invoice.finalized", "invoice.paid"]
