"""A configuration is checked in whole, and every choice for *Manage* leads somewhere (S4)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from widgets_config.actions import MEANINGS, ManageAction
from widgets_config.config import (
    Problem,
    Section,
    WidgetsConfig,
    effective_manage_action,
    hosted_manage_action,
    problems,
    support_address,
)

URL = {"manage_action": "URL", "manage_url": "https://example.com/billing"}


def config(action: str | None, *, checkout: bool) -> WidgetsConfig:
    portal = {} if action is None else URL if action == "URL" else {"manage_action": action}
    return WidgetsConfig.model_validate({"portal": portal, "checkout_configured": checkout})


def test_the_empty_configuration_is_usable() -> None:
    empty = WidgetsConfig.model_validate({})

    assert empty == WidgetsConfig()
    assert empty.portal.sections == tuple(Section)
    assert problems({}) == []


@pytest.mark.parametrize(
    ("action", "checkout", "in_a_host", "on_our_page"),
    [
        (None, True, "CHECKOUT", "CHECKOUT"),
        (None, False, "CANCEL_FLOW", "CANCEL_FLOW"),
        ("CHECKOUT", True, "CHECKOUT", "CHECKOUT"),
        ("CHECKOUT", False, "CANCEL_FLOW", "CANCEL_FLOW"),
        ("CANCEL_FLOW", True, "CANCEL_FLOW", "CANCEL_FLOW"),
        ("CANCEL_FLOW", False, "CANCEL_FLOW", "CANCEL_FLOW"),
        ("PORTAL_LINK", True, "PORTAL_LINK", "CHECKOUT"),
        ("PORTAL_LINK", False, "PORTAL_LINK", "CANCEL_FLOW"),
        ("CALLBACK", True, "CALLBACK", "CHECKOUT"),
        ("CALLBACK", False, "CALLBACK", "CANCEL_FLOW"),
        ("URL", True, "URL", "URL"),
        ("URL", False, "URL", "URL"),
        ("HIDDEN", True, "HIDDEN", "HIDDEN"),
        ("HIDDEN", False, "HIDDEN", "HIDDEN"),
    ],
)
def test_manage_does_what_was_chosen_or_the_default(
    action: str | None, checkout: bool, in_a_host: str, on_our_page: str
) -> None:
    chosen = config(action, checkout=checkout)

    assert (effective_manage_action(chosen), hosted_manage_action(chosen)) == (in_a_host, on_our_page)


def test_every_manage_action_has_a_meaning() -> None:
    assert list(MEANINGS) == list(ManageAction)


def test_a_configuration_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        WidgetsConfig().checkout_configured = True


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1/",
        "javascript:alert(1)",
        "//example.com",
        "https://",
        "https://user:secret@example.com",
        "https://example.com:99999",
        'https://example.com/"onclick="x',
        "https://example.com/\nSet-Cookie: x",
        "https://example.com\\@evil.example",
        "data:text/html,x",
        "",
    ],
)
def test_an_address_that_is_not_safe_to_follow_is_refused(address: str) -> None:
    assert [p.path for p in problems({"portal": {"manage_action": "URL", "manage_url": address}})] == [
        "portal.manage_url"
    ]


@pytest.mark.parametrize(
    "address", ["https://example.com", "https://example.com:8443/a?b=c#d", "http://localhost:3000/"]
)
def test_a_safe_address_is_kept_as_written(address: str) -> None:
    assert problems({"portal": {"manage_url": address}, "support": {"url": address}}) == []


def test_everything_wrong_is_named_with_its_place() -> None:
    wrong = {
        "theme": {"light": {"accent": "red;}"}, "css": "* {}"},
        "texts": {"de": {"no_such_text": "x"}, "qq": {}},
        "portal": {"manage_action": "URL"},
        "support": {"email": "nobody"},
        "colour": 1,
    }

    assert problems(wrong) == [
        Problem("theme.light.accent", "a colour is written #rgb or #rrggbb"),
        Problem("theme.css", "Extra inputs are not permitted"),
        Problem("texts.de.no_such_text", "there is no such text"),
        Problem("texts.qq", "this is no known locale"),
        Problem("portal", "manage_action URL needs a manage_url"),
        Problem("support.email", "this is no e-mail address"),
        Problem("colour", "Extra inputs are not permitted"),
    ]


def test_sections_are_named_once_and_the_customers_choices_cannot_be_hidden() -> None:
    assert problems({"portal": {"sections": ["SUPPORT", "SUPPORT"]}}) == [Problem("portal", "a section is named twice")]
    assert problems({"portal": {"sections": ["SUPPORT"]}}) == [
        Problem("portal", "SUBSCRIPTIONS cannot be left out: a customer's choices are there")
    ]


def test_support_is_the_help_page_else_the_letter_else_nowhere() -> None:
    support = {"url": "https://example.com/help", "email": "help@example.com"}

    addresses = [
        support_address(WidgetsConfig.model_validate({"support": s}))
        for s in (support, {"email": support["email"]}, {})
    ]

    assert addresses == ["https://example.com/help", "mailto:help@example.com", None]


@pytest.mark.parametrize("candidate", [None, [], "x", 1])
def test_what_is_no_configuration_at_all_is_one_problem(candidate: object) -> None:
    assert [p.path for p in problems(candidate)] == [""]


def test_texts_that_do_not_fit_their_key_are_named_one_by_one() -> None:
    texts = {
        "de": {"confirm_title": "Kündigen?", "link_open": "Öffnen {", "action_manage": " "},
        "fr": {"confirm_title": "Résilier {plan} ?"},
        "en": {"action_manage": "{plan.__class__}", "link_title": "Hi {plan}"},
    }

    assert problems({"texts": texts}) == [
        Problem("texts.de.confirm_title", "the placeholders must be {plan}"),
        Problem("texts.de.link_open", "a brace is only for a {placeholder}"),
        Problem("texts.de.action_manage", "a text is not empty and has no control characters"),
        Problem("texts.en.action_manage", "a brace is only for a {placeholder}"),
        Problem("texts.en.link_title", "the placeholders must be none"),
    ]
