"""A portal page says exactly what it was given, safely, in the customer's language and without script (S1-S5, S8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plangate.portal import pages
from plangate.portal.pages import render_confirm, render_link_page, render_overview, render_spent, render_status
from plangate.portal.views import (
    SEEDED_REASONS,
    Action,
    ConfirmCancel,
    Form,
    Frame,
    LinkProblem,
    Metered,
    Moment,
    Outcome,
    Overview,
    PortalLink,
    Price,
    SpentLink,
    StatusPage,
    SubscriptionCard,
    Survey,
    manage_action,
)
from tests.plangate.portal.reading import Element, read
from tests.plangate.portal.samples import ENDS, NOW, SUPPORT, all_actions, card, every_page, frame, overview
from widgets_config.legal import LegalProfile
from widgets_config.theme import DEFAULTS

EVERY = every_page(frame(config=SUPPORT))
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}{plan}"
MEDDLED = every_page(frame(merchant=HOSTILE, csrf_token=HOSTILE, config={"support": {"text": HOSTILE}}), HOSTILE)
PLAIN = every_page(frame(config={"support": {"text": "x"}}))
CSS = Path(pages.__file__).with_name("style.css").read_text(encoding="utf-8")


def kinds(page: Element) -> list[str]:
    return [element.attributes["data-kind"] for element in page.all() if "data-kind" in element.attributes]


def buttons(page: Element) -> list[str]:
    return [
        element.text for element in page.all("button", "a") if "button" in element.attributes.get("class", "").split()
    ]


@pytest.mark.parametrize("name", EVERY)
def test_every_page_is_whole_and_brings_nothing_of_its_own_to_run_or_fetch(name: str) -> None:
    page = read(EVERY[name])

    assert EVERY[name].startswith("<!doctype html>")
    assert [page.all(tag) for tag in ("script", "style", "iframe", "img", "object", "base")] == [[]] * 6
    assert [key for element in page.all() for key in element.attributes if key == "style" or key.startswith("on")] == []
    assert [link.attributes["href"] for link in page.all("link")] == ["/portal/style.css"]
    assert set(re.findall(r"https?://[^\"'\s<]+", EVERY[name])) <= {"https://example.com/help"}
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.mark.parametrize("name", EVERY)
def test_every_form_posts_to_us_and_carries_the_visits_token_once(name: str) -> None:
    for form in read(EVERY[name]).all("form"):
        tokens = [i.attributes["value"] for i in form.all("input") if i.attributes["name"] == "csrf_token"]

        assert tokens == ["visit-token"]
        assert (form.attributes["method"], form.attributes["action"][:8]) == ("post", "/portal/")
        assert len(form.all("button")) == 1


@pytest.mark.parametrize("name", EVERY)
def test_every_page_can_be_read_aloud(name: str) -> None:
    page = read(EVERY[name])
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    wanted = [
        element.attributes[key]
        for element in page.all()
        for key in ("aria-labelledby", "aria-describedby", "for")
        if key in element.attributes
    ]
    labelled = {id(control) for label in page.all("label") for control in label.all("input")}

    assert page.all("html")[0].attributes == {"lang": "en-GB", "dir": "ltr"}
    assert len(ids) == len(set(ids))
    assert set(wanted) <= set(ids)
    assert (len(page.all("h1")), len(page.all("main")), len(page.all("title"))) == (1, 1, 1)
    assert page.all("a")[0].attributes["href"] == "#content"
    assert [c for c in page.all("input") if c.attributes.get("type") != "hidden" and id(c) not in labelled] == []
    assert [b for b in page.all("button", "a") if not b.text] == []
    assert [c for c in page.all("input") if "checked" in c.attributes or "required" in c.attributes] == []


@pytest.mark.parametrize("name", EVERY)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    page = read(MEDDLED[name])

    assert [e.tag for e in page.all()] == [e.tag for e in read(PLAIN[name]).all()]
    assert page.all("title")[0].text.endswith(HOSTILE)
    assert [key for e in page.all() for key in e.attributes if key.startswith("on")] == []


def test_a_hostile_wording_of_the_merchant_stays_a_wording() -> None:
    texts = {"en": {"overview_title": "<script>x</script>", "overview_greeting": "<b>{customer}</b>"}}

    page = read(render_overview(overview(frame(config={"texts": texts}))))

    assert page.all("h1")[0].text == "<script>x</script>"
    assert next(e for e in page.all("p") if e.attributes.get("class") == "hello").text == "<b>Team</b>"


def test_the_link_page_spends_nothing_and_has_one_button() -> None:
    html = render_link_page(PortalLink(frame(), Form("/portal/l/secret"), NOW))
    page = read(html)

    (form,) = page.all("form")
    assert form.attributes == {"method": "post", "action": "/portal/l/secret"}
    assert buttons(page) == ["Open your billing portal"]
    assert [a.attributes["href"] for a in page.all("a")] == ["#content", "/back"]
    assert html.count("secret") == 1
    assert {"name": "referrer", "content": "no-referrer"} in [m.attributes for m in page.all("meta")]


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        (LinkProblem.USED, "This link has been used"),
        (LinkProblem.EXPIRED, "This link is no longer valid"),
        (LinkProblem.SESSION_ENDED, "You have been signed out"),
    ],
)
def test_a_link_that_cannot_be_opened_says_why_and_offers_help(problem: LinkProblem, title: str) -> None:
    page = read(render_spent(SpentLink(frame(config=SUPPORT), problem)))

    assert page.all("h1")[0].text == title
    assert page.all("form") == []
    assert [a.attributes["href"] for a in page.all("a")][2:] == ["mailto:help@example.com", "https://example.com/help"]


@pytest.mark.parametrize("pending", [False, True])
def test_the_overview_shows_exactly_the_actions_given(pending: bool) -> None:
    page = read(render_overview(overview(frame(), pending=pending)))
    given = [action.kind for action in all_actions()]
    first = ["UNDO_CANCELLATION", "UNDO_CHANGE"]

    assert kinds(page) == (first + [kind for kind in given if kind not in first] if pending else given)
    assert [b.attributes["data-kind"] for b in page.all("button") if "disabled" in b.attributes] == ["PAUSE", "RESUME"]


def test_a_button_leads_where_its_action_says() -> None:
    page = read(render_overview(overview(frame())))
    links = {e.attributes["data-kind"]: e.attributes["href"] for e in page.all("a") if "data-kind" in e.attributes}
    forms = {f.all("button")[0].attributes["data-kind"]: f for f in page.all("form")}

    assert links == {"MANAGE": "/portal/cancel", "CANCEL_AT_PERIOD_END": "/portal/cancel"}
    assert {kind: form.attributes["action"] for kind, form in forms.items()} == {
        "DOWNGRADE": "/portal/downgrade",
        "UNDO_CANCELLATION": "/portal/undo",
        "UNDO_CHANGE": "/portal/undo-change",
    }
    assert [i.attributes["name"] for i in forms["DOWNGRADE"].all("input")] == ["csrf_token", "subscription"]


@pytest.mark.parametrize(
    ("config", "kind", "href"),
    [
        ({}, "MANAGE", "/cancel"),
        ({"checkout_configured": True}, "MANAGE", "/checkout"),
        ({"checkout_configured": True, "portal": {"manage_action": "CHECKOUT"}}, "MANAGE", "/checkout"),
        ({"portal": {"manage_action": "CHECKOUT"}}, "MANAGE", "/cancel"),
        ({"checkout_configured": True, "portal": {"manage_action": "CANCEL_FLOW"}}, "MANAGE", "/cancel"),
        ({"portal": {"manage_action": "CALLBACK"}}, "MANAGE", "/cancel"),
        ({"portal": {"manage_action": "PORTAL_LINK"}, "checkout_configured": True}, "MANAGE", "/checkout"),
        ({"portal": {"manage_action": "URL", "manage_url": "https://a.example/b"}}, "MANAGE", "https://a.example/b"),
        ({"portal": {"manage_action": "HIDDEN"}}, None, None),
    ],
)
def test_manage_leads_where_the_configuration_says(
    config: dict[str, object], kind: str | None, href: str | None
) -> None:
    chosen = manage_action(frame(config=config), checkout_href="/checkout", cancel_href="/cancel")

    assert (chosen and chosen.kind, chosen and chosen.href) == (kind, href)


def test_manage_has_the_merchants_words_and_no_button_without_a_target() -> None:
    visit = frame("de", {"texts": {"de": {"action_manage": "Abo kündigen"}}})

    chosen = manage_action(visit, checkout_href=None, cancel_href="/cancel")

    assert chosen == Action("MANAGE", "Abo kündigen", href="/cancel")
    assert manage_action(visit, checkout_href=None, cancel_href=None) is None


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil.example", "x"])
def test_a_button_never_leads_to_a_script_or_a_strange_place(href: str) -> None:
    with pytest.raises(ValueError, match="cannot be followed"):
        Action("MANAGE", "Manage", href=href)
    with pytest.raises(ValueError, match="a path of ours"):
        Form(href)


def test_an_enabled_button_leads_to_one_place() -> None:
    with pytest.raises(ValueError, match="needs a link or a form"):
        Action("MANAGE", "Manage")
    with pytest.raises(ValueError, match="needs a link or a form"):
        Action("MANAGE", "Manage", href="/a", form=Form("/b"))


@pytest.mark.parametrize(
    ("actions", "sections", "shown"),
    [
        (all_actions(), ["SUBSCRIPTIONS", "ENTITLEMENTS", "SUPPORT"], 1),
        (all_actions(), ["SUBSCRIPTIONS"], 0),
        (all_actions()[-2:], ["SUBSCRIPTIONS"], 1),
        (all_actions()[-2:], ["SUPPORT", "SUBSCRIPTIONS"], 1),
        ((), ["SUBSCRIPTIONS", "ENTITLEMENTS", "SUPPORT"], 1),
    ],
)
def test_support_is_shown_once_wherever_no_action_is_possible(
    actions: tuple[Action, ...], sections: list[str], shown: int
) -> None:
    visit = frame(config={"portal": {"sections": sections}, **SUPPORT})

    page = read(render_overview(Overview(visit, "Ada", (card(actions=actions),))))

    support = [s for s in page.all("section") if "support" in s.attributes.get("class", "")]
    assert [s.all("p")[0].text for s in support] == ["Call us."] * shown
    assert len(page.all("h2")) == len({*sections} - {"SUPPORT"}) + shown


def test_a_pending_cancellation_offers_to_keep_before_anything_else() -> None:
    page = read(render_overview(overview(frame(), pending=True)))
    notice = next(e for e in page.all("div") if "notice warn" in e.attributes.get("class", ""))

    assert kinds(page)[0] == "UNDO_CANCELLATION"
    assert kinds(notice) == ["UNDO_CANCELLATION"]
    assert notice.all("p")[0].text == "Your plan ends on 20 December 2026, 01:00 GMT+01:00"
    assert notice.all("time")[0].attributes == {"datetime": "2026-12-20T00:00:00Z"}


def test_a_pending_cancellation_promises_no_click_that_is_not_there() -> None:
    page = read(render_overview(Overview(frame(), "Ada", (card(pending=True),))))

    assert "One click" not in page.text
    assert "Your plan ends on" in page.text


def test_usage_is_told_in_numbers_and_in_a_meter() -> None:
    items = (
        Metered("Calls", 812_000, 1_000_000, remaining=188_000, unit="calls", resets_at=ENDS),
        Metered("Space", 125, 100, scale=1, over_by=25, unit="GB"),
        Metered("Seats", 5, 5),
        Metered("Nothing", 0, 0),
        Metered("Events", 7, None),
    )

    page = read(render_overview(Overview(frame(), "Ada", (), items)))

    assert [item.text for item in page.all("li")] == [
        "Calls 188,000 left 812,000 of 1,000,000 calls used Resets on 20 December 2026",
        "Space 2.5 over your limit 12.5 of 10 GB used",
        "Seats Nothing left 5 of 5 used",
        "Nothing Nothing left 0 of 0 used",
        "Events 7 used, unlimited",
    ]
    assert [{k: m.attributes[k] for k in ("max", "low", "value")} for m in page.all("meter")] == [
        {"max": "1000000", "low": "800000", "value": "812000"},
        {"max": "10", "low": "8", "value": "12.5"},
        {"max": "5", "low": "4", "value": "5"},
    ]


def test_a_subscription_shows_its_state_price_and_next_moment() -> None:
    shown = SubscriptionCard(
        "Team", "TRIALING", price=Price(9000, 2, "EUR", "month", 3), moment=(Moment.TRIAL_ENDS, ENDS)
    )

    article = read(render_overview(Overview(frame("de"), "Ada", (shown,)))).all("article")[0]

    assert article.text == "Team Testphase 90,00 € alle 3 Monate Testphase bis 20. Dezember 2026"


def test_the_empty_portal_says_so() -> None:
    text = read(render_overview(Overview(frame(), "Ada"))).text

    assert "You have no subscription at the moment." in text
    assert "Your present plan includes no product usage." in text


def test_cancelling_takes_one_page_with_two_equal_buttons_and_no_question_before_it() -> None:
    confirm = ConfirmCancel(frame(), "Team", ENDS, Form("/portal/cancel"), "/portal", ("Single sign-on",), "Free", ENDS)

    page = read(render_confirm(confirm))

    pair = next(e for e in page.all("div") if e.attributes.get("class") == "pair").all("button", "a")
    assert [(e.text, e.attributes["class"].replace(" danger", "")) for e in pair] == [
        ("Cancel subscription", "button tonal"),
        ("Keep subscription", "button tonal"),
    ]
    assert page.all("main")[0].text == (
        "Cancel Team? Your subscription ends on 20 December 2026, 01:00 GMT+01:00. "
        "Until then everything works as before. "
        "Afterwards you are on Free. What ends with it Single sign-on Cancel subscription Keep subscription "
        "You can undo this here until 20 December 2026, 01:00 GMT+01:00."
    )
    assert page.all("fieldset") == []


def test_the_question_may_come_before_and_stays_optional() -> None:
    visit = frame()
    page = read(
        render_confirm(
            ConfirmCancel(visit, "Team", None, Form("/portal/cancel"), "/portal", survey_before=Survey.seeded(visit))
        )
    )

    (form,) = page.all("form")
    assert [r.attributes["value"] for r in form.all("input") if r.attributes.get("type") == "radio"] == list(
        SEEDED_REASONS
    )
    assert "You can cancel without an answer." in form.text
    assert "Your subscription ends as soon as you confirm." in page.text


@pytest.mark.parametrize(
    ("locale", "profile", "label"),
    [
        ("de", LegalProfile.DE, "jetzt kündigen"),
        ("fr", LegalProfile.FR, "notification de la résiliation"),
        ("de", LegalProfile.NONE, "Tschüs"),
    ],
)
def test_the_law_words_the_last_button_whatever_the_merchant_wrote(
    locale: str, profile: LegalProfile, label: str
) -> None:
    texts = {tag: {"confirm_cancel": "Tschüs"} for tag in ("de", "fr")}
    visit = frame(locale, {"texts": texts}, profile)

    page = read(render_confirm(ConfirmCancel(visit, "Team", ENDS, Form("/portal/cancel"), "/portal")))

    assert page.all("button")[0].text == label


def test_after_cancelling_the_reason_is_asked_and_can_be_undone() -> None:
    visit = frame()
    undo = Action("UNDO_CANCELLATION", "Keep subscription", form=Form("/portal/undo"))
    survey = (Survey.seeded(visit), Form("/portal/reason"))

    page = read(
        render_status(StatusPage(visit, Outcome.CANCELED_AT, "/portal", "Team", ENDS, NOW, None, (undo,), survey))
    )

    assert page.all("h1")[0].text == "Your cancellation is confirmed"
    assert [f.attributes["action"] for f in page.all("form")] == ["/portal/undo", "/portal/reason"]
    assert buttons(page) == ["Keep subscription", "Back to billing", "Send answer"]
    assert [t.attributes["maxlength"] for t in page.all("textarea")] == ["1000"]
    assert "Received on 21 November 2026, 06:00 GMT+01:00" in page.text
    assert "Your cancellation stands either way." in page.text


def test_a_refusal_says_that_nothing_was_changed_and_why() -> None:
    page = read(render_status(StatusPage(frame(), Outcome.REFUSED, "/portal", message="It has already ended.")))

    assert (
        page.all("main")[0].text == "That was not possible It has already ended. Nothing was changed. Back to billing"
    )


def test_a_page_is_written_from_right_to_left_where_its_language_is() -> None:
    texts = {"ar": {"overview_title": "الفواتير"}}

    page = read(render_overview(overview(frame("ar-EG", {"texts": texts}))))

    assert page.all("html")[0].attributes == {"lang": "ar-EG", "dir": "rtl"}
    assert page.all("h1")[0].text == "الفواتير"
    assert page.all("h2")[0].all("span")[0].attributes == {"lang": "en", "dir": "ltr"}
    assert all(time.all("bdi") for time in page.all("time"))


def test_a_language_without_words_gives_a_page_in_the_default_language() -> None:
    page = read(render_overview(overview(frame("ja", {"default_locale": "fr"}))))

    assert page.all("html")[0].attributes == {"lang": "fr", "dir": "ltr"}
    assert page.all("h1")[0].text == "Facturation"


def test_a_theme_is_a_stylesheet_beside_ours() -> None:
    visit = Frame("N", "en", frame().zone, "t", theme_href="/portal/theme.css")

    page = read(render_overview(Overview(visit, "Ada")))

    assert [link.attributes["href"] for link in page.all("link")] == ["/portal/style.css", "/portal/theme.css"]
    for name, (light, dark) in DEFAULTS.items():
        assert f"--pg-{name.replace('_', '-')}: light-dark({light}, {dark});" in CSS
