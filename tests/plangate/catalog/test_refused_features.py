"""What is said of products, features and entitlements that are wrong."""

from __future__ import annotations

import pytest

from tests.plangate.catalog.good import GIVES, PLAIN, changed, refused


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("app: {name: App}", "app: {name: [App]}", ("3: `name` is a text; this is a list.",)),
        ("app: {name: App}", "app: {}", ("3: `name` is missing: what people read.",)),
        (
            "docs: {name: Docs}",
            "Docs: {name: D}",
            ('4: "Docs" is no key: begin with a-z, then up to 62 of a-z, 0-9, "_", "." and "-".',),
        ),
        ("docs: {name: Docs}", "default: {name: D}", ('4: "default" is a reserved word: choose another key.',)),
        (
            "docs: {name: Docs}",
            "docs: {name: D, default_plan: teem}",
            ('4: There is no plan "teem". Did you mean "team"? Add it to `plans` or name another.',),
        ),
        (
            "docs: {name: Docs}",
            "docs: {name: D, default_plan: team}",
            ('4: The plan "team" belongs to the product "app": name one of "docs".',),
        ),
        (
            "app: {name: App}",
            "app: {name: A, default_plan: more}",
            ('3: "more" is an add-on: name one of `plans`.',),
        ),
        (
            "app: {name: App}",
            "app: {name: A, after_cancellation: team}",
            ('3: The plan "team" is paid: whoever cancels goes on without paying. Name a free one.',),
        ),
        (
            "docs: {name: Docs}",
            "docs: {name: D, after_cancellation: team}",
            (
                '4: The plan "team" belongs to the product "app": name one of "docs".',
                '4: The plan "team" is paid: whoever cancels goes on without paying. Name a free one.',
            ),
        ),
        (
            "kind: metered, scale: 2}",
            "kind: metred}",
            ('6: `kind` is one of: boolean, config, metered. Did you mean "metered"?',),
        ),
        ("kind: metered, scale: 2}", "scale: 2}", ("6: `kind` is missing: boolean, config or metered.",)),
        ("scale: 2", "scale: 10", ("6: The scale is the number of decimals of its amounts: 0 to 9.",)),
        ("scale: 2", "scale: two", ("6: `scale` is a whole number; this is a text.",)),
        ("scale: 2", "unit: [x]", ("6: `unit` is a text; this is a list.",)),
        (", type: number", "", ("10: Say what the configuration holds: number, enum or json.",)),
        ("values: [mail, phone]", "values: []", ("9: List the values that are allowed: 1 to 100.",)),
        ("values: [mail, phone]", "values: [24, no]", ("9: `values` is a text; this is a number: put it in quotes.",)),
        (
            "values: [mail, phone]",
            "values: mail",
            ("9: `values` is a list; this is a text.", "9: List the values that are allowed: 1 to 100."),
        ),
    ],
)
def test_products_and_features(old: str, new: str, problems: tuple[str, ...]) -> None:
    assert refused(changed(old, new)) == problems


@pytest.mark.parametrize(
    ("new", "problems"),
    [
        ("calls: {limit: 1.234}", ("19: `limit`: This amount takes at most 2 decimals.",)),
        ("calls: {limit: 1e3}", ("19: `limit`: " + PLAIN,)),
        ("calls: {limit: many}", ("19: `limit` is a plain decimal number, or `unlimited`.",)),
        ("calls: {limit: -1}", ("19: A limit is zero or more and at most 2^62 units of the feature's last decimal.",)),
        ("calls: {limit: true}", ("19: `limit` is a plain decimal number such as 12 or 0.5; this is true or false.",)),
        ("calls: {reset: month}", ('19: `limit` is missing: how much of "calls" is given, or `unlimited`.',)),
        ("calls: {limit: 5, resets: month}", ('19: "resets" is not known here. Did you mean "reset"?',)),
        (
            "calls: {limit: 5, reset: monthly}",
            ('19: `reset` is one of: hour, day, week, month, year, subscription_period, never. Did you mean "month"?',),
        ),
        ("calls: {limit: 5, hard: no}", ("19: `hard` is true or false.",)),
        ("calls: {limit: 5, behaviour: replace}", ("19: Only an add-on has a behaviour: take it out.",)),
        ("calls: {limit: 5, priority: 1001}", ("19: A priority is 0 to 1000; the lower one burns first.",)),
        ("calls: [5]", ("19: A map is expected here (limit, hard, reset, anchor, ...); this is a list.",)),
        ("cals: 5", ('19: There is no feature "cals". Did you mean "calls"? Add it to `features` or name another.',)),
        ("sso: yes", ('19: "sso" is a boolean feature: write true or false; this is a text.',)),
        ("sso: {limit: 1}", ('19: "sso" is a boolean feature: write true or false; this is a map.',)),
        ("help: {value: mial}", ('19: The value of this feature is one of: mail, phone. Did you mean "mail"?',)),
        (
            "help: {values: mail}",
            ('19: "values" is not known here. Did you mean "value"?', '19: `value` is missing: what "help" is set to.'),
        ),
        ("help: [mail]", ('19: The value of "help" is one word or number; this is a list.',)),
        ("help:", ('19: "help" needs a value.',)),
        ("size: big", ("19: The value of this feature is a number.",)),
        ("size: true", ("19: The value of this feature is a number.",)),
    ],
)
def test_entitlements(new: str, problems: tuple[str, ...]) -> None:
    assert refused(changed(GIVES, f"      {new}\n")) == problems
