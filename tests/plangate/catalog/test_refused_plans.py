"""What is said of plans and add-ons that are wrong."""

from __future__ import annotations

import pytest

from tests.plangate.catalog.good import GIVES, GOOD, KIND, changed, refused


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        ("kind: payed", ('15: `kind` is one of: free, paid, custom, empty. Did you mean "paid"?',)),
        ("kind: free", ("17: A plan of kind free costs nothing: take the price out or make it paid.",)),
        ("kind: custom", ("16: A custom plan is priced by agreement: take its prices out or make it paid.",)),
        (
            "kind: empty",
            (
                "17: A plan of kind empty costs nothing: take the price out or make it paid.",
                "18: An empty plan gives nothing: take this out.",
            ),
        ),
        ("kind: paid\n    rank: high", ("16: `rank` is a whole number; this is a text.",)),
        ("kind: paid\n    trial_days: 731", ("16: A trial has 0 to 730 days.",)),
        ("kind: paid\n    instalments: 1", ("16: There are 2 to 120 instalments, or none (0).",)),
        ("kind: paid\n    instalments: 121", ("16: There are 2 to 120 instalments, or none (0).",)),
        (
            "kind: paid\n    instalments: 3\n    addons: [more]",
            ("17: A plan that is paid in instalments takes no add-ons.",),
        ),
        (
            "kind: paid\n    access_after_completion: end",
            ("16: Only what is paid in instalments is completed: take it out.",),
        ),
        ("kind: paid\n    access_after_completion: stop", ("16: `access_after_completion` is one of: keep, end.",)),
        ("kind: paid\n    hidden: maybe", ("16: `hidden` is true or false.",)),
        ("kind: paid\n    metadata: {a: [1]}", ('16: The value of the metadata "a" is one text: put it in quotes.',)),
        ("kind: paid\n    metadata: {a: " + "x" * 501 + "}", ("16: This text has 501 characters: 500 are the most.",)),
        (
            "kind: paid\n    base: team",
            ('16: The base of "team" leads back to it: let one of these plans stand by itself.',),
        ),
        ("kind: paid\n    base: more", ("16: A base plan is one of `plans`, and only a plan has one.",)),
        (
            "kind: paid\n    base: taem",
            ('16: There is no plan "taem". Did you mean "team"? Add it to `plans` or name another.',),
        ),
        ("kind: paid\n    includes: [app]", ("16: This is the plan's own product: take it out.",)),
        (
            "kind: paid\n    includes: [dogs]",
            ('16: There is no product "dogs". Did you mean "docs"? Add it to `products` or name another.',),
        ),
        (
            "kind: paid\n    addons: [moar]",
            ('16: There is no add-on "moar". Did you mean "more"? Add it to `addons` or name another.',),
        ),
        ("kind: paid\n    addons: [team]", ('16: "team" is a plan: only add-ons ride on a plan.',)),
        (
            "kind: paid\n    addons: [more, more]",
            ('16: There is another compatible add-on "more": give this one its own key.',),
        ),
    ],
)
def test_a_plan(lines: str, problems: tuple[str, ...]) -> None:
    assert refused(changed(KIND, f"    {lines}\n    prices:\n")) == problems


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        (
            "kind: free\n    rank: 3",
            (
                (
                    '25: "rank" is not known here. '
                    "Expected: name, product, kind, description, includes, prices, entitlements, metadata, "
                    "hidden, archived."
                ),
            ),
        ),
        (
            "kind: free\n    entitlements: {calls: {limit: 5, per_quantity: true}}",
            ("25: An add-on's limit always counts its own quantity: take it out.",),
        ),
        (
            "kind: free\n    entitlements: {calls: {limit: 5, behaviour: replaces}}",
            ('25: `behaviour` is one of: add, replace. Did you mean "replace"?',),
        ),
        ("kind: paid", ("21: A paid plan has prices: add `prices`, or make it free or custom.",)),
        ("kind: empty", ("24: An add-on that gives nothing is not needed: make it free, paid or custom.",)),
    ],
)
def test_an_add_on(lines: str, problems: tuple[str, ...]) -> None:
    kept = GOOD.partition("addons:\n")[0]

    assert refused(f"{kept}addons:\n  more:\n    name: More\n    product: app\n    {lines}\n") == problems


def test_an_add_on_is_of_a_product_that_the_plan_has_and_paid_like_it() -> None:
    content = changed(KIND, "    kind: paid\n    addons: [more]\n    prices:\n")
    other = content.replace("name: More\n    product: app", "name: More\n    product: docs").replace(
        "[{currency: usd, every: month, model", "[{currency: usd, every: year, model"
    )

    assert refused(other) == (
        '16: "more" is of the product "docs": add that to the plan\'s `includes`.',
        '16: No price of the add-on "more" has a currency and interval of the plan: add one.',
    )


def test_what_a_base_gives_must_be_in_reach_too() -> None:
    other = "  docs_team: {name: D, product: docs, kind: custom, base: team, entitlements: {seats: 3}}\n"
    content = changed(GIVES, GIVES + "      seats: 1\n").replace("addons:\n", other + "addons:\n")

    assert refused(content) == ('21: "seats" belongs to the product "app": add that to the plan\'s `includes`.',)
    assert refused(content.replace(", entitlements: {seats: 3}", "")) == (
        '21: It gives "seats" of the product "app": add that to the plan\'s `includes`.',
    )
