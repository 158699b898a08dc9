"""A customer reads one language, and what a law words stays as the law words it (S5)."""

from __future__ import annotations

import pytest

from widgets_config.config import WidgetsConfig
from widgets_config.legal import LEGAL_LABELS, LegalProfile, locked_keys
from widgets_config.locales import direction, fallback_chain, formatting_locale
from widgets_config.shipped import SHIPPED_LOCALES, placeholders, shipped_words, wrong_words
from widgets_config.text_keys import TextKey
from widgets_config.texts import action_label, locked_texts, missing_texts, page_locale, template, text


def config(default: str = "en", **texts: dict[str, str]) -> WidgetsConfig:
    return WidgetsConfig.model_validate(
        {"default_locale": default, "texts": {tag.replace("_", "-"): words for tag, words in texts.items()}}
    )


@pytest.mark.parametrize("locale", SHIPPED_LOCALES)
def test_every_shipped_language_has_every_text_with_the_placeholders_of_english(locale: str) -> None:
    words = shipped_words(locale)

    assert list(words) == list(TextKey)
    assert {key: reason for key in TextKey if (reason := wrong_words(key, words[key]))} == {}


def test_the_chain_widens_the_locale_then_tries_the_default_then_english() -> None:
    assert fallback_chain("pt_br", "de-AT") == ("pt-BR", "pt", "de-AT", "de", "en")
    assert fallback_chain("zh-Hant-TW", "en") == ("zh-Hant-TW", "zh-Hant", "zh", "en")
    assert fallback_chain("nonsense", "en") == ("nonsense", "en")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"pt_BR": "brasileiro", "pt": "português", "fr": "français", "en": "english"}, "brasileiro"),
        ({"pt": "português", "fr": "français", "en": "english"}, "português"),
        ({"fr": "français", "en": "english"}, "français"),
        ({"en": "english"}, "Gérer"),
        ({}, "Gérer"),
    ],
)
def test_a_missing_locale_falls_back_along_the_chain(texts: dict[str, str], expected: str) -> None:
    chosen = config("fr", **{tag: {"action_manage": words} for tag, words in texts.items()})

    assert text(chosen, TextKey.ACTION_MANAGE, "pt-BR") == expected


def test_the_merchants_words_come_before_ours_and_only_for_their_locale() -> None:
    chosen = config(en={"action_manage": "Cancel subscription"})

    assert text(chosen, TextKey.ACTION_MANAGE, "en-GB") == "Cancel subscription"
    assert text(chosen, TextKey.ACTION_MANAGE, "de") == "Verwalten"
    assert text(chosen, TextKey.ACTION_MANAGE, "ja") == "Cancel subscription"


def test_a_value_is_put_in_as_it_is_even_if_it_looks_like_a_placeholder() -> None:
    assert text(WidgetsConfig(), TextKey.CONFIRM_TITLE, "en", plan="{plan} {0} {x.y}") == "Cancel {plan} {0} {x.y}?"


def test_a_page_never_shows_a_gap() -> None:
    with pytest.raises(KeyError, match="plan"):
        text(WidgetsConfig(), TextKey.CONFIRM_TITLE, "en")


LOCKED = [(profile, key) for profile in LegalProfile for key in TextKey if key in locked_keys(profile)]


@pytest.mark.parametrize(("profile", "key"), LOCKED)
@pytest.mark.parametrize("locale", [*SHIPPED_LOCALES, "de-AT", "ar"])
def test_a_locked_label_ignores_the_configuration(profile: LegalProfile, key: TextKey, locale: str) -> None:
    meddled = config(
        "nl", **{tag.replace("-", "_"): {key.value: "Please stay"} for tag in (*SHIPPED_LOCALES, "de-AT", "ar")}
    )

    assert template(meddled, key, locale, profile) == template(WidgetsConfig(), key, locale, profile)
    assert template(meddled, key, locale, profile) != "Please stay"


@pytest.mark.parametrize(
    ("profile", "key", "locale", "expected"),
    [
        ("DE", "action_public_cancellation_form", "de-AT", "Verträge hier kündigen"),
        ("DE", "confirm_cancel", "de", "jetzt kündigen"),
        ("DE", "confirm_cancel", "en-GB", "cancel now"),
        ("DE", "confirm_cancel", "nl", "jetzt kündigen"),
        ("DE", "action_withdraw_contract", "de", "Vertrag widerrufen"),
        ("FR", "action_public_cancellation_form", "fr", "résilier votre contrat"),
        ("FR", "confirm_cancel", "fr-FR", "notification de la résiliation"),
        ("FR", "withdraw_confirm", "de", "Widerruf bestätigen"),
        ("EU", "action_withdraw_contract", "es", "withdraw from contract here"),
        ("EU", "confirm_cancel", "de", "Jetzt kündigen"),
        ("NONE", "confirm_cancel", "fr", "Résilier l\N{RIGHT SINGLE QUOTATION MARK}abonnement"),
    ],
)
def test_the_law_words_its_labels(profile: str, key: str, locale: str, expected: str) -> None:
    assert text(WidgetsConfig(), TextKey(key), locale, LegalProfile(profile)) == expected


def test_every_locked_label_says_where_it_comes_from_and_leaves_nothing_open() -> None:
    labels = [(key, label) for locked in LEGAL_LABELS.values() for key, label in locked.items()]

    assert all(label.source and label.jurisdiction and label.checked_on.year >= 2026 for _, label in labels)
    assert [key for key, label in labels for words in label.texts.values() if placeholders(words)] == []
    assert [key for key, _ in labels if placeholders(shipped_words("en")[key])] == []


def test_the_merchant_is_told_which_texts_a_profile_overrules() -> None:
    chosen = config(de={"confirm_cancel": "Weg damit", "action_manage": "Verwalten"})

    assert locked_texts(chosen, LegalProfile.DE) == (("de", TextKey.CONFIRM_CANCEL),)
    assert locked_texts(chosen, LegalProfile.NONE) == ()


def test_the_merchant_is_told_which_texts_are_missing() -> None:
    chosen = config(pt={"action_manage": "Gerenciar"}, de_AT={"action_manage": "Verwalten"})

    missing = missing_texts(chosen)

    assert list(missing) == ["pt"]
    assert set(missing["pt"]) == set(TextKey) - {TextKey.ACTION_MANAGE}


@pytest.mark.parametrize(
    ("locale", "default", "expected"),
    [
        ("de_at", "en", "de-AT"),
        ("ar-EG", "en", "ar-EG"),
        ("ja", "fr-CA", "fr-CA"),
        ("ja", "ko", "en"),
        ("", "en", "en"),
        ("<script>", "en", "en"),
    ],
)
def test_a_page_is_in_the_customers_locale_where_we_have_its_words(locale: str, default: str, expected: str) -> None:
    assert page_locale(config(default, ar={"action_manage": "إدارة"}), locale) == expected


def test_the_direction_follows_the_language() -> None:
    assert [direction(tag) for tag in ("ar-EG", "he", "de", "nonsense")] == ["rtl", "rtl", "ltr", "ltr"]
    assert str(formatting_locale("de-ZZ")) == "de"


def test_an_action_is_labelled_by_its_name() -> None:
    kinds = [key.removeprefix("action_").upper() for key in TextKey if key.startswith("action_")]

    assert len({action_label(WidgetsConfig(), kind, "en") for kind in kinds}) == len(kinds) == 16
    assert action_label(WidgetsConfig(), "UNDO_CANCELLATION", "de") == "Abonnement behalten"
