"""Pausing collection: the subscription lives on, only money waits. (C1)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios import documents
from tests.scenarios.bookkeeping import FINALIZE
from tests.scenarios.paying import COLLECT, PAUSE, RESUME, attempts, invoices, money, payer
from tests.scenarios.story import happened, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story


@pytest.mark.parametrize(
    ("behavior", "status", "told"),
    [
        ("KEEP_AS_DRAFT", "DRAFT", ["invoice.created"]),
        ("MARK_UNCOLLECTIBLE", "UNCOLLECTIBLE", ["invoice.finalized", "invoice.marked_uncollectible"]),
        ("VOID", "VOID", ["invoice.finalized", "invoice.voided"]),
    ],
)
async def test_what_is_invoiced_meanwhile_is_held_back_and_service_goes_on(
    story: Story, behavior: str, status: str, told: list[str]
) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-10")
    answer = await story.act(PAUSE, subscriptionId=acme, behavior=behavior)
    await money(story)

    await story.advance("2024-02-02")

    assert (answer["subscription"]["status"], answer["subscription"]["collection"]) == ("ACTIVE", "PAUSED")
    assert [kind for _, kind in await money(story) if kind.startswith("invoice.")] == told
    second = (await invoices(story))[1]
    assert (second["status"], second["autoAdvance"], second["payments"]) == (status, False, [])
    assert (await story.subscription(acme))["status"] == "ACTIVE"
    assert (await story.entitlement("acme", "pages"))["hasAccess"]


async def test_collecting_goes_on_by_itself_at_its_instant_before_the_renewal_of_it(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-10")
    await story.act(PAUSE, subscriptionId=acme, behavior="VOID", resumesAt=instant(2024, 3))
    await story.news("acme")
    expected = [
        happened("2024-02-01", "subscription.renewed", periodStart=("2024-01-01", "2024-02-01"),
                 periodEnd=("2024-02-01", "2024-03-01")),
        happened("2024-03-01", "subscription.collection_resumed", collectionPaused=("VOID", None),
                 collectionResumesAt=("2024-03-01", None)),
        happened("2024-03-01", "subscription.renewed", periodStart=("2024-02-01", "2024-03-01"),
                 periodEnd=("2024-03-01", "2024-04-01")),
    ]  # fmt: skip

    await story.advance("2024-03-02")

    assert await story.news("acme") == expected
    assert [each["status"] for each in await invoices(story)] == ["PAID", "VOID", "PAID"]


async def test_without_a_worker_it_is_told_as_collected_again(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.act(PAUSE, subscriptionId=acme, behavior="VOID", resumesAt=instant(2024, 1, 20))

    await story.jump("2024-01-20")

    asked = await story.world.ask("query($id: ID!) { subscription(id: $id) { collection } }", id=acme)
    assert asked["subscription"] == {"collection": "ON"}


async def test_resuming_by_hand_collects_what_is_invoiced_from_then_on(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    nothing = await story.act(RESUME, subscriptionId=acme)
    await story.act(PAUSE, subscriptionId=acme, behavior="KEEP_AS_DRAFT")
    await story.advance("2024-02-10")

    answer = await story.act(RESUME, subscriptionId=acme)
    await story.advance("2024-03-02")

    assert (nothing["code"], nothing["reasonCode"]) == ("ACTION_NOT_ALLOWED", "NOTHING_PENDING")
    assert answer["subscription"]["collection"] == "ON"
    assert [each["status"] for each in await invoices(story)] == ["PAID", "DRAFT", "PAID"]
    assert await attempts(story, 2) == [("2024-03-01", "SUCCEEDED")]


async def test_what_was_owed_before_is_still_tried(story: Story) -> None:
    acme = await payer(story, "sandbox_declines_lost_card")
    await story.advance("2024-01-02")
    await story.act(PAUSE, subscriptionId=acme, behavior="VOID")

    await story.advance("2024-01-04")

    assert [at for at, _ in await attempts(story)] == ["2024-01-01", "2024-01-02", "2024-01-03"]


async def test_it_is_refused_for_an_instant_that_is_over_and_after_the_end(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.advance("2024-01-10")

    over = await story.act(PAUSE, subscriptionId=acme, behavior="VOID", resumesAt=instant(2024, 1, 10))
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE")
    ended = await story.act(PAUSE, subscriptionId=acme, behavior="VOID")

    assert (over["code"], over["field"], over["earliest"]) == ("DATE_OUT_OF_RANGE", "resumesAt", "2024-01-10")
    assert ended["code"] == "SUBSCRIPTION_ENDED"


async def test_what_is_held_back_is_final_when_somebody_finalizes_it_and_collected_by_hand(story: Story) -> None:
    acme = await payer(story, "sandbox_succeeds")
    await story.act(PAUSE, subscriptionId=acme, behavior="KEEP_AS_DRAFT")
    await story.advance("2024-02-02")
    held = (await invoices(story))[1]["id"]

    final = await story.act(FINALIZE, invoiceId=held)
    await story.advance("2024-02-05")

    assert (final["invoice"]["status"], final["invoice"]["remaining"]) == ("OPEN", {"amount": "10.00"})
    assert (await invoices(story))[1]["payments"] == [], "nothing collects it by itself"
    assert (await story.act(COLLECT, invoiceId=held))["invoice"]["status"] == "PAID"
