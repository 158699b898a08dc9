"""The words of one text for one customer: the law's, else the merchant's, else ours, along the locale chain (S5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widgets_config.legal import LegalProfile, legal_label
from widgets_config.locales import ancestors, fallback_chain, normal_tag
from widgets_config.shipped import PLACEHOLDER, SHIPPED_LOCALES, shipped_words
from widgets_config.text_keys import TextKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from widgets_config.config import WidgetsConfig


def wording(
    config: WidgetsConfig, key: TextKey, locale: str, profile: LegalProfile = LegalProfile.NONE
) -> tuple[str, str]:
    """The locale that had words, and the words, placeholders open; a locked label ignores the configuration."""
    if label := legal_label(profile, key):
        own = next(iter(label.texts))
        tag = next((step for step in ancestors(locale) if step in label.texts), own)
        return tag, label.texts[tag]
    chain = fallback_chain(locale, config.default_locale)
    return next((tag, words) for tag in chain if (words := _words(config, tag, key)))


def template(config: WidgetsConfig, key: TextKey, locale: str, profile: LegalProfile = LegalProfile.NONE) -> str:
    """The words with their placeholders still open."""
    return wording(config, key, locale, profile)[1]


def filled(words: str, value_of: Callable[[str], str]) -> str:
    """The words with each placeholder replaced; a value's own braces are left as they are."""
    return PLACEHOLDER.sub(lambda match: value_of(match[1]), words)


def text(
    config: WidgetsConfig, key: TextKey, locale: str, profile: LegalProfile = LegalProfile.NONE, **values: str
) -> str:
    """The finished text. A placeholder without a value is a KeyError: a page must not show a gap."""
    return filled(template(config, key, locale, profile), values.__getitem__)


def action_label(config: WidgetsConfig, kind: str, locale: str, profile: LegalProfile = LegalProfile.NONE) -> str:
    """What the button of an action says, by the action's name; a ValueError for an unknown one."""
    return text(config, TextKey(f"action_{kind.lower()}"), locale, profile)


def page_locale(config: WidgetsConfig, locale: str) -> str:
    """The locale a page is really written in, for its `lang`, direction, dates and numbers.

    The customer's, where we have words of that language; else the default locale, else English.
    """
    spoken = {*SHIPPED_LOCALES, *(tag for tag, words in config.texts.items() if words)}
    for wanted in (locale, config.default_locale):
        if spoken.intersection(ancestors(wanted)):
            return normal_tag(wanted)
    return "en"


def missing_texts(config: WidgetsConfig) -> Mapping[str, tuple[TextKey, ...]]:
    """Per configured locale, the texts for which another language will have to speak."""
    return {
        tag: gaps
        for tag in config.texts
        if (
            gaps := tuple(
                key for key in shipped_words("en") if not any(_words(config, step, key) for step in ancestors(tag))
            )
        )
    }


def locked_texts(config: WidgetsConfig, profile: LegalProfile) -> tuple[tuple[str, TextKey], ...]:
    """The configured texts that `profile` overrules, as (locale, key): a warning to the merchant."""
    return tuple((tag, key) for tag, words in config.texts.items() for key in words if legal_label(profile, key))


def _words(config: WidgetsConfig, tag: str, key: TextKey) -> str | None:
    return config.texts.get(tag, {}).get(key) or shipped_words(tag).get(key)
