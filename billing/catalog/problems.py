"""Everything that is wrong with a catalog, found without looking anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.base_plans import with_base_plans
from billing.catalog.checks.entitlements import entitlement_problems
from billing.catalog.checks.features import feature_problems, product_problems
from billing.catalog.checks.plans import plan_problems
from billing.catalog.checks.price_sets import price_set_problems
from billing.catalog.checks.prices import price_problems
from billing.catalog.checks.texts import repeated
from billing.catalog.problem import Known, Problem, section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.values import Catalog

MOST_PRODUCTS = 200
MOST_FEATURES = 2_000
MOST_PLANS = 1_000


def problems(catalog: Catalog) -> tuple[Problem, ...]:
    """All of them, in the order of products, features and plans; none means that it may be published."""
    return tuple(each_problem(catalog))


def each_problem(catalog: Catalog) -> Iterator[Problem]:
    """The same, one after the other, for who stops at the first or after many."""
    sizes = tuple(_size_problems(catalog))
    yield from sizes
    if sizes:
        return
    known = _known(catalog)
    yield from repeated(((("products", each.key), each.key) for each in catalog.products), "product")
    yield from repeated(((("features", each.key), each.key) for each in catalog.features), "feature")
    yield from repeated((((section(each), each.key), each.key) for each in catalog.plans), "plan or add-on")
    for product in catalog.products:
        yield from product_problems(product, known)
    for feature in catalog.features:
        yield from feature_problems(feature, known)
    for plan in catalog.plans:
        yield from plan_problems(plan, known)
        yield from entitlement_problems(plan, known)
        for index in range(len(plan.prices)):
            yield from price_problems(plan, index, known)
        yield from price_set_problems(plan)


def _known(catalog: Catalog) -> Known:
    return Known(
        products={product.key: product for product in catalog.products},
        features={feature.key: feature for feature in catalog.features},
        plans={plan.key: plan for plan in catalog.plans},
        complete={plan.key: plan for plan in with_base_plans(catalog).plans},
    )


def _size_problems(catalog: Catalog) -> Iterator[Problem]:
    counted = (
        ("products", len(catalog.products), MOST_PRODUCTS),
        ("features", len(catalog.features), MOST_FEATURES),
        ("plans", len(catalog.plans), MOST_PLANS),
    )
    for name, count, most in counted:
        if count > most:
            yield Problem((name,), f"There are {count} {name}: {most} are the most.")
