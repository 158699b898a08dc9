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
from tests.scenarios.story import MONTHLY
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
  ... on SubscriptionChangePreview { rule timing prorationBehavior } ... on ChangeRefused { rule } } }"""


async def ruled(story: Story, **asked: Any) -> dict[str, Any]:
    """Tell which rule speaks for a change."""
    found: dict[str, Any] = (await story.world.ask(RULED, input=asked))["answer"]
    return found


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
