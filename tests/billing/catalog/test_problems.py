"""What is wrong with catalogs that come as values; the cases of files are in tests/plangate/catalog."""

from __future__ import annotations

from dataclasses import replace

from billing.calendar import Interval, IntervalUnit
from billing.catalog.problem import Problem
from billing.catalog.problems import problems
from billing.catalog.values import Catalog, EntitlementDef, FeatureDef, PlanDef, PlanKind, PriceDef, PriceUsage
from billing.entitlements.sources import AddOnBehaviour, Aggregation, ConfigType, FeatureKind


def _with_free(catalog: Catalog, free: PlanDef) -> Catalog:
    return replace(catalog, plans=(free, *catalog.plans[1:]))


def test_nothing_is_wrong_with_a_good_catalog(catalog: Catalog) -> None:
    assert problems(catalog) == ()


def test_an_empty_catalog_may_be_published() -> None:
    assert problems(Catalog()) == ()


def test_keys_are_given_once(catalog: Catalog) -> None:
    free, team, extra = catalog.plans
    twice = Catalog(
        (*catalog.products, *catalog.products),
        (*catalog.features, catalog.features[0]),
        (free, team, extra, replace(team, add_ons=("team",)), replace(extra, key="team")),
    )

    assert problems(twice)[:4] == (
        Problem(("products", "app"), 'There is another product "app": give this one its own key.'),
        Problem(("features", "calls"), 'There is another feature "calls": give this one its own key.'),
        Problem(("plans", "team"), 'There is another plan or add-on "team": give this one its own key.'),
        Problem(("addons", "team"), 'There is another plan or add-on "team": give this one its own key.'),
    )


def test_an_entitlement_is_given_once(catalog: Catalog) -> None:
    free = catalog.plans[0]
    twice = replace(free, entitlements=(*free.entitlements, free.entitlements[0]))

    assert problems(_with_free(catalog, twice)) == (
        Problem(
            ("plans", "free", "entitlements", "calls"),
            'There is another entitlement of "calls": give this one its own key.',
        ),
    )


def test_settings_fit_the_kind_of_the_feature(catalog: Catalog) -> None:
    wrong = FeatureDef(
        "wrong",
        "",
        FeatureKind.BOOLEAN,
        product="nosuch",
        unit="km",
        scale=2,
        aggregation=Aggregation.MAX,
        config_type=ConfigType.NUMBER,
        allowed_values=("1",),
    )
    path = ("features", "wrong")

    assert problems(replace(catalog, features=(*catalog.features, wrong))) == (
        Problem((*path, "name"), "Give it a name that people can read."),
        Problem(
            (*path, "product"),
            'There is no product "nosuch". Add it to `products` or name another.',
            ("products", "nosuch"),
        ),
        Problem((*path, "unit"), "Only metered features have `unit`: take it out, or make the feature metered."),
        Problem((*path, "scale"), "Only metered features have `scale`: take it out, or make the feature metered."),
        Problem(
            (*path, "aggregation"),
            "Only metered features have `aggregation`: take it out, or make the feature metered.",
        ),
        Problem((*path, "type"), "Only config features have a `type`: take it out, or make the feature config."),
        Problem((*path, "values"), "Only a config feature of type enum has `values`: take them out."),
    )


def test_an_entitlement_fits_the_kind_of_its_feature(catalog: Catalog) -> None:
    free = replace(
        catalog.plans[0],
        entitlements=(
            EntitlementDef("sso", limit=5, value="x", behaviour=AddOnBehaviour.REPLACE),
            EntitlementDef("calls", granted=False, value=1, limit=-1, priority=-1),
        ),
    )
    sso, calls = ("plans", "free", "entitlements", "sso"), ("plans", "free", "entitlements", "calls")

    assert problems(_with_free(catalog, free)) == (
        Problem((*sso, "limit"), "Only metered features have `limit`; this one is boolean."),
        Problem((*sso, "value"), "Only config features have a value; this one is boolean."),
        Problem((*sso, "behaviour"), "Only an add-on has a behaviour: take it out."),
        Problem(calls, "Only a boolean feature is given or not given: leave this entitlement out."),
        Problem((*calls, "value"), "Only config features have a value; this one is metered."),
        Problem((*calls, "limit"), "A limit is zero or more and at most 2^62 units of the feature's last decimal."),
        Problem((*calls, "priority"), "A priority is 0 to 1000; the lower one burns first."),
    )


def test_texts_can_be_stored(catalog: Catalog) -> None:
    free = replace(
        catalog.plans[0],
        name="a\x00b",
        description="\ud800",
        metadata=(("k" * 41, "v"), ("k", "v" * 501), ("", "x")),
        trial_days=3,
        rank=10**7,
    )
    path = ("plans", "free")

    assert problems(_with_free(catalog, free)) == (
        Problem((*path, "name"), "This text has a control character or half a surrogate pair: take it out."),
        Problem((*path, "description"), "This text has a control character or half a surrogate pair: take it out."),
        Problem((*path, "metadata", "k" * 41), "A metadata key has 1 to 40 characters; this one has 41."),
        Problem((*path, "metadata", "k"), "This text has 501 characters: 500 are the most."),
        Problem((*path, "metadata", ""), "A metadata key has 1 to 40 characters; this one has 0."),
        Problem((*path, "rank"), "A rank is a whole number from -1000000 to 1000000."),
        Problem((*path, "trial_days"), "Only a paid plan has a trial: take it out."),
    )


def test_a_price_recurs_in_days_weeks_months_or_years(catalog: Catalog) -> None:
    free, team, extra = catalog.plans
    often = PriceDef("often", "USD", Interval(IntervalUnit.HOUR), unit_amount=10**9)
    rarely = PriceDef("rarely", "EUR", Interval(IntervalUnit.YEAR, 11), unit_amount=10**9)
    message = "A price recurs every day, week, month or year; at most every 366 days, 156 weeks, 120 months, 10 years."

    assert problems(replace(catalog, plans=(free, replace(team, prices=(*team.prices, often, rarely)), extra))) == (
        Problem(("plans", "team", "prices", 1, "every"), message),
        Problem(("plans", "team", "prices", 2, "every"), message),
    )


def test_a_plan_that_refers_to_nothing_says_what_is_missing(catalog: Catalog) -> None:
    price = PriceDef("x", "USD", Interval(IntervalUnit.MONTH), usage=PriceUsage.METERED, feature="nosuch")
    lost = PlanDef("lost", "nosuch", "Lost", PlanKind.PAID, base="nosuch", add_ons=("nosuch",), prices=(price,))

    assert [found.missing for found in problems(replace(catalog, plans=(*catalog.plans, lost)))] == [
        ("products", "nosuch"),
        ("plans", "nosuch"),
        ("addons", "nosuch"),
        ("features", "nosuch"),
        None,
        None,
        ("prices", "lost"),
    ]


def test_too_many_things_are_not_looked_at_one_by_one(catalog: Catalog) -> None:
    many = replace(catalog, plans=tuple(replace(catalog.plans[0], key=f"p{number}") for number in range(1001)))

    assert problems(many) == (Problem(("plans",), "There are 1001 plans: 1000 are the most."),)
