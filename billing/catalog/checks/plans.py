"""What can be wrong with one plan or add-on, its prices taken together apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.catalog.base_plans import base_line
from billing.catalog.checks.texts import (
    MOST_DESCRIPTION,
    key_problems,
    metadata_problems,
    name_problems,
    repeated,
    text_problems,
)
from billing.catalog.problem import Problem, section, unknown
from billing.catalog.values import PlanKind, PriceUsage
from billing.instalments import FEWEST_INSTALMENTS, MOST_INSTALMENTS, AccessAfterCompletion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.catalog.problem import Known, Path
    from billing.catalog.values import PlanDef

MOST_PRICES = 100
MOST_TRIAL_DAYS = 730
MOST_RANK = 1_000_000


def plan_problems(plan: PlanDef, known: Known) -> Iterator[Problem]:
    """Its texts, numbers, and the products, base plan and add-ons that it names."""
    path = (section(plan), plan.key)
    yield from key_problems(path, plan.key)
    yield from name_problems(path, plan.name)
    yield from text_problems((*path, "description"), plan.description, MOST_DESCRIPTION)
    yield from metadata_problems((*path, "metadata"), plan.metadata)
    yield from _product_problems(path, plan, known)
    yield from _number_problems(path, plan)
    yield from _instalment_problems(path, plan)
    if plan.base is not None:
        yield from _base_problems((*path, "base"), plan, plan.base, known)
    yield from _compatible_problems((*path, "addons"), plan, known)
    if plan.is_add_on and plan.kind is PlanKind.EMPTY:
        yield Problem((*path, "kind"), "An add-on that gives nothing is not needed: make it free, paid or custom.")
    prices = (((*path, "prices", index, "key"), price.key) for index, price in enumerate(plan.prices))
    yield from repeated(prices, "price")


def _product_problems(path: Path, plan: PlanDef, known: Known) -> Iterator[Problem]:
    if plan.product not in known.products:
        yield unknown((*path, "product"), "products", plan.product, known.products)
    includes = (*path, "includes")
    yield from repeated((((*includes, index), key) for index, key in enumerate(plan.includes)), "included product")
    for index, key in enumerate(plan.includes):
        if key not in known.products:
            yield unknown((*includes, index), "products", key, known.products)
        elif key == plan.product:
            yield Problem((*includes, index), "This is the plan's own product: take it out.")


def _number_problems(path: Path, plan: PlanDef) -> Iterator[Problem]:
    if not -MOST_RANK <= plan.rank <= MOST_RANK:
        yield Problem((*path, "rank"), f"A rank is a whole number from -{MOST_RANK} to {MOST_RANK}.")
    if not 0 <= plan.trial_days <= MOST_TRIAL_DAYS:
        yield Problem((*path, "trial_days"), f"A trial has 0 to {MOST_TRIAL_DAYS} days.")
    if plan.trial_days and (plan.is_add_on or plan.kind is not PlanKind.PAID):
        yield Problem((*path, "trial_days"), "Only a paid plan has a trial: take it out.")
    if len(plan.prices) > MOST_PRICES:
        yield Problem((*path, "prices"), f"There are {len(plan.prices)} prices: {MOST_PRICES} are the most.")


def _instalment_problems(path: Path, plan: PlanDef) -> Iterator[Problem]:
    """Instalments are a sum that is known beforehand: what is measured, and what can come and go, is no part of it."""
    count = plan.instalments
    if count and not FEWEST_INSTALMENTS <= count <= MOST_INSTALMENTS:
        message = f"There are {FEWEST_INSTALMENTS} to {MOST_INSTALMENTS} instalments, or none (0)."
        yield Problem((*path, "instalments"), message)
    if count and (plan.is_add_on or plan.kind is not PlanKind.PAID):
        yield Problem((*path, "instalments"), "Only a paid plan has instalments: take it out.")
    if count and any(price.usage is PriceUsage.METERED for price in plan.prices):
        yield Problem((*path, "instalments"), "Instalments pay a fixed sum: take out the metered prices.")
    if count and plan.add_ons:
        yield Problem((*path, "addons"), "A plan that is paid in instalments takes no add-ons.")
    if not count and plan.access_after_completion is AccessAfterCompletion.END:
        yield Problem((*path, "access_after_completion"), "Only what is paid in instalments is completed: take it out.")


def _base_problems(path: Path, plan: PlanDef, key: str, known: Known) -> Iterator[Problem]:
    base = known.plans.get(key)
    if base is None:
        yield unknown(path, "plans", key, known.plans)
    elif base.is_add_on != plan.is_add_on:
        yield Problem(path, "A base plan is one of `plans`, and only a plan has one.")
    elif base_line(plan, known.plans)[-1].base == plan.key:
        yield Problem(path, f'The base of "{plan.key}" leads back to it: let one of these plans stand by itself.')
    else:
        yield from _copied_problems(path, plan, known)


def _copied_problems(path: Path, plan: PlanDef, known: Known) -> Iterator[Problem]:
    """What is copied from the base may be given by this plan too."""
    own = {given.feature for given in plan.entitlements}
    for given in known.complete[plan.key].entitlements:
        feature = known.features.get(given.feature)
        if given.feature in own or feature is None or feature.product in (None, plan.product, *plan.includes):
            continue
        message = f'It gives "{feature.key}" of the product "{feature.product}": add that to the plan\'s `includes`.'
        yield Problem(path, message)


def _compatible_problems(path: Path, plan: PlanDef, known: Known) -> Iterator[Problem]:
    if plan.is_add_on and plan.add_ons:
        yield Problem(path, "An add-on takes no add-ons: list it at the plans that take it.")
    yield from repeated((((*path, index), key) for index, key in enumerate(plan.add_ons)), "compatible add-on")
    for index, key in enumerate(plan.add_ons):
        add_on = known.plans.get(key)
        if add_on is None:
            yield unknown((*path, index), "addons", key, (each.key for each in known.plans.values() if each.is_add_on))
        elif not add_on.is_add_on:
            yield Problem((*path, index), f'"{key}" is a plan: only add-ons ride on a plan.')
        else:
            yield from _riding_problems((*path, index), plan, add_on)


def _riding_problems(path: Path, plan: PlanDef, add_on: PlanDef) -> Iterator[Problem]:
    """An add-on is of the plan's product or of an included one, and can be paid as the plan is."""
    if add_on.product not in (plan.product, *plan.includes):
        yield Problem(path, f'"{add_on.key}" is of the product "{add_on.product}": add that to the plan\'s `includes`.')
    if plan.kind is not PlanKind.PAID or add_on.kind is not PlanKind.PAID:
        return
    sold = {(price.currency, price.interval) for price in add_on.prices}
    offered = {(price.currency, price.interval) for price in plan.prices}
    if sold.isdisjoint(offered):
        message = f'No price of the add-on "{add_on.key}" has a currency and interval of the plan: add one.'
        yield Problem(path, message)
