"""A catalog that is written and read is the same catalog, whatever the order and the shorthand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.calendar import Interval, IntervalUnit
from billing.catalog.digest import digest
from billing.catalog.problems import problems
from billing.catalog.values import (
    Catalog,
    EntitlementDef,
    FeatureDef,
    PlanDef,
    PlanKind,
    PriceDef,
    PriceModel,
    PriceUsage,
    ProductDef,
    TierDef,
)
from billing.entitlements.sources import (
    AddOnBehaviour,
    Aggregation,
    ConfigType,
    FeatureKind,
    Json,
    ResetAnchor,
    ResetEvery,
)
from billing.instalments import AccessAfterCompletion
from plangate.catalog.reading import parse_catalog
from plangate.catalog.writing import catalog_text
from tests.plangate.catalog.writing import written

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"), max_size=20)
NAMES = TEXTS.filter(lambda text: text.strip() != "")
AMOUNTS = st.integers(0, 2**62)

VALUES: SearchStrategy[Json] = st.recursive(
    st.booleans() | st.integers(-(10**6), 10**6) | st.sampled_from([0.5, 99.9, -1.25]) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)

FEATURES = (
    FeatureDef("calls", "Calls", FeatureKind.METERED, unit="calls", thresholds=(50, 120)),
    FeatureDef("gb", "Storage", FeatureKind.METERED, unit="GB", scale=3, aggregation=Aggregation.MAX, product="app"),
    FeatureDef("sso", "Single sign-on", FeatureKind.BOOLEAN, "One login."),
    FeatureDef("help", "Help", FeatureKind.CONFIG, config_type=ConfigType.ENUM, allowed_values=("mail", "24", "true")),
    FeatureDef("size", "Size", FeatureKind.CONFIG, config_type=ConfigType.NUMBER),
    FeatureDef("extra", "Extra", FeatureKind.CONFIG, config_type=ConfigType.JSON),
)

METERED = st.builds(
    EntitlementDef,
    feature=st.just("gb"),
    limit=st.none() | AMOUNTS,
    hard=st.booleans(),
    reset=st.sampled_from(ResetEvery),
    reset_anchor=st.sampled_from(ResetAnchor),
    priority=st.integers(0, 1000),
)
GIVEN = st.tuples(
    METERED,
    st.builds(EntitlementDef, feature=st.just("sso"), granted=st.booleans()),
    st.builds(EntitlementDef, feature=st.just("help"), value=st.sampled_from(FEATURES[3].allowed_values)),
    st.builds(EntitlementDef, feature=st.just("size"), value=st.integers(-5, 5) | st.just(0.25)),
    st.builds(EntitlementDef, feature=st.just("extra"), value=VALUES),
).flatmap(lambda all_of: st.lists(st.sampled_from(all_of), unique_by=lambda each: each.feature).map(tuple))

INTERVALS = st.builds(
    Interval,
    st.sampled_from([IntervalUnit.DAY, IntervalUnit.WEEK, IntervalUnit.MONTH, IntervalUnit.YEAR]),
    st.integers(1, 10),
)
LICENSED = st.builds(
    PriceDef,
    key=st.just("licensed"),
    currency=st.just("USD"),
    interval=INTERVALS,
    model=st.just(PriceModel.PER_UNIT),
    unit_amount=st.integers(1, 2**62),
)
TIERS = st.lists(st.integers(1, 10**9), unique=True, max_size=4).flatmap(
    lambda ends: st.tuples(
        *(st.builds(TierDef, up_to=st.just(end), unit_amount=AMOUNTS) for end in sorted(ends)),
        st.builds(TierDef, up_to=st.none(), unit_amount=st.integers(1, 10**12), flat_amount=st.just(5 * 10**9)),
    )
)
METERED_PRICE = st.builds(
    PriceDef,
    key=st.just("metered"),
    currency=st.just("USD"),
    interval=st.just(Interval(IntervalUnit.DAY)),
    model=st.sampled_from([PriceModel.TIERED_GRADUATED, PriceModel.TIERED_VOLUME]),
    usage=st.just(PriceUsage.METERED),
    feature=st.just("calls"),
    tiers=TIERS,
)
CALLS = EntitlementDef("calls", limit=100, hard=False, reset=ResetEvery.MONTH)

PLANS = st.builds(
    PlanDef,
    key=st.just("team"),
    product=st.just("app"),
    name=NAMES,
    kind=st.just(PlanKind.PAID),
    description=TEXTS,
    includes=st.just(("docs",)),
    rank=st.integers(-(10**6), 10**6),
    add_ons=st.sampled_from([(), ("more",)]),
    base=st.none() | st.just("free"),
    trial_days=st.integers(0, 730),
    prices=st.tuples(LICENSED, METERED_PRICE),
    entitlements=GIVEN.map(lambda given: (CALLS, *given)),
    metadata=st.dictionaries(NAMES, TEXTS, max_size=3).map(lambda pairs: tuple(pairs.items())),
    hidden=st.booleans(),
)


def shop(team: PlanDef) -> Catalog:
    """A whole catalog around a plan."""
    more = PlanDef(
        "more",
        "docs",
        "More",
        PlanKind.PAID,
        is_add_on=True,
        prices=(replace(team.prices[0], key="p"),),
        entitlements=(EntitlementDef("calls", limit=5, behaviour=AddOnBehaviour.REPLACE),),
    )
    free = PlanDef("free", "app", "Free", PlanKind.FREE, entitlements=(EntitlementDef("sso"),))
    return Catalog((ProductDef("app", "App", "It.", "free"), ProductDef("docs", "Docs")), FEATURES, (free, team, more))


def test_instalments_are_written_and_read() -> None:
    price = PriceDef("p", "USD", Interval(IntervalUnit.MONTH), unit_amount=10**9)
    course = PlanDef("course", "app", "Course", PlanKind.PAID, prices=(price,), instalments=3)
    for after in AccessAfterCompletion:
        catalog = Catalog((ProductDef("app", "App"),), plans=(replace(course, access_after_completion=after),))

        assert problems(catalog) == ()
        assert parse_catalog(written(catalog)) == catalog
        assert parse_catalog(catalog_text(catalog).encode()) == catalog


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_what_is_written_is_read(team: PlanDef) -> None:
    catalog = shop(team)

    assert problems(catalog) == ()
    assert parse_catalog(written(catalog)) == catalog
    assert parse_catalog(catalog_text(catalog).encode()) == catalog
    assert parse_catalog(catalog_text(catalog, as_json=True).encode()) == catalog


@settings(max_examples=20, deadline=None)
@given(st.permutations(list(range(6))), st.permutations(["name", "product", "kind", "rank"]))
def test_the_order_of_keys_in_a_file_changes_no_digest(order: list[int], names: list[str]) -> None:
    features = "".join(f"  {FEATURES[at].key}: {{name: x, kind: boolean}}\n" for at in order)
    given = "".join(f"      {FEATURES[at].key}: true\n" for at in order)
    values = {"name": "Team", "product": "app", "kind": "custom", "rank": "2"}
    plan = "".join(f"    {name}: {values[name]}\n" for name in names)
    head = "products:\n  app: {name: App}\ncatalog: 1\n"
    file = f"{head}features:\n{features}plans:\n  team:\n{plan}    entitlements:\n{given}"

    assert digest(parse_catalog(file.encode())) == "ad9a8a0ed05a0f6d35ace2a9a054a699d25e721eb08256e16e5763f484bfbaf4"


def test_shorthand_says_what_the_full_form_says() -> None:
    head = """
catalog: 1
products: {app: {name: App}}
features:
  calls: {name: Calls, kind: metered, scale: 2}
  help: {name: Help, kind: config, type: enum, values: [mail, phone]}
plans:
  team:
    name: Team
    product: app
    kind: custom
    entitlements:
"""
    short = head + "      calls: 1.5\n      help: mail\n"
    full = head + "      calls: {limit: 1.50, hard: true, reset: never}\n      help: {value: mail}\n"

    assert parse_catalog(short.encode()) == parse_catalog(full.encode())
    assert parse_catalog(short.encode()).plans[0].entitlements == (
        EntitlementDef("calls", limit=150),
        EntitlementDef("help", value="mail"),
    )
