"""Which language a page is written in: the first of the wanted ones that we have words for. (S5)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from widgets_config.locales import normal_tag
from widgets_config.texts import page_locale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from widgets_config.config import WidgetsConfig

LONGEST_TAG: Final = 35
MOST_LANGUAGES: Final = 10


def chosen_locale(config: WidgetsConfig, wanted: Iterable[str | None], last: str) -> str:
    """The first wanted locale that a page can be written in, else `last`."""
    return next((tag for tag in wanted if tag and _spoken(config, tag)), last)


def accepted_languages(header: str | None) -> list[str]:
    """What a browser asks for (RFC 9110, 12.5.4), most wanted first; `*` and what weighs nothing is left out."""
    weighed: list[tuple[float, str]] = []
    for member in (header or "").split(",")[:MOST_LANGUAGES]:
        tag, _, parameter = member.partition(";")
        weight = _weight(parameter)
        if tag.strip() not in ("", "*") and weight > 0:
            weighed.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]


def _spoken(config: WidgetsConfig, tag: str) -> bool:
    return len(tag) <= LONGEST_TAG and page_locale(config, tag) == normal_tag(tag)


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
