"""Arguments that have the right type and an impossible value, refused before anything is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from billing.cancellation import FURTHEST
from billing.catalog.checks.texts import KEY, RESERVED_KEYS
from billing.lifecycle import OWN_REASONS
from billing.money import CURRENCIES, Money
from billing.refusals import AmountOutOfRange, DateOutOfRange, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.lifecycle import CancelReason

SHORT = 255
COMMENT = 1000
WORDS = 500
ADDRESS = 2048
MOST_COINS = 10**12
"""No single amount of money that somebody types has more of the currency's smallest coins."""
MOST_QUANTITY = 1_000_000
METADATA_KEYS, METADATA_KEY, METADATA_VALUE = 50, 40, 500
_EMAIL = re.compile(r'[^@\s,;:<>()\[\]\\"]{1,64}@[^@\s,;:<>()\[\]\\"]{1,255}')
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def text(given: str, field: str, longest: int = SHORT) -> str:
    """Take text that is not empty, not too long and without control characters that no database keeps."""
    if not given or len(given) > longest:
        raise InvalidInput(f"Give 1 to {longest} characters.", field=field)
    if given.isascii() and given.isprintable():
        return given
    if "\x00" in given or (not given.isprintable() and any(ord(c) < 32 and c not in "\n\r\t" for c in given)):  # noqa: PLR2004
        raise InvalidInput("Leave control characters out.", field=field)
    if any(0xD800 <= ord(c) <= 0xDFFF for c in given):  # noqa: PLR2004  (lone surrogates)
        raise InvalidInput("This is not valid Unicode text.", field=field)
    return given


def optional_text(given: str | None, field: str, longest: int = SHORT) -> str | None:
    """Take text where any is given."""
    return None if given is None else text(given, field, longest)


def key(given: str, field: str = "key") -> str:
    """Take a key: lower case, beginning with a letter, no reserved word."""
    if not KEY.fullmatch(given) or given in RESERVED_KEYS:
        raise InvalidInput(
            'Begin with a-z, then up to 62 of a-z, 0-9, "_", "." and "-"; no reserved word.', field=field
        )
    return given


def email(given: str | None) -> str | None:
    """Take one e-mail address; what could name a second one in a mail's head is refused."""
    if given is not None and not _EMAIL.fullmatch(text(given, "email", 320)):
        raise InvalidInput("This is not an e-mail address.", field="email")
    return given


def locale(given: str | None) -> str | None:
    """Take a language tag such as en or pt-BR."""
    if given is not None and not _LOCALE.fullmatch(given):
        raise InvalidInput("Give a language tag such as en or pt-BR.", field="locale")
    return given


def zone(given: str | None) -> str | None:
    """Take the name of a time zone."""
    if given is None:
        return None
    try:
        ZoneInfo(text(given, "zone", 64))
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise InvalidInput("Give a time zone by name, such as Europe/Berlin.", field="zone") from problem
    return given


def country(given: str | None) -> str | None:
    """Take a country by its two letters."""
    if given is not None and not _COUNTRY.fullmatch(given):
        raise InvalidInput("Give a country by its two capital letters, such as DE.", field="country")
    return given


def currency(given: str | None, field: str = "currency") -> str | None:
    """Take a currency by its three letters; it is kept in capitals."""
    if given is None:
        return None
    known = text(given, field, 3).upper()
    if known not in CURRENCIES:
        raise InvalidInput("This is no ISO 4217 currency code.", field=field)
    return known


def money(amount: str, currency_: str, field: str = "amount") -> Money:
    """Take an amount of a currency that is neither nothing nor absurd; it may be negative."""
    known = currency(currency_, f"{field}.currency") or ""
    taken = Money.parse(amount, known, field=f"{field}.amount")
    if not 0 < abs(taken.minor) <= MOST_COINS:
        most = Money(MOST_COINS, known).format()
        raise AmountOutOfRange(
            f"`{field}.amount` is not zero, and at most {most} {known}, or as much below zero.", field=f"{field}.amount"
        )
    return taken


def positive_money(amount: str, currency_: str, field: str = "amount") -> Money:
    """Take an amount of a currency above zero that is not absurd."""
    taken = money(amount, currency_, field)
    if taken.minor < 0:
        raise AmountOutOfRange(f"`{field}.amount` is above zero.", field=f"{field}.amount")
    return taken


def quantity(given: int, field: str = "quantity", *, least: int = 1) -> int:
    """Take a number of seats, workspaces or add-ons."""
    if not least <= given <= MOST_QUANTITY:
        raise InvalidInput(f"`{field}` is a whole number from {least} to {MOST_QUANTITY}.", field=field)
    return given


def near(given: datetime, at: datetime, field: str) -> None:
    """Refuse an instant that is more than ten years away, before or after."""
    if not at - FURTHEST <= given <= at + FURTHEST:
        raise DateOutOfRange(
            f"`{field}` is at most ten years away.", field=field, earliest=at - FURTHEST, latest=at + FURTHEST
        )


def ahead(given: datetime, at: datetime, field: str) -> None:
    """Refuse an instant that is not after now, or more than ten years away."""
    if not at < given <= at + FURTHEST:
        raise DateOutOfRange(
            f"`{field}` is after now and at most ten years away.", field=field, earliest=at, latest=at + FURTHEST
        )


def metadata(given: Mapping[str, object] | None) -> dict[str, str] | None:
    """Take metadata: at most 50 keys, 40 characters a key, 500 a value."""
    if given is None:
        return None
    if len(given) > METADATA_KEYS:
        raise InvalidInput(f"Metadata has at most {METADATA_KEYS} keys.", field="metadata")
    kept: dict[str, str] = {}
    for key, value in given.items():
        if not isinstance(value, str) or len(value) > METADATA_VALUE:
            raise InvalidInput(f"A metadata value is text of at most {METADATA_VALUE} characters.", field="metadata")
        kept[text(key, "metadata", METADATA_KEY)] = text(value, "metadata", METADATA_VALUE) if value else ""
    return kept


def resource(given: str | None) -> str:
    """Take a resource; none is ''."""
    return text(given, "resource") if given else ""


def reason(given: CancelReason | None) -> None:
    """Refuse a reason that nobody gives."""
    if given in OWN_REASONS:
        raise InvalidInput("Plangate itself ends subscriptions for this reason: give another.", field="reason")


def page(first: int) -> int:
    """Take how many rows a page has."""
    if not 1 <= first <= 100:  # noqa: PLR2004  (the schema says 1 to 100)
        raise InvalidInput("Ask for 1 to 100 rows.", field="first")
    return first
