"""What the portal shows is what the customer has, in their language, as the merchant configured it. (S1-S5)"""

from __future__ import annotations

import pytest

from billing.policies import CancellationMode, SelfServicePolicy
from resolvers.catalog_apply import catalog_apply
from tests.plangate.portal.visiting import MONTHLY, Portal
from tests.scenarios.almanac import price_list


async def test_a_visit_for_one_subscription_shows_that_one(portal: Portal, held: str) -> None:
    second = await portal.world.subscribed("acme", "enterprise", resourceId="site-2", trialDays=0, **MONTHLY)
    _, both = await portal.visit()
    browser, one = await portal.visit(subscriptionId=second)
    outside = await browser.get(f"/portal/subscriptions/{held}/cancel")

    assert [card.all("h3")[0].text for card in both.root.all("article")] == ["Enterprise", "Team"]
    assert [card.all("h3")[0].text for card in one.root.all("article")] == ["Enterprise"]
    assert "site-2" in one.text
    assert outside.status == 404


async def test_what_a_trial_and_a_later_start_cost_and_when_is_said(portal: Portal) -> None:
    await portal.world.subscribed("trial", "enterprise", **MONTHLY)
    await portal.world.subscribed("later", "team", startsAt="2024-03-01T00:00:00Z", **MONTHLY)
    await portal.world.subscribed("free", "free")
    cards = [(await portal.visit(who))[1].root.all("article")[0].text for who in ("trial", "later", "free")]

    assert cards == [
        "Code hosting Enterprise Trial $105.00 per month Trial until January 31, 2024 Manage Cancel subscription",
        "Code hosting Team Not started $20.00 per month Starts on March 1, 2024 Manage Cancel immediately",
        "Code hosting Free Active Manage Cancel subscription",
    ]


async def test_what_is_off_sale_is_shown_and_can_be_cancelled_and_kept_as_before(portal: Portal) -> None:
    await portal.world.subscribed("acme", "team", **MONTHLY)
    browser, before = await portal.visit()
    archived = await portal.world.ask("""mutation { productArchive(input: {productId: "hosting"}) {
      __typename ... on ProductArchiveDone { live } } }""")
    after = await browser.get("/portal")
    await browser.cancel(after)
    ending = await browser.get("/portal")
    await browser.send(ending, "/keep")
    kept = await browser.get("/portal")

    assert archived["productArchive"] == {"__typename": "ProductArchiveDone", "live": 1}
    assert (after.text, after.kinds) == (before.text, before.kinds)
    assert ending.kinds == ["UNDO_CANCELLATION"]
    assert (kept.text, kept.kinds) == (before.text, before.kinds)


@pytest.mark.parametrize(
    ("widgets", "kinds", "label", "href"),
    [
        ({}, ["MANAGE", "CANCEL_AT_PERIOD_END"], "Manage", "/cancel"),
        ({"checkout_configured": True}, ["MANAGE", "CANCEL_AT_PERIOD_END"], "Manage", "/cancel"),
        ({"portal": {"manage_action": "CALLBACK"}}, ["MANAGE", "CANCEL_AT_PERIOD_END"], "Manage", "/cancel"),
        (
            {"portal": {"manage_action": "URL", "manage_url": "https://main.example/plan"}},
            ["MANAGE", "CANCEL_AT_PERIOD_END"],
            "Manage",
            "https://main.example/plan",
        ),
        ({"portal": {"manage_action": "HIDDEN"}}, ["CANCEL_AT_PERIOD_END"], None, None),
        ({"texts": {"en": {"action_manage": "Cancel subscription"}}}, ["CANCEL_AT_PERIOD_END"], None, None),
    ],
)
async def test_manage_is_what_the_configuration_says(
    portal: Portal, held: str, widgets: dict[str, object], kinds: list[str], label: str | None, href: str | None
) -> None:
    await portal.environment(widgets=widgets)

    _, home = await portal.visit()

    assert home.kinds == kinds
    if label is not None and href is not None:
        assert home.button("MANAGE").text == label
        assert home.button("MANAGE").attributes["href"].endswith(href)


async def test_a_custom_priced_plan_leads_to_the_merchant(portal: Portal) -> None:
    await portal.environment(widgets={"support": {"url": "https://main.example/help"}})
    await portal.world.subscribed("big", "enterprise_agreement")

    _, home = await portal.visit("big")

    assert home.kinds == ["CONTACT_SUPPORT", "CANCEL_AT_PERIOD_END"]
    assert home.button("CONTACT_SUPPORT").attributes["href"] == "https://main.example/help"


