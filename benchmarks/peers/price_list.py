"""The price list that is measured with: four plans, each with fifteen features and two prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from plangate.catalog.reading import parse_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.catalog.values import Catalog

PLANS = {"team": "platform", "business": "platform", "scale": "platform", "care": "support"}
METERED = tuple(f"metered_{number}" for number in range(10))
SWITCHES = ("single_sign_on", "audit_log", "own_domain")
VALUES = ("support_level", "region")
LIMIT = 500
"""What the cheapest plan gives of each metered feature; the next gives twice as much, and so on."""


def price_list(metered: Sequence[str] = METERED) -> Catalog:
    """Read the price list as the command line reads a file: JSON is YAML."""
    kinds: dict[str, dict[str, object]] = {
        **{key: {"kind": "metered", "unit": "calls"} for key in metered},
        **{key: {"kind": "boolean"} for key in SWITCHES},
        **{key: {"kind": "config", "type": "enum", "values": ["small", "large"]} for key in VALUES},
    }
    document = {
        "catalog": 1,
        "products": {"platform": {"name": "Platform"}, "support": {"name": "Support"}},
        "features": {key: {"name": key.replace("_", " ").capitalize(), **kind} for key, kind in kinds.items()},
        "plans": {key: _plan(key, place, metered) for place, key in enumerate(PLANS, start=1)},
    }
    return parse_catalog(orjson.dumps(document), "price-list.yaml")


def _plan(key: str, place: int, metered: Sequence[str]) -> dict[str, object]:
    limits = {each: _limit(place, resets=bool(number % 2)) for number, each in enumerate(metered)}
    switches, values = dict.fromkeys(SWITCHES, True), dict.fromkeys(VALUES, "small" if place == 1 else "large")
    prices = [_price("usd", 10 * place), _price("eur", 9 * place)]
    return {
        "name": key.capitalize(),
        "product": PLANS[key],
        "kind": "paid",
        "rank": place * 10,
        "prices": prices,
        "entitlements": {**limits, **switches, **values},
    }


def _limit(place: int, *, resets: bool) -> dict[str, object]:
    return {"limit": LIMIT * place, "reset": "subscription_period" if resets else "never"}


def _price(currency: str, amount: int) -> dict[str, object]:
    return {"currency": currency, "every": "month", "model": "flat", "amount": amount}
