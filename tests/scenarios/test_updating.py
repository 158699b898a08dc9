"""What stays open about a subscription for good: metadata, and why it was cancelled. (C3)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from billing.invoicing.policy import AfterDunning
from models.tables.customer import PersonalTextRow
from tests.races.arena import Arena
from tests.scenarios import documents
from tests.scenarios.paying import PAUSE, payer
from tests.scenarios.test_dunning import after_dunning

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

SET: Final = documents.act(
    "subscriptionUpdate",
    "SubscriptionUpdateInput",
    "... on SubscriptionUpdated { replayed subscription { status metadata cancellation { reason comment } } }",
)


async def put(story: Story, subscription: str, key: str | None = None, **what: Any) -> Told:
    """Set something, and tell what became of it."""
    answer = await story.act(SET, key=key, subscriptionId=subscription, **what)
    return answer.get("subscription") or {"code": answer["code"], "field": answer.get("field")}


async def told(story: Story, name: str = "acme") -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What happened since this was asked last: before and after."""
    return [(each["type"], each["before"], each["after"]) for each in await story.events(name)]


async def test_metadata_and_the_reason_may_change_after_the_end_and_nothing_else(story: Story) -> None:
    acme = await story.subscribe("acme", "team", metadata={"crm": "1", "kept": "yes"})
    await put(story, acme, metadata={"crm": "2", "kept": "yes", "new": "n"})
    changed = {"crm": "1", "new": None}, {"crm": "2", "new": "n"}
    assert await told(story) == [("subscription.updated", *({"metadata": each} for each in changed))]
    await story.act(documents.CANCEL, subscriptionId=acme, timing="IMMEDIATE", reason="UNUSED")
    await story.events("acme")
    over = {"__typename": "SubscriptionEnded", "code": "SUBSCRIPTION_ENDED", "endedAt": "2024-01-01"}
    for act, terms in ((documents.CHANGE, {"planId": "free"}), (PAUSE, {"behavior": "VOID"})):
        assert await story.act(act, subscriptionId=acme, **terms) == over
    assert await told(story) == []

    ended = await put(
        story, acme, metadata={}, cancellationReason="LOW_QUALITY", cancellationComment="It broke on Mondays."
    )
    again = await put(story, acme, metadata={}, cancellationReason="LOW_QUALITY")

    assert ended == again == {
        "status": "CANCELED", "cancellation": {"reason": "LOW_QUALITY", "comment": "It broke on Mondays."},
    }  # fmt: skip
    (why, before, after), (updated, _, gone) = await told(story)
    assert (why, before) == ("subscription.cancellation_reason_given", {"reason": "unused"})
    assert (after["reason"], updated) == ("low_quality", "subscription.updated")
    assert gone == {"metadata": {"crm": None, "kept": None, "new": None}}
    texts = await Arena([story.world]).of(PersonalTextRow)
    (kept,) = [each for each in texts if each["id"] == after["commentId"]]
    assert kept["text"] == "It broke on Mondays."
    assert "Mondays" not in str(after)


async def test_a_customer_says_why_and_no_more_and_a_reason_of_ours_stands(story: Story) -> None:
    acme = await story.subscribe("acme", "team")
    token = await story.token("acme")
    nothing = await put(story, acme, cancellationReason="UNUSED")
    await story.act(documents.CANCEL, key=token, subscriptionId=acme)
    found = [
        await put(story, acme, token, metadata={"a": "b"}),
        await put(story, acme, token, cancellationReason="REPLACED"),
        await put(story, acme, token, cancellationReason="UNUSED", cancellationComment="Words."),
        await put(story, acme, token, cancellationReason="PAYMENT_FAILED"),
        await put(story, acme, token),
    ]
    said = await put(story, acme, token, cancellationReason="OTHER", cancellationComment="We moved.")
    longer = await put(story, acme, token, cancellationComment="We moved away.")

    assert nothing == {"code": "NO_CANCELLATION_PENDING", "field": "subscriptionId"}
    assert found == [
        {"code": "MERCHANT_ONLY", "field": "metadata"},
        {"code": "MERCHANT_ONLY", "field": "cancellationReason"},
        {"code": "INVALID_INPUT", "field": "cancellationComment"},
        {"code": "INVALID_INPUT", "field": "cancellationReason"},
        {"code": "INVALID_INPUT", "field": "metadata"},
    ]
    assert said["cancellation"] == {"reason": "OTHER", "comment": "We moved."}
    assert longer["cancellation"] == {"reason": "OTHER", "comment": "We moved away."}
    await story.act(documents.UNDO, subscriptionId=acme)
    assert (await put(story, acme, cancellationComment="x"))["code"] == "NO_CANCELLATION_PENDING"


async def test_metadata_is_bounded_and_nothing_of_a_refused_one_is_kept(story: Story) -> None:
    acme = await story.subscribe("acme", "free", metadata={"a": "b"})
    refused = {"code": "INVALID_INPUT", "field": "metadata"}

    for metadata in ({"k" * 41: "v"}, {"k": "v" * 501}, {str(n): "v" for n in range(51)}):
        assert await put(story, acme, metadata=metadata) == refused
    number = await story.world.post(SET, input={"subscriptionId": acme, "metadata": {"k": 1}})
    assert "errors" in number
    assert (await put(story, acme, metadata={"a": "b"}))["metadata"] == {"a": "b"}
    assert await told(story) == []


async def test_a_reason_that_plangate_gave_stands_and_a_merchant_may_say_more(story: Story) -> None:
    await after_dunning(story, AfterDunning.CANCEL)
    acme = await payer(story, "sandbox_declines_insufficient_funds")
    token = await story.token("acme")
    await story.advance("2024-02-20")

    assert await put(story, acme, cancellationReason="UNUSED") == {
        "code": "INVALID_INPUT", "field": "cancellationReason",
    }  # fmt: skip
    assert (await put(story, acme, token, cancellationReason="UNUSED"))["code"] == "NO_CANCELLATION_PENDING"
    more = await put(story, acme, cancellationComment="Asked twice by phone.")
    assert more["cancellation"] == {"reason": "PAYMENT_FAILED", "comment": "Asked twice by phone."}
