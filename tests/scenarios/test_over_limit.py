"""Moving to less than is used already: let happen and told, or refused, as the environment says. (S6)"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from billing.change_rules import ChangeTerms, OverLimit
from tests.scenarios import documents
from tests.scenarios.priced import CATALOG
from tests.scenarios.scheduling import scheduled
from tests.scenarios.story import MONTHLY
from tests.scenarios.test_dunning import bill
from tests.scenarios.test_payments_overview import overview

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

ACME: Final = {"externalId": "acme"}
ABOVE: Final = "{ featureKey used limit overBy }"
CHANGE: Final = documents.act(
    "subscriptionChange",
    "SubscriptionChangeInput",
    f"... on UsageOverLimit {{ features {ABOVE} }} ... on SubscriptionChanged {{ overLimit {ABOVE} }}",
)
DOWN: Final = documents.act(
    "subscriptionDowngrade",
    "SubscriptionDowngradeInput",
    f"... on UsageOverLimit {{ features {ABOVE} }} ... on SubscriptionDowngraded {{ overLimit {ABOVE} }}",
)
OVER: Final = f"... on UsageOverLimit {{ code field features {ABOVE} }}"
PHASED: Final = documents.act("subscriptionScheduleCreate", "SubscriptionScheduleCreateInput", OVER)
EDITED: Final = documents.act("subscriptionScheduleUpdate", "SubscriptionScheduleUpdateInput", OVER)
RELEASED: Final = documents.act("subscriptionScheduleRelease", "SubscriptionScheduleReleaseInput", "")
PHASED_PREVIEW: Final = f"""query($input: SubscriptionSchedulePreviewInput!) {{
  answer: subscriptionSchedulePreview(input: $input) {{ __typename {OVER} }} }}"""
PREVIEW: Final = f"""query($input: SubscriptionChangePreviewInput!) {{
  answer: subscriptionChangePreview(input: $input) {{ __typename
  ... on UsageOverLimit {{ code field features {ABOVE} }} }} }}"""


async def used(story: Story, feature: str, amount: str) -> None:
    """Consume of a feature."""
    terms: Told = {"customer": ACME, "feature": feature, "amount": amount, "idempotencyKey": story.world.fresh_key()}
    assert (await story.act(documents.CONSUME, **terms))["__typename"] == "EntitlementGranted"


async def refuses(story: Story) -> None:
    """Let the environment refuse what lowers limits below what is used."""
    await holds(story, OverLimit.REFUSE)


async def holds(story: Story, over_limit: OverLimit) -> None:
    """Let the environment say what becomes of it."""
    await bill(story, changes=replace(ChangeTerms(), over_limit=over_limit))


async def pages(story: Story) -> str:
    """Somebody on the middle plan, who used 150 pages of 200 this month."""
    await story.catalog(CATALOG)
    acme = await story.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await used(story, "pages", "150")
    await story.events("acme")
    return acme


async def test_it_happens_nothing_is_deleted_and_nothing_more_is_given(story: Story) -> None:
    acme = await pages(story)
    over = {"featureKey": "pages", "used": "150", "limit": "100", "overBy": "50"}

    later = await story.act(DOWN, subscriptionId=acme, planId="ten")
    now = await story.act(DOWN, subscriptionId=acme, planId="ten", timing="IMMEDIATE")

    assert (later.get("overLimit"), now["overLimit"]) == (None, [over])
    told = await story.entitlement("acme", "pages")
    assert (told["hasAccess"], told["reason"], told["used"], told["overBy"]) == (False, "LIMIT_REACHED", "150", "50")


async def test_it_is_refused_as_long_as_more_is_used_than_there_would_be(story: Story) -> None:
    acme = await pages(story)
    await refuses(story)
    await story.events("acme")
    before = await story.subscription(acme)
    over = {"featureKey": "pages", "used": "150", "limit": "100", "overBy": "50"}
    refused: dict[str, Any] = {
        "__typename": "UsageOverLimit", "code": "USAGE_OVER_LIMIT", "field": "planId", "features": [over],
    }  # fmt: skip
    now: dict[str, Any] = {"subscriptionId": acme, "planId": "ten", "timing": "IMMEDIATE"}

    assert await story.act(DOWN, **now) == refused
    assert await story.act(CHANGE, **now) == refused
    assert story.names.plain((await story.world.ask(PREVIEW, input=now))["answer"]) == refused
    assert await story.subscription(acme) == before
    assert await story.events("acme") == []

    up = await story.act(CHANGE, subscriptionId=acme, planId="thirty")
    waits = await story.act(DOWN, subscriptionId=acme, planId="ten")
    assert (up["__typename"], waits["__typename"]) == ("SubscriptionChanged", "SubscriptionDowngraded")
    less: dict[str, Any] = {"customer": ACME, "feature": "pages", "value": "-60", "reason": "Misprints."}
    await story.act(documents.REPORT, **less, idempotencyKey=story.world.fresh_key())
    assert (await story.act(DOWN, **now))["__typename"] == "SubscriptionDowngraded"


async def test_what_never_begins_anew_is_refused_at_the_periods_end_too(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=5)
    taken: dict[str, Any] = {"customer": ACME, "feature": "seats", "value": "4"}
    await story.act(documents.REPORT, **taken, idempotencyKey=story.world.fresh_key())
    await refuses(story)

    fewer = await story.act(CHANGE, subscriptionId=acme, quantity=3)
    phases: list[dict[str, Any]] = [{"quantity": 5, "lasts": {"cycles": 1}}, {"quantity": 3, "lasts": {"cycles": 1}}]
    asked: dict[str, Any] = {"subscriptionId": acme, "phases": phases}
    phased = [await story.act(document, **asked) for document in (PHASED, PHASED_PREVIEW)]
    phases[1]["quantity"] = 4
    planned = await scheduled(story, acme, *phases)
    edited = await story.act(EDITED, id=planned, phases=[{"quantity": 2}])
    await story.act(RELEASED, id=planned)
    four = await story.act(CHANGE, subscriptionId=acme, quantity=4)

    above = {"featureKey": "seats", "used": "4", "limit": "3", "overBy": "1"}
    assert fewer["features"] == [above]
    for refused, field in ((phased[0], "phases.1.planId"), (phased[1], "phases.1.planId"), (edited, "phases.0.planId")):
        assert (refused["__typename"], refused["field"]) == ("UsageOverLimit", field)
    assert phased[0]["features"] == phased[1]["features"] == [above]
    assert edited["features"] == [{**above, "limit": "2", "overBy": "2"}]
    assert four["__typename"] == "SubscriptionChanged"


async def test_what_does_not_fit_waits_and_says_for_what_and_an_act_at_once_waits_too(story: Story) -> None:
    acme = await story.subscribe("acme", "team", quantity=5)
    await seats(story, "4")
    await holds(story, OverLimit.BLOCK_UNTIL_FITS)

    four = await story.act(CHANGE, subscriptionId=acme, quantity=4, timing="IMMEDIATE")
    two = await story.act(CHANGE, subscriptionId=acme, quantity=2, timing="IMMEDIATE")
    phased = await story.act(PHASED, subscriptionId=acme, phases=[{"quantity": 2, "lasts": {"cycles": 1}}])
    waits = await waiting(story, acme)
    await story.events("acme")

    above = {"featureKey": "seats", "used": "4", "limit": "2", "overBy": "2"}
    assert (four.get("overLimit"), two["overLimit"]) == (None, [above])
    assert phased["__typename"] == "UsageOverLimit", "a phase has its day, and does not wait"
    assert waits == [{"kind": "QUANTITY", "appliesAt": "2024-02-01", "untilFits": True}]

    await story.jump("2024-02-15")
    asleep = await waiting(story, acme), (await story.subscription(acme))["quantity"], (await overview(story))["mrr"]
    await story.advance("2024-02-15T00:00:01")
    held = await waiting(story, acme), (await story.subscription(acme))["quantity"], (await overview(story))["mrr"]

    assert asleep == (waits, 4, held[2]), "until somebody looked, what was there goes on"
    assert held[:2] == ([{**waits[0], "appliesAt": "2024-03-01", "heldBackAt": "2024-02-01", "blockedBy": [above]}], 4)
    (back, *_) = await story.news("acme")
    assert (back[:2], back[3]["above"]) == (("2024-02-01", "subscription.change_held_back"), (None, [above]))

    await seats(story, "1")
    await story.jump("2024-03-20")
    await seats(story, "2")

    assert (await waiting(story, acme), (await story.subscription(acme))["quantity"]) == ([], 2)


WAITING: Final = f"""query($id: ID!) {{ subscription(id: $id) {{ scheduledChanges {{
  kind appliesAt untilFits heldBackAt blockedBy {ABOVE} }} }} }}"""


async def waiting(story: Story, subscription_id: str) -> list[Told]:
    """What is pending on a subscription, and what holds it back."""
    found = await story.world.ask(WAITING, id=subscription_id)
    told: list[Told] = story.names.plain(found["subscription"]).get("scheduledChanges", [])
    return told


async def seats(story: Story, number: str) -> None:
    """Say how many seats are taken."""
    taken: Told = {"customer": ACME, "feature": "seats", "value": number}
    await story.act(documents.REPORT, **taken, idempotencyKey=story.world.fresh_key())
