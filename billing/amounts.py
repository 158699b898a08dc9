"""Amounts of metered features: signed integers of 10^-scale inside, plain decimal strings outside.

A plain decimal is ASCII digits with at most one point and one leading minus: no exponent, sign, space or separator.
"""

from __future__ import annotations

import re

from billing.refusals import AmountOutOfRange

MAX_AMOUNT = 2**62
MAX_SCALE = 9

_PLAIN = re.compile(r"(-?)(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,18}))?", re.ASCII)


def parse_amount(text: str, scale: int, *, field: str | None = None) -> int:
    """The exact number of 10^-scale units that `text` says; refuses what it cannot hold exactly."""
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        raise AmountOutOfRange(message="An amount is a plain decimal like 12 or 0.5.", field=field, scale=scale)
    sign, whole, decimals = plain[1], plain[2], plain[3] or ""
    if len(decimals) > scale:
        raise AmountOutOfRange(message=f"This amount takes at most {scale} decimals.", field=field, scale=scale)
    return checked_amount(int(sign + whole + decimals.ljust(scale, "0")), scale, field=field)


def parse_positive_amount(text: str, scale: int, *, field: str | None = None) -> int:
    """As `parse_amount`, where there must be something to take: zero and negative amounts are refused."""
    value = parse_amount(text, scale, field=field)
    if value <= 0:
        raise AmountOutOfRange(message=f"`{field or 'amount'}` is above zero.", field=field, scale=scale)
    return value


def checked_amount(value: int, scale: int, *, field: str | None = None) -> int:
    """The same value, refused beyond 2^62 units either way."""
    if not -MAX_AMOUNT <= value <= MAX_AMOUNT:
        most = format_amount(MAX_AMOUNT, scale)
        raise AmountOutOfRange(
            message=f"`{field or 'amount'}` is at most {most}, or as much below zero.", field=field, scale=scale
        )
    return value


def format_amount(value: int, scale: int) -> str:
    """The one way to write the amount: no trailing decimal zeros, no minus on zero."""
    if not scale:
        return str(value)
    whole, rest = divmod(abs(value), 10**scale)
    decimals = f"{rest:0{scale}d}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
