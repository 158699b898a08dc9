"""The rule of changes is data: when a move takes effect by its direction, and what one that is made at once costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from billing.lifecycle import Channel
from billing.refusals import InvalidInput
from resolvers.environment_set import EnvironmentSet, environment_set, environment_settings
from tests.scenarios import documents
from tests.scenarios.ending_money import bill_as, kept, waiting
from tests.scenarios.priced import CATALOG, bills
from tests.scenarios.story import MONTHLY, YEARLY
from tests.world import OWNER

if TYPE_CHECKING:
    from tests.scenarios.story import Story


async def twenty(story: Story, **changes: Any) -> str:
    """A month of 20.00 where changes follow this rule, on the sixteenth of January."""
    await story.catalog(CATALOG)
    await bill_as(story, changes=changes)
    acme = await story.subscribe("acme", "twenty", currency="USD", interval=MONTHLY)
    await story.advance("2024-01-16")
    return acme


async def test_a_rule_says_what_waits_what_is_refused_and_a_merchant_may_say_otherwise(story: Story) -> None:
    acme = await twenty(story, up="END_OF_PERIOD", down="REFUSE")
    before = await kept(story), await story.subscription(acme)

    down: dict[str, Any] = {"subscriptionId": acme, "planId": "ten"}
    for document in (documents.DOWNGRADE, documents.CHANGE):
        assert (await story.act(document, **down))["__typename"] == "ChangeRefused"
    assert (await kept(story), await story.subscription(acme)) == before

    up = await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    assert up["change"]["appliesAt"] == "2024-02-01", "up waits here"
    moved = await story.act(documents.DOWNGRADE, **down, timing="END_OF_PERIOD")
    assert moved["change"]["plan"] == "ten", "who says the timing is not bound by the rule"


@pytest.mark.parametrize(
    ("proration", "at_once", "later"),
    [
        ("ALWAYS_INVOICE", "15.48", []),
        ("CREATE_PRORATIONS", None, ["CREDIT -10.32", "PERIOD 15.48"]),
        ("NONE", None, []),
    ],
)
async def test_what_is_changed_at_once_is_billed_as_the_rule_says(  # C18
    story: Story, proration: str, at_once: str | None, later: list[str]
) -> None:
    acme = await twenty(story, proration=proration)

    await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")

    assert await waiting(story, "acme") == later
    assert [each[1] for each in await bills(story, "acme")][1:] == [at_once] * (at_once is not None)
    await story.advance("2024-02-10")
    due = {"ALWAYS_INVOICE": "30.00", "CREATE_PRORATIONS": "45.48", "NONE": "30.00"}
    assert (await bills(story, "acme"))[-1][1] == due[proration], "what is unpaid is lowered by a note"


@pytest.mark.parametrize(
    ("said", "rule", "at_once", "later"),
    [
        ("ALWAYS_INVOICE", "NONE", ["15.48"], []),
        ("CREATE_PRORATIONS", "NONE", [], ["CREDIT -10.32", "PERIOD 15.48"]),
        ("NONE", "ALWAYS_INVOICE", [], []),
    ],
)
async def test_a_merchant_says_how_one_change_bills_and_is_shown_just_that(  # C18
    story: Story, said: str, rule: str, at_once: list[str], later: list[str]
) -> None:
    acme = await twenty(story, proration=rule)
    asked: dict[str, Any] = {"subscriptionId": acme, "planId": "thirty", "prorationBehavior": said}
    shown = (await story.world.ask(RULED, input=asked))["answer"]
    other = await story.world.ask(AS_SHOWN, input={**asked, "prorationBehavior": rule, "previewToken": token(shown)})

    done = await story.world.ask(AS_SHOWN, input={**asked, "previewToken": token(shown)})

    assert (shown["rule"], shown["prorationBehavior"]) == ("default", said)
    assert [each["total"]["amount"] for each in shown["money"]["invoicedNow"]] == at_once
    assert other["answer"] == {"__typename": "StalePreview", "staleReason": "ANOTHER_REQUEST"}
    assert done["answer"]["__typename"] == "SubscriptionChanged"
    assert [total for _, total, _ in await bills(story, "acme")][1:] == at_once
    assert await waiting(story, "acme") == later


async def test_what_becomes_of_billed_time_is_not_said_where_none_is_cut_or_by_a_customer(story: Story) -> None:  # C18
    acme = await twenty(story, down="IMMEDIATE", sideways="END_OF_PERIOD")
    before = await kept(story), await story.subscription(acme)
    theirs = await story.token("acme")

    for document in (documents.CHANGE, documents.PREVIEW):
        some: list[dict[str, Any]] = [{"planId": "thirty"}, {"quantity": 2}]
        for asked in some:
            later = await story.act(
                document, subscriptionId=acme, timing="END_OF_PERIOD", prorationBehavior="NONE", **asked
            )
            assert (later["__typename"], later["field"]) == ("NothingUnused", "prorationBehavior")
        refused = await story.act(
            document, key=theirs, subscriptionId=acme, planId="thirty", prorationBehavior="ALWAYS_INVOICE"
        )
        assert (refused["__typename"], refused["field"]) == ("MerchantOnly", "prorationBehavior")
    down = await story.act(documents.DOWNGRADE, subscriptionId=acme, planId="ten", prorationBehavior="NONE")

    assert (before[0], await waiting(story, "acme")) == (await kept(story) | {"waiver": before[0]["waiver"]}, [])
    assert (down["__typename"], down["subscription"]["plan"]) == ("SubscriptionDowngraded", "ten")


async def test_a_paid_year_is_used_up_before_months_begin_where_nothing_is_prorated(story: Story) -> None:  # C18
    await story.catalog(CATALOG)
    await bill_as(story, changes={"down": "IMMEDIATE", "proration": "NONE"})
    acme = await story.subscribe("acme", "ten", currency="USD", interval=YEARLY)
    await story.advance("2024-02-16")
    asked: dict[str, Any] = {"subscriptionId": acme, "planId": "thirty", "interval": MONTHLY}
    before = await kept(story), await story.subscription(acme)

    at_once = await story.act(documents.CHANGE, **asked, timing="IMMEDIATE")
    shown = await ruled(story, **asked)
    prorated = await ruled(story, **asked, timing="IMMEDIATE", prorationBehavior="CREATE_PRORATIONS")

    assert (at_once["__typename"], at_once["field"]) == ("ProrationUnavoidable", "prorationBehavior")
    assert (await kept(story), await story.subscription(acme)) == before
    assert (shown["timing"], prorated["timing"]) == ("END_OF_PERIOD", "IMMEDIATE")
    made = await story.act(documents.CHANGE, **asked)
    assert made["change"]["appliesAt"] == "2025-01-01"


async def test_the_most_precise_rule_says_when_how_it_bills_and_what_is_refused(story: Story) -> None:
    rules = [
        {"name": "years-later", "to": {"interval": "year"}, "timing": "END_OF_PERIOD"},
        {"name": "paper-free", "from": {"product": "paper"}, "timing": "IMMEDIATE", "proration": "NONE"},
        {"name": "no-ten", "from": {"plan": "twenty"}, "to": {"plan": "ten"}, "timing": "REFUSE"},
    ]
    acme = await twenty(story, rules=rules)
    down: dict[str, Any] = {"subscriptionId": acme, "planId": "ten"}
    before = await kept(story), await story.subscription(acme)

    for document in (documents.DOWNGRADE, documents.CHANGE, documents.PREVIEW):
        refused = await story.act(document, **down)
        named = (refused["__typename"], refused["code"], refused["field"])
        assert named == ("ChangeRefused", "CHANGE_REFUSED", "planId")
    assert await ruled(story, **down) == {"__typename": "ChangeRefused", "rule": "no-ten"}
    said = {"rule": "no-ten", "timing": "END_OF_PERIOD", "prorationBehavior": "ALWAYS_INVOICE"}
    assert await ruled(story, **down, timing="END_OF_PERIOD") == SHOWN | said
    free = {"rule": "paper-free", "timing": "IMMEDIATE", "prorationBehavior": "NONE"}
    assert await ruled(story, subscriptionId=acme, planId="thirty") == SHOWN | free
    assert await ruled(story, subscriptionId=acme, quantity=2) == SHOWN | free | {
        "rule": "default",
        "prorationBehavior": "ALWAYS_INVOICE",
    }
    assert (await kept(story), await story.subscription(acme)) == before

    await story.act(documents.CHANGE, subscriptionId=acme, planId="thirty")
    assert (await waiting(story, "acme"), len(await bills(story, "acme"))) == ([], 1)
    await story.advance("2024-02-10")
    assert (await bills(story, "acme"))[-1][1] == "30.00"


SHOWN = {"__typename": "SubscriptionChangePreview"}
RULED = """query($input: SubscriptionChangePreviewInput!) {
  answer: subscriptionChangePreview(input: $input) { __typename
  ... on SubscriptionChangePreview { rule timing prorationBehavior money { token invoicedNow { total { amount } } } }
  ... on ChangeRefused { rule } } }"""
AS_SHOWN = """mutation($input: SubscriptionChangeInput!) {
  answer: subscriptionChange(input: $input) { __typename ... on StalePreview { staleReason } } }"""


async def ruled(story: Story, **asked: Any) -> dict[str, Any]:
    """Tell which rule speaks for a change."""
    found: dict[str, Any] = (await story.world.ask(RULED, input=asked))["answer"]
    return {key: each for key, each in found.items() if key != "money"}


def token(shown: dict[str, Any]) -> str:
    """Tell what the preview gave to be passed on."""
    given: str = shown["money"]["token"]
    return given


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"to": {"plan": "tem"}}, "names no plan: tem."),
        ({"from": {"plan": "data_pack"}}, "names no plan: data_pack."),
        ({"to": {"product": "ink"}}, "names no product: ink."),
        ({"from": {"plan": "twenty"}, "to": {"plan": "team"}}, "leads from one product to another."),
    ],
)
async def test_a_rule_that_nothing_could_follow_is_refused_when_it_is_set(
    story: Story, rule: dict[str, Any], problem: str
) -> None:
    await story.catalog(CATALOG)
    ctx = story.world.contexts.make(OWNER, (await story.world.context()).env, Channel.CLI)
    before = await environment_settings(ctx)
    asked = EnvironmentSet(billing={"changes": {"rules": [{"name": "odd", "timing": "REFUSE", **rule}]}})

    with pytest.raises(InvalidInput) as refused:
        await environment_set(ctx, asked)

    assert (refused.value.field, str(refused.value.message)) == ("billing", f"The rule 'odd' {problem}")
    assert await environment_settings(ctx) == before
