"""A good file, and ways to make it bad."""

from __future__ import annotations

import pytest

from billing.refusals import CatalogInvalid
from plangate.catalog.reading import parse_catalog

GOOD = """\
catalog: 1
products:
  app: {name: App}
  docs: {name: Docs}
features:
  calls: {name: Calls, kind: metered, scale: 2}
  seats: {name: Seats, kind: metered, product: app}
  sso: {name: SSO, kind: boolean}
  help: {name: Help, kind: config, type: enum, values: [mail, phone]}
  size: {name: Size, kind: config, type: number}
plans:
  team:
    name: Team
    product: app
    kind: paid
    prices:
      - {currency: usd, every: month, amount: 19.00}
    entitlements:
      calls: {limit: 5, reset: month}
addons:
  more:
    name: More
    product: app
    kind: paid
    prices: [{currency: usd, every: month, model: per_unit, amount: 5}]
"""
PRICE = "      - {currency: usd, every: month, amount: 19.00}\n"
GIVES = "      calls: {limit: 5, reset: month}\n"
PLAIN = "An amount is a plain decimal like 12 or 0.5."
KIND = "    kind: paid\n    prices:\n"


def refused(content: str | bytes) -> tuple[str, ...]:
    """The problems, without the name of the file."""
    with pytest.raises(CatalogInvalid) as caught:
        parse_catalog(content.encode() if isinstance(content, str) else content, "f")
    return tuple(str(problem).removeprefix("f:") for problem in caught.value.problems)


def changed(old: str, new: str) -> str:
    """The good file with one piece of it changed."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)
