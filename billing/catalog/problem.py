"""A thing that is wrong with a catalog: where, and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from billing.catalog.values import FeatureDef, PlanDef, ProductDef

MOST_GUESSED = 200
"""The longest word, and the most words, that a guess looks at."""

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` leads to the place as a file nests it, such as ("plans", "team", "prices", 0, "amount").

    `missing` names what is not there and would settle it, as (section, key): a feature, or the prices of a plan.
    """

    path: Path
    message: str
    missing: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The catalog's things by key; `complete` has the plans with what their base plans give."""

    products: Mapping[str, ProductDef]
    features: Mapping[str, FeatureDef]
    plans: Mapping[str, PlanDef]
    complete: Mapping[str, PlanDef]


def section(plan: PlanDef) -> str:
    """Where a file keeps the plan: "plans", or "addons"."""
    return "addons" if plan.is_add_on else "plans"


def unknown(path: Path, where: str, key: str, known: Iterable[str]) -> Problem:
    """The problem of a key that names nothing in the section `where`."""
    one = {"products": "product", "features": "feature", "plans": "plan", "addons": "add-on"}[where]
    message = f'There is no {one} "{key}".{hint(key, known)} Add it to `{where}` or name another.'
    return Problem(path, message, missing=(where, key))


def hint(word: str, known: Iterable[str]) -> str:
    """A guess at what was meant, with a leading space, or nothing."""
    if len(word) > MOST_GUESSED:
        return ""
    close = get_close_matches(word, list(islice(known, MOST_GUESSED)), n=1)
    return f' Did you mean "{close[0]}"?' if close else ""
