"""Ending after a notice: what is shown is done, for one and for many, and only a merchant says it. (P8, P11, K8)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.scenarios import cancelling_many, documents, priced
from tests.scenarios.priced import bills
from tests.scenarios.story import MONTHLY, instant

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

MONTH: Final[dict[str, Any]] = {"timing": "AFTER_NOTICE", "notice": {"days": 30}}
SEEN: Final = """query($input: SubscriptionCancellationPreviewInput!) {
  answer: subscriptionCancellationPreview(input: $input) { __typename
    ... on SubscriptionCancellationPreview { timing effectiveAt accessEndsAt
      money { token upcoming { total { amount } madeAt } } }
    ... on UserError { code field } } }"""


async def sold(story: Story, name: str = "acme", plan: str = "thirty", **more: Any) -> str:
    """Sell a plan of the price list on 1 January, and wait until 10 January, 14:00."""
    await story.catalog(priced.CATALOG)
    held = await story.subscribe(name, plan, currency="USD", interval=MONTHLY, **more)
    await story.advance(instant(2024, 1, 10, 14))
    await story.events(name)
    return held


async def seen(story: Story, **asked: Any) -> Told:
    """Tell what a preview shows, but for its token."""
    told: Told = (await story.world.ask(SEEN, input=asked))["answer"]
    return told


async def test_what_is_shown_of_a_notice_is_what_comes(story: Story) -> None:
    acme = await sold(story)
    shown = await seen(story, subscriptionId=acme, **MONTH)
    await story.advance(instant(2024, 1, 10, 14, 20))

    made = await story.act(documents.CANCEL, subscriptionId=acme, **MONTH, previewToken=shown["money"]["token"])
    again = await story.act(documents.CANCEL, subscriptionId=acme, **MONTH)

    assert (shown["timing"], shown["effectiveAt"][:10]) == ("AFTER_NOTICE", "2024-02-10")
    assert [each["total"]["amount"] for each in shown["money"]["upcoming"]] == ["9.31"]
    assert made["effectiveAt"] == again["effectiveAt"] == "2024-02-10"
    assert (made["subscription"]["state"], made["subscription"]["renewsAt"]) == ("PENDING_CANCELLATION", "2024-02-01")
    assert made["subscription"]["cancellation"]["timing"] == "AFTER_NOTICE"
    assert len([each for each in await story.news("acme") if each[1].startswith("subscription.")]) == 1
    other = await story.act(documents.CANCEL, subscriptionId=acme, timing="AFTER_NOTICE", notice={"days": 31})
    assert other["effectiveAt"] == "2024-02-11"
    await story.act(documents.UNDO, subscriptionId=acme)
    await story.advance("2024-02-02")
    assert [bill[1] for bill in await bills(story, "acme")] == ["30.00", "30.00"]


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"prorate": False}, ("PRORATION_UNAVOIDABLE", "prorate")),
        ({"refund": "PRORATED"}, ("REFUND_NEEDS_IMMEDIATE_END", "refund")),
        ({"refund": "LAST_PAYMENT"}, ("REFUND_NEEDS_IMMEDIATE_END", "refund")),
        ({"access": "UNTIL_PAID_THROUGH"}, ("ACCESS_NEEDS_IMMEDIATE_END", "access")),
        ({"notice": {"days": 366}}, ("INVALID_INPUT", "notice.days")),
        ({"notice": {"months": 0}}, ("INVALID_INPUT", "notice.months")),
        ({"notice": None}, ("INVALID_INPUT", "notice")),
        ({"timing": "END_OF_PERIOD"}, ("INVALID_INPUT", "notice")),
        ({"cycles": 2}, ("INVALID_INPUT", "cycles")),
    ],
)
async def test_what_goes_with_no_notice_is_refused_by_name_for_one_and_in_its_preview(
    story: Story, more: dict[str, Any], refused: tuple[str, str]
) -> None:
    acme = await sold(story)
    asked = {"subscriptionId": acme, **MONTH, **more}

    answer = await story.act(documents.CANCEL, **asked)
    shown = await seen(story, **asked)

    assert ((answer["code"], answer["field"]), (shown["code"], shown["field"])) == (refused, refused)
    assert await story.news("acme") == []


async def test_where_nothing_is_ever_paid_the_notice_alone_counts(story: Story) -> None:
    await story.catalog(priced.CATALOG + FREE)
    free = await story.subscribe("acme", "nothing", interval=MONTHLY)
    zero = await story.subscribe("zero", "zero", currency="USD", interval=MONTHLY)
    await story.advance(instant(2024, 1, 10, 14))

    for held in (free, zero):
        ended = await story.act(documents.CANCEL, subscriptionId=held, timing="AFTER_NOTICE", notice={"days": 5})
        assert ended["effectiveAt"] == "2024-01-16"
        assert ended["subscription"]["currentPeriod"] == "2024-01-01 to 2024-01-16"
    await story.advance("2024-02-01")
    assert await bills(story, "acme") == await bills(story, "zero") == []


async def test_the_pair_says_when_the_piece_that_is_wanted_back_is_invoiced(story: Story) -> None:
    acme = await sold(story)
    await story.act(documents.CANCEL, subscriptionId=acme, **MONTH)
    await story.advance("2024-02-05")

    later: dict[str, Any] = {"timing": "AFTER_NOTICE", "notice": {"days": 10}, "invoiceNow": True}
    moved = await story.act(documents.CANCEL, subscriptionId=acme, **later)

    assert moved["effectiveAt"] == "2024-03-01"
    assert [bill[1] for bill in await bills(story, "acme")] == ["30.00", "9.31", "20.69"]


async def test_only_a_merchant_says_it(story: Story) -> None:
    acme = await sold(story)
    token = await story.token("acme")

    answer = await story.act(documents.CANCEL, key=token, subscriptionId=acme, notice={"days": 1})

    assert answer == {"__typename": "MerchantOnly", "code": "MERCHANT_ONLY", "field": "notice"}
    assert await story.news("acme") == []


async def test_many_end_each_after_the_notice_of_its_own_zone_and_trial(story: Story) -> None:
    await sold(story, externalId="acme")
    monthly: dict[str, Any] = {"currency": "USD", "interval": MONTHLY}
    await story.subscribe("late", "ten", externalId="late", zone="America/New_York", **monthly)
    await story.subscribe("tried", "ten", externalId="tried", trialDays=14, **monthly)
    everybody = {"filter": {"states": ["ACTIVE", "TRIALING"]}}

    job = await cancelling_many.run(story, subscriptions=everybody, **MONTH)

    ends = {name: told[1] for name, told in (await cancelling_many.became(story, job)).items()}
    assert {name: ends[name] for name in ("acme", "late", "tried")} == {
        "acme": "2024-02-10",
        "late": "2024-02-10T14:00:00",
        "tried": "2024-01-24T14:00:00",
    }
    details = (await story.world.ask(DETAILS, id=job))["job"]["details"]
    assert details == {"timing": "AFTER_NOTICE", "noticeDays": 30, "noticeMonths": None}
    odd = await story.world.ask(cancelling_many.START, input={"subscriptions": everybody, "timing": "AFTER_NOTICE"})
    assert odd["answer"] == {"__typename": "InvalidInput", "code": "INVALID_INPUT", "field": "notice"}


DETAILS: Final = (
    "query($id: ID!) { job(id: $id) { details { ... on BulkCancellation { timing noticeDays noticeMonths } } } }"
)
FREE: Final = """
  nothing: {name: Nothing, product: paper, kind: free}
  zero:
    name: Zero
    product: paper
    kind: free
    prices: [{currency: usd, every: month, model: flat, amount: 0}]
"""
