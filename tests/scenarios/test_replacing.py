"""Two purchases in the place of one change: the old subscription names the one that took its place. (K6)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.scenarios import documents
from tests.scenarios.ending_money import kept

if TYPE_CHECKING:
    from tests.scenarios.story import Story

CANCEL: Final = documents.act(
    "subscriptionCancel",
    "SubscriptionCancelInput",
    "... on NotAReplacement { why } ... on SubscriptionCanceled { subscription { status"
    " cancellation { reason replacedBySubscriptionId } } }",
)
READ: Final = "query($id: ID!) { subscription(id: $id) { cancellation { reason replacedBySubscriptionId } } }"


async def test_the_old_subscription_and_its_event_name_the_one_that_took_its_place(story: Story) -> None:
    old = await story.subscribe("acme", "team", resourceId="one")
    new = await story.subscribe_also("acme", "team", resourceId="two")
    gone = await story.subscribe_also("acme", "team", resourceId="three")
    await story.act(documents.CANCEL, subscriptionId=gone, timing="IMMEDIATE")
    foreign = await story.subscribe("globex", "team")
    token, bound = await story.token("acme"), await story.token("acme", subscription=old)
    before = await kept(story), await story.subscription(old)

    async def asked(by: str | None = new, *, reason: str = "REPLACED", **more: Any) -> tuple[str, str | None]:
        named = {} if by is None else {"replacedBySubscriptionId": by}
        terms: dict[str, Any] = {"timing": "END_OF_PERIOD", **named, **more}
        answer = await story.act(CANCEL, subscriptionId=old, reason=reason, **terms)
        return answer["code"], answer.get("why")

    assert [await asked(each) for each in (old, foreign, gone)] == [
        ("NOT_A_REPLACEMENT", "SAME"),
        ("NOT_A_REPLACEMENT", "OTHER_CUSTOMER"),
        ("NOT_A_REPLACEMENT", "ENDED"),
    ]
    assert await asked("sub_00000000000000000000000000") == ("NOT_FOUND", None)
    assert await asked(reason="UNUSED") == ("INVALID_INPUT", None)
    theirs = [await story.act(CANCEL, key=token, subscriptionId=old, reason="REPLACED")]
    theirs += [await story.act(CANCEL, key=token, subscriptionId=old, replacedBySubscriptionId=new)]
    assert [(each["code"], each["field"]) for each in theirs] == [
        ("MERCHANT_ONLY", "reason"),
        ("MERCHANT_ONLY", "replacedBySubscriptionId"),
    ]
    assert (await kept(story), await story.subscription(old)) == before, "a refusal writes nothing"
    await story.news("acme")

    terms = {"timing": "IMMEDIATE", "reason": "REPLACED", "replacedBySubscriptionId": new}
    done = await story.act(CANCEL, subscriptionId=old, **terms)

    named = {"reason": "REPLACED", "replacedBySubscriptionId": story.names.of(new)}
    assert done["subscription"] == {"status": "CANCELED", "cancellation": named}
    (ended,) = await story.news("acme")
    assert ended[3]["reason"] == (None, "replaced")
    assert ended[3]["replacedBySubscriptionId"] == (None, story.names.of(new))
    seen = [(await story.world.ask(READ, key=each, id=old))["subscription"]["cancellation"] for each in (token, bound)]
    assert [each["replacedBySubscriptionId"] for each in seen] == [new, None], (
        "a token of one subscription sees no other"
    )
