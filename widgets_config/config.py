"""The configuration of portals and widgets: typed, frozen, and checked in whole before any of it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003  (pydantic reads it when the program runs)
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from widgets_config.actions import NEEDS_A_HOST_PAGE, ManageAction, default_manage_action
from widgets_config.locales import known_locale, normal_tag
from widgets_config.shipped import wrong_words
from widgets_config.text_keys import TextKey  # noqa: TC001  (as above)
from widgets_config.theme import Theme

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_EMAIL = re.compile(r"[^\s@<>()\",;:]+@[^\s@<>()\",;:]+\.[^\s@<>()\",;:.]+")
_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f\"'<>`]")


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
        usable = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        safe = usable = False
    if not (safe and usable) or _UNSAFE.search(value):
        msg = "an address is https://… or http://localhost…, without a user name"
        raise ValueError(msg)
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        msg = "this is no e-mail address"
        raise ValueError(msg)
    return value


def _locale(value: str) -> str:
    if known_locale(value) is None:
        msg = "this is no known locale"
        raise ValueError(msg)
    return normal_tag(value)


Address = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_address)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
LocaleTag = Annotated[str, StringConstraints(max_length=35), AfterValidator(_locale)]
Words = Annotated[str, StringConstraints(max_length=400)]


class Section(StrEnum):
    """A part of the portal's overview; support shows whenever no action is possible, listed or not."""

    SUBSCRIPTIONS = "SUBSCRIPTIONS"
    ENTITLEMENTS = "ENTITLEMENTS"
    INVOICES = "INVOICES"
    SUPPORT = "SUPPORT"


class _Part(BaseModel):
    """Unknown settings are refused: a typing mistake must not pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(NamedTuple):
    """One thing to correct: where it is, and what is wrong."""

    path: str
    message: str


class WrongTexts(ValueError):  # noqa: N818  (pydantic turns it into an answer)
    """Configured texts that do not fit their keys."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in found))
        self.found = found


class Support(_Part):
    """Where a customer turns when no button helps; `text` in place of the language's own."""

    text: Words | None = None
    url: Address | None = None
    email: Email | None = None


class Portal(_Part):
    """What the portal shows, in order, and what its *Manage* button does; no action means the default (S4)."""

    manage_action: ManageAction | None = None
    manage_url: Address | None = None
    sections: tuple[Section, ...] = tuple(Section)

    @model_validator(mode="after")
    def _is_whole(self) -> Portal:
        if self.manage_action is ManageAction.URL and self.manage_url is None:
            msg = "manage_action URL needs a manage_url"
            raise ValueError(msg)
        if len(set(self.sections)) != len(self.sections):
            msg = "a section is named twice"
            raise ValueError(msg)
        if Section.SUBSCRIPTIONS not in self.sections:
            msg = "SUBSCRIPTIONS cannot be left out: a customer's choices are there"
            raise ValueError(msg)
        return self


class WidgetsConfig(_Part):
    """Everything an environment says about its portal and widgets; the empty configuration is the default one."""

    theme: Theme = Theme()
    default_locale: LocaleTag = "en"
    texts: Mapping[LocaleTag, Mapping[TextKey, Words]] = {}
    portal: Portal = Portal()
    checkout_configured: bool = False
    support: Support = Support()

    @model_validator(mode="after")
    def _texts_fit(self) -> WidgetsConfig:
        wrong = tuple(
            Problem(f"texts.{locale}.{key}", reason)
            for locale, words in self.texts.items()
            for key, text in words.items()
            if (reason := wrong_words(key, text))
        )
        if wrong:
            raise WrongTexts(wrong)
        return self


def problems(candidate: object) -> list[Problem]:
    """Everything wrong with a configuration, in order; an empty list means that it can be used."""
    try:
        WidgetsConfig.model_validate(candidate)
    except ValidationError as wrong:
        return [problem for error in wrong.errors(include_url=False) for problem in _problems(error)]
    return []


def _problems(error: ErrorDetails) -> tuple[Problem, ...]:
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, WrongTexts):
        return cause.found
    path = ".".join(str(step) for step in error["loc"] if step != "[key]")
    if error["type"] == "enum" and error["loc"][0] == "texts":
        return (Problem(path, "there is no such text"),)
    return (Problem(path, error["msg"].removeprefix("Value error, ")),)


def effective_manage_action(config: WidgetsConfig) -> ManageAction:
    """What *Manage* does in a host's page: the choice, or the default if none was made or there is no checkout (S4)."""
    chosen = config.portal.manage_action
    if chosen is None or (chosen is ManageAction.CHECKOUT and not config.checkout_configured):
        return default_manage_action(checkout_configured=config.checkout_configured)
    return chosen


def hosted_manage_action(config: WidgetsConfig) -> ManageAction:
    """What *Manage* does on our own hosted page, where no host can answer a callback: never silence (S4)."""
    chosen = effective_manage_action(config)
    return (
        default_manage_action(checkout_configured=config.checkout_configured) if chosen in NEEDS_A_HOST_PAGE else chosen
    )


def support_address(config: WidgetsConfig) -> str | None:
    """Where *Contact support* leads: the help page, else a letter to the address, else nowhere."""
    if config.support.url is not None:
        return config.support.url
    return f"mailto:{config.support.email}" if config.support.email is not None else None
