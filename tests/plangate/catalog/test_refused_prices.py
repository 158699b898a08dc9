"""What is said of prices that are wrong."""

from __future__ import annotations

import pytest

from tests.plangate.catalog.good import PLAIN, PRICE, changed, refused

RECURS = "A price recurs every day, week, month or year; at most every 366 days, 156 weeks, 120 months, 10 years."


@pytest.mark.parametrize(
    ("price", "problems"),
    [
        ("currency: usx, every: month, amount: 1", ('17: "USX" is no ISO 4217 currency, such as usd or eur.',)),
        ("every: month, amount: 1", ("17: `currency` is missing: three letters, such as usd.",)),
        ("currency: usd, amount: 1", ("17: `every` is missing: how often it recurs, such as month.",)),
        (
            "currency: usx, every: mnth, amount: 1",
            (
                '17: `every` is day, week, month or year, or several such as 3 months. Did you mean "month"?',
                '17: "USX" is no ISO 4217 currency, such as usd or eur.',
            ),
        ),
        (
            "currency: usd, every: 0 days, amount: 1",
            ('17: `every` is day, week, month or year, or several such as 3 months. Did you mean "day"?',),
        ),
        (
            "currency: usd, every: 11 years, amount: 1",
            (f"17: {RECURS}",),
        ),
        ("currency: usd, every: month, amount: 1.005", ("17: USD has 2 decimals: this amount has more.",)),
        ("currency: jpy, every: month, amount: 1.5", ("17: JPY has 0 decimals: this amount has more.",)),
        ("currency: usd, every: month, amount: -1", ("17: An amount is zero or more, and at most 2^62 billionths.",)),
        ("currency: usd, every: month, amount: 1e3", ("17: `amount`: " + PLAIN,)),
        ("currency: usd, every: month, amount: free", ("17: `amount`: " + PLAIN,)),
        (
            "currency: usd, every: month, amount: [1]",
            ("17: `amount` is a plain decimal number such as 12 or 0.5; this is a list.",),
        ),
        (
            "currency: usd, every: month",
            (
                "16: All prices of this plan are zero: make it free, or say what it costs.",
                "17: Say what it costs, such as 19.00.",
            ),
        ),
        (
            "currency: usd, every: month, amount: 0",
            ("16: All prices of this plan are zero: make it free, or say what it costs.",),
        ),
        (
            "currency: usd, every: month, amount: 1, model: tiered",
            ("17: `model` is one of: flat, per_unit, graduated, volume, package.",),
        ),
        (
            "currency: usd, every: month, amount: 1, model: package",
            ("17: Say how many units are in a package; it is more than zero.",),
        ),
        (
            "currency: usd, every: month, amount: 1, package_size: 5",
            ("17: Only a price of `model: package` has a package size: take it out.",),
        ),
        (
            "currency: usd, every: month, amount: 1, tiers: [{unit_amount: 1}]",
            ("17: Only a price of `model: graduated` or `model: volume` has tiers: take them out.",),
        ),
        (
            "currency: usd, every: month, amount: 1, model: volume, tiers: [{unit_amount: 1}]",
            ("17: A tiered price has its amounts in `tiers`: take this one out.",),
        ),
        (
            "currency: usd, every: month, model: volume",
            (
                "16: All prices of this plan are zero: make it free, or say what it costs.",
                "17: List its tiers: 1 to 100.",
            ),
        ),
        (
            "currency: usd, every: month, model: graduated, tiers: [{up_to: 5, unit_amount: 1}]",
            ("17: The last tier is for all further units: leave its `up_to` out.",),
        ),
        (
            "currency: usd, every: month, model: graduated, tiers: [{unit_amount: 1}, {unit_amount: 1}]",
            ("17: Only the last tier is open: say how far this one goes with `up_to`.",),
        ),
        (
            "currency: usd, model: volume, every: day, tiers: [{unit_amount: 1, up_to: 5},{up_to: 5},{unit_amount: 1}]",
            (
                "17: `unit_amount` is missing: what one unit costs, or give a `flat_amount`.",
                "17: Tiers go upwards: this `up_to` must be more than that of the tier before.",
            ),
        ),
        (
            "currency: usd, every: month, model: volume, tiers: [{unit_amount: 0.0000000001}]",
            ("17: `unit_amount`: This amount takes at most 9 decimals.",),
        ),
        (
            "currency: usd, every: month, model: volume, tiers: [{flat_amount: 0.001}]",
            ("17: USD has 2 decimals: this amount has more.",),
        ),
        (
            "currency: usd, every: month, usage: metered, model: per_unit, amount: 1",
            ("17: Name the metered feature whose usage this price bills.",),
        ),
        (
            "currency: usd, every: month, usage: metered, model: per_unit, amount: 1, feature: sso",
            ('17: A price names a metered feature; "sso" is boolean.',),
        ),
        (
            "currency: usd, every: month, usage: metered, model: per_unit, amount: 1, feature: cals",
            ('17: There is no feature "cals". Did you mean "calls"? Add it to `features` or name another.',),
        ),
        (
            "currency: usd, every: month, usage: metered, amount: 1, feature: calls",
            ("17: A metered price depends on usage: choose per_unit, graduated, volume or package.",),
        ),
        (
            (
                "currency: usd, every: month, usage: metered, model: graduated, feature: calls, "
                "tiers: [{up_to: 5, unit_amount: 0}, {unit_amount: 1}]"
            ),
            ('17: "calls" stops at a hard limit before anything is billed: set `hard: false` on it.',),
        ),
        (
            "currency: usd, every: month, model: per_unit, amount: 1, feature: seats",
            ('17: The plan does not give "seats": add it to its `entitlements`.',),
        ),
        (
            "currency: usd, every: month, model: per_unit, amount: 1, feature: calls",
            ('17: Each unit of this price buys the limit once: set `per_quantity: true` on "calls".',),
        ),
        (
            "currency: usd, every: month, amount: 1, key: Month",
            ('17: "Month" is no key: begin with a-z, then up to 62 of a-z, 0-9, "_", "." and "-".',),
        ),
    ],
)
def test_a_price(price: str, problems: tuple[str, ...]) -> None:
    assert refused(changed(PRICE, f"      - {{{price}}}\n")) == problems


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        (
            "- {currency: usd, every: month, amount: 2}",
            (
                '18: There is another price "usd_month": give this one its own key.',
                "18: There is another licensed price in USD every month: keep one of them.",
            ),
        ),
        (
            "- {currency: usd, every: year, amount: 2, feature: calls}",
            (
                '18: Each unit of this price buys the limit once: set `per_quantity: true` on "calls".',
                '17: Offered every month in USD, and the price of "calls" is not: add one, or drop this.',
                "18: Offered every year in USD, and the price without a feature is not: add one, or drop this.",
            ),
        ),
        (
            "- {currency: usd, every: 2 months, usage: metered, model: per_unit, amount: 2, feature: calls}",
            ("18: Usage is billed at least as often as the plan: one in USD recurs sooner than this.",),
        ),
        (
            "- {currency: eur, every: month, usage: metered, model: per_unit, amount: 2, feature: calls}",
            ('18: "calls" is metered in EUR and not in USD: add a price.',),
        ),
        (
            (
                "- {currency: usd, every: month, usage: metered, model: per_unit, amount: 2, feature: calls}\n"
                "      - {currency: usd, every: day, usage: metered, model: per_unit, amount: 2, feature: calls}"
            ),
            ('19: "calls" is metered twice in USD: keep one price.',),
        ),
    ],
)
def test_prices_together(more: str, problems: tuple[str, ...]) -> None:
    found = refused(changed(PRICE, f"{PRICE}      {more}\n"))

    assert sorted(found) == sorted(problems)