async def test_the_language_is_the_links_the_customers_the_browsers_or_the_environments(
    portal: Portal, held: str
) -> None:
    async def language(accept: str = "", **wanted: str) -> str:
        browser = portal.browser()
        link = await portal.link(customer={"externalId": "acme"}, **wanted)
        page = await browser.get(link, **({"Accept-Language": accept} if accept else {}))
        return page.root.all("html")[0].attributes["lang"]

    await portal.environment(locale="es")
    nobody = [await language(), await language("xx, nl;q=0.8, fr;q=0.9"), await language("*, ,;;q=x," + "x" * 9000)]
    await portal.customer("acme", locale="de")
    known = [await language("fr"), await language("fr", locale="nl"), await language("fr", locale="tlh")]

    assert nobody == ["es", "fr", "es"]
    assert known == ["de", "nl", "de"]


async def test_the_merchants_words_and_the_way_back_are_there_in_german(portal: Portal, held: str) -> None:
    await portal.environment(
        name="Nordwind",
        return_urls=["https://nordwind.example"],
        widgets={"texts": {"de": {"action_manage": "Vertrag verwalten", "action_cancel_at_period_end": "Kündigen"}}},
    )
    await portal.customer("acme", name="Ada", zone="Europe/Berlin")
    browser, home = await portal.visit(
        customer={"externalId": "acme"}, locale="de", returnUrl="https://nordwind.example/konto"
    )
    confirm = await browser.get(home.button("CANCEL_AT_PERIOD_END").attributes["href"])

    assert [home.button(kind).text for kind in home.kinds] == ["Vertrag verwalten", "Kündigen"]
    assert "Guten Tag, Ada" in home.text
    assert "20,00\xa0$ pro Monat" in home.response.text.replace("</bdi></strong>", "")
    back = next(each for each in home.root.all("a") if each.attributes.get("class") == "return")
    assert (back.text, back.attributes["href"]) == ("Zurück zu Nordwind", "https://nordwind.example/konto")
    assert "1. Februar 2024, 01:00 GMT+01:00" in confirm.text


async def test_hostile_words_stay_words(portal: Portal) -> None:
    hostile = "<script>alert(1)</script>{{7*7}}\"'"
    await portal.world.subscribed("acme", "team", resourceId=hostile, **MONTHLY)
    await portal.customer("acme", name=hostile)
    await portal.environment(name=hostile)

    _, home = await portal.visit()

    assert (home.status, home.root.all("script")) == (200, [])
    assert f"Hello, {hostile}" in home.text
    assert "49" not in home.text


async def test_usage_is_shown_and_what_ends_says_when_something_stays(portal: Portal, held: str) -> None:
    await portal.world.ask(
        """mutation($i: EntitlementConsumeInput!) { entitlementConsume(input: $i) { __typename } }""",
        i={
            "customer": {"externalId": "acme"},
            "feature": "lfs_bandwidth",
            "amount": "250",
            "idempotencyKey": "k",
        },
    )
    await portal.world.ask(
        """mutation($i: OverrideSetInput!) { overrideSet(input: $i) {
        __typename ... on UserError { code message } } }""",
        i={"customer": {"externalId": "acme"}, "feature": "code_owners"},
    )
    _, before = await portal.visit()
    browser, home = await portal.visit()
    await browser.cancel(home)
    _, pending = await portal.visit()

    usage = "Large file bandwidth Nothing left 250 of 250 GiB used"
    assert f"{usage} Resets on February 1, 2024" in before.text
    assert f"{usage} Until February 1, 2024" in pending.text
    assert pending.text.count("Until February 1, 2024") == 10
    assert "Code owners IncludedInvoices" in pending.text


async def test_what_is_left_of_instalments_stands_where_they_are_shown_and_ended(portal: Portal) -> None:  # K4
    await catalog_apply(await portal.world.context(), price_list())
    await portal.policy(SelfServicePolicy(mode=CancellationMode.IMMEDIATE, allow_instalment_cancel=True))
    await portal.world.subscribed("acme", "kept", currency="USD", interval={"unit": "MONTH"})
    left = "0 of 3 payments are made, $120.00 is left to pay."

    browser, home = await portal.visit()
    asked = await browser.get(home.button("CANCEL_NOW").attributes["href"])

    assert left in home.text
    assert left in asked.text
    german = portal.browser()
    shown = await german.open(await portal.link(customer={"externalId": "acme"}, locale="de"))
    assert "0 von 3 Zahlungen sind geleistet, 120,00 $ sind noch offen." in shown.text
